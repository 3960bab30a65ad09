import type { IntQueue } from "../../kernel/containers/int-queue.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/** Most receipts that can be open at once: one for each receive whose messages are hidden. */
const receiptsMax = 65_536;
/** Uses of a slot after which receipt numbers come round, so that they stay within 31 bits. */
const serialsPerSlotDefault = 32_768;

const messageColumns = {
  request: "int32",
  next: "int32",
  receiveCount: "int32",
  sentUs: "float64",
} as const;

const groupColumns = [
  "first",
  "last",
  "length",
  "hidden",
  "heldBy",
  "nextHeld",
  "isReady",
  "isBlocked",
] as const;

const receiptColumns = {
  /** Number of the receipt while it is open, else `none`. */
  serial: "int32",
  firstGroup: "int32",
  messageCount: "int32",
} as const;

export interface MessageStoreOptions {
  readonly id: string;
  readonly groupCount: number;
  readonly messagesMax: number;
  /** Most messages handed out by one receive. */
  readonly batchMax: number;
  /** Stores whose receipts share one range of numbers, so that each may use a part of it. One when left out. */
  readonly sharers?: number;
  /** Where a message goes that was received so often; nowhere when left out. */
  readonly deadLetter?: { readonly receivesMax: number; readonly take: (request: number) => void };
}

/**
 * Messages of a FIFO queue by group, in order. A group hands out its messages from the front; while some of them
 * are hidden behind a receipt, the rest of the group waits.
 *
 *   group:   [hidden behind a receipt ...][waiting ...]        ready = has messages and is not held by a receipt
 */
export class MessageStore {
  readonly #kernel: Kernel;
  readonly #options: MessageStoreOptions;
  readonly #serialsPerSlot: number;
  readonly #messages;
  readonly #receipts;
  readonly #group: Record<(typeof groupColumns)[number], Int32Array>;
  readonly #ready: IntQueue;
  /** [receipts handed out by number, messages visible, messages hidden, redeliveries] */
  readonly #totals: Int32Array;

  constructor(kernel: Kernel, options: MessageStoreOptions) {
    const { id, groupCount, messagesMax } = options;
    this.#kernel = kernel;
    this.#options = options;
    this.#serialsPerSlot = Math.floor(serialsPerSlotDefault / (options.sharers ?? 1));
    this.#messages = kernel.pool(`${id}.messages`, messageColumns, { slotsMax: messagesMax });
    this.#receipts = kernel.pool(`${id}.receipts`, receiptColumns, { slotsMax: receiptsMax });
    const column = (name: string) => kernel.int32Array(`${id}.group.${name}`, groupCount);
    this.#group = {
      first: column("first").fill(none),
      last: column("last").fill(none),
      length: column("length"),
      hidden: column("hidden"),
      heldBy: column("held-by").fill(none),
      nextHeld: column("next-held").fill(none),
      isReady: column("is-ready"),
      isBlocked: column("is-blocked"),
    };
    this.#ready = kernel.queue(`${id}.ready`, groupCount);
    this.#totals = kernel.int32Array(`${id}.totals`, 4);
  }

  get visibleCount(): number {
    return this.#totals[1]!;
  }

  get hiddenCount(): number {
    return this.#totals[2]!;
  }

  /** Groups that are in line to be handed out. */
  get readyGroupCount(): number {
    return this.#ready.length;
  }

  get hasReady(): boolean {
    this.#setDeadAside();
    return this.#ready.length > 0;
  }

  /** Appends a message to its group; false when the store is full. */
  append(request: number, group: number): boolean {
    const slot = this.#messages.alloc();
    if (slot === none) return false;
    const column = this.#messages.column;
    column.request[slot] = request;
    column.next[slot] = none;
    column.receiveCount[slot] = 0;
    column.sentUs[slot] = this.#kernel.nowUs;
    const last = this.#group.last[group]!;
    if (last === none) this.#group.first[group] = slot;
    else column.next[last] = slot;
    this.#group.last[group] = slot;
    this.#group.length[group] = this.#group.length[group]! + 1;
    this.#totals[1] = this.#totals[1]! + 1;
    this.#offer(group);
    return true;
  }

  /**
   * Hides up to `most` messages, as many as possible from one group before the next, and returns the serial number of
   * their receipt; `none` when no group is ready. `most` is a batch at most.
   */
  receive(most = this.#options.batchMax): number {
    this.#setDeadAside();
    if (this.#ready.length === 0) return none;
    const receipt = this.#receipts.alloc();
    if (receipt === none) return none;
    const serial = this.#totals[0]! * receiptsMax + receipt;
    this.#totals[0] = (this.#totals[0]! + 1) % this.#serialsPerSlot;
    const group = this.#group;
    let taken = 0;
    let previous = none;
    while (taken < most && this.#ready.length > 0) {
      const next = this.#ready.shift();
      const hidden = Math.min(group.length[next]!, most - taken);
      group.isReady[next] = 0;
      group.heldBy[next] = receipt;
      group.hidden[next] = hidden;
      group.nextHeld[next] = none;
      if (previous === none) this.#receipts.column.firstGroup[receipt] = next;
      else group.nextHeld[previous] = next;
      previous = next;
      taken += hidden;
      this.#countDelivery(next, hidden);
      this.#setDeadAside();
    }
    this.#receipts.column.serial[receipt] = serial;
    this.#receipts.column.messageCount[receipt] = taken;
    this.#totals[1] = this.#totals[1]! - taken;
    this.#totals[2] = this.#totals[2]! + taken;
    return serial;
  }

  /** A blocked group hands out nothing; what has been handed out can still be deleted. */
  setBlocked(group: number, blocked: boolean): void {
    this.#group.isBlocked[group] = blocked ? 1 : 0;
    if (!blocked) this.#offer(group);
  }

  /** Closes every receipt that is open, as if its time-out had passed. Returns the messages that can be received again. */
  revealAll(): number {
    let revealed = 0;
    for (let group = 0; group < this.#group.heldBy.length; group += 1) {
      const receipt = this.#group.heldBy[group]!;
      if (receipt !== none) revealed += this.reveal(this.#receipts.column.serial[receipt]!);
    }
    return revealed;
  }

  /** Removes the messages of a group that were appended after an instant, none of which may be hidden. Returns how many. */
  dropSince(group: number, sinceUs: number): number {
    const column = this.#messages.column;
    let kept = none;
    let slot = this.#group.first[group]!;
    while (slot !== none && column.sentUs[slot]! <= sinceUs) {
      kept = slot;
      slot = column.next[slot]!;
    }
    let dropped = 0;
    while (slot !== none) {
      const next = column.next[slot]!;
      this.#messages.free(slot);
      dropped += 1;
      slot = next;
    }
    if (kept === none) this.#group.first[group] = none;
    else column.next[kept] = none;
    this.#group.last[group] = kept;
    this.#group.length[group] = this.#group.length[group]! - dropped;
    this.#totals[1] = this.#totals[1]! - dropped;
    return dropped;
  }

  /** Whether the messages behind a receipt are still hidden by it. */
  isOpen(serial: number): boolean {
    return serial !== none && this.#receipts.column.serial[serial % receiptsMax] === serial;
  }

  /** Messages behind a receipt; 0 when it is no longer open. */
  countOf(serial: number): number {
    return this.isOpen(serial) ? this.#receipts.column.messageCount[serial % receiptsMax]! : 0;
  }

  /** Deliveries of messages that had been delivered before. */
  get redeliveredCount(): number {
    return this.#totals[3]!;
  }

  /** Writes the requests behind an open receipt, in order, into `out`, and returns how many there are. */
  readBatch(serial: number, out: Int32Array): number {
    const column = this.#messages.column;
    let count = 0;
    let group = this.#receipts.column.firstGroup[serial % receiptsMax]!;
    while (group !== none) {
      let slot = this.#group.first[group]!;
      for (let left = this.#group.hidden[group]!; left > 0; left -= 1) {
        out[count] = column.request[slot]!;
        count += 1;
        slot = column.next[slot]!;
      }
      group = this.#group.nextHeld[group]!;
    }
    return count;
  }

  /** Deletes the messages behind a receipt; false when it is no longer open. */
  delete(serial: number): boolean {
    if (!this.isOpen(serial)) return false;
    this.#totals[2] = this.#totals[2]! - this.#close(serial, true);
    return true;
  }

  /** The visibility time-out of a receipt has passed: its messages can be received again. Returns how many. */
  reveal(serial: number): number {
    if (!this.isOpen(serial)) return 0;
    const revealed = this.#close(serial, false);
    this.#totals[1] = this.#totals[1]! + revealed;
    this.#totals[2] = this.#totals[2]! - revealed;
    return revealed;
  }

  /** Microseconds since the oldest message, visible or hidden, was sent; 0 when the queue is empty. */
  oldestAgeUs(): number {
    let oldestUs = this.#kernel.nowUs;
    for (let group = 0; group < this.#group.first.length; group += 1) {
      const first = this.#group.first[group]!;
      if (first !== none) oldestUs = Math.min(oldestUs, this.#messages.column.sentUs[first]!);
    }
    return this.#kernel.nowUs - oldestUs;
  }

  /** Calls `visit` with the request of every message in the queue, group by group. */
  forEachRequest(visit: (request: number) => void): void {
    for (let group = 0; group < this.#group.first.length; group += 1) {
      let slot = this.#group.first[group]!;
      while (slot !== none) {
        visit(this.#messages.column.request[slot]!);
        slot = this.#messages.column.next[slot]!;
      }
    }
  }

  #countDelivery(group: number, count: number): void {
    const column = this.#messages.column;
    let slot = this.#group.first[group]!;
    for (let left = count; left > 0; left -= 1) {
      if (column.receiveCount[slot]! > 0) this.#totals[3] = this.#totals[3]! + 1;
      column.receiveCount[slot] = column.receiveCount[slot]! + 1;
      slot = column.next[slot]!;
    }
  }

  #close(serial: number, deleting: boolean): number {
    const receipt = serial % receiptsMax;
    const count = this.#receipts.column.messageCount[receipt]!;
    let group = this.#receipts.column.firstGroup[receipt]!;
    while (group !== none) {
      const nextHeld = this.#group.nextHeld[group]!;
      if (deleting) this.#dropHidden(group);
      this.#group.heldBy[group] = none;
      this.#group.hidden[group] = 0;
      this.#offer(group);
      group = nextHeld;
    }
    this.#receipts.column.serial[receipt] = none;
    this.#receipts.free(receipt);
    return count;
  }

  #dropHidden(group: number): void {
    const hidden = this.#group.hidden[group]!;
    let slot = this.#group.first[group]!;
    for (let left = hidden; left > 0; left -= 1) {
      const next = this.#messages.column.next[slot]!;
      this.#messages.free(slot);
      slot = next;
    }
    this.#group.first[group] = slot;
    if (slot === none) this.#group.last[group] = none;
    this.#group.length[group] = this.#group.length[group]! - hidden;
  }

  /** Takes groups that were blocked, or emptied, since they were offered off the head of the line. */
  #dropBlocked(): void {
    const { isReady, isBlocked, length } = this.#group;
    while (this.#ready.length > 0) {
      const first = this.#ready.at(0);
      if (isBlocked[first] === 0 && length[first]! > 0) return;
      isReady[first] = 0;
      this.#ready.shift();
    }
  }

  /**
   * Sets aside what stands at the head of the line and was received too often. Messages are handed out from the front of their group, so
   * none behind has been received more often than one before it.
   */
  #setDeadAside(): void {
    this.#dropBlocked();
    const { deadLetter } = this.#options;
    if (deadLetter === undefined) return;
    const { request, receiveCount, next } = this.#messages.column;
    const { first, last, length } = this.#group;
    while (this.#ready.length > 0) {
      const group = this.#ready.at(0);
      let slot = first[group]!;
      while (slot !== none && receiveCount[slot]! >= deadLetter.receivesMax) {
        deadLetter.take(request[slot]!);
        const following = next[slot]!;
        this.#messages.free(slot);
        length[group] = length[group]! - 1;
        this.#totals[1] = this.#totals[1]! - 1;
        slot = following;
      }
      first[group] = slot;
      if (slot !== none) return;
      last[group] = none;
      this.#dropBlocked();
    }
  }

  #offer(group: number): void {
    const { isReady, isBlocked, heldBy, length } = this.#group;
    if (isReady[group] === 1 || isBlocked[group] === 1) return;
    if (heldBy[group] !== none || length[group] === 0) return;
    isReady[group] = 1;
    this.#ready.push(group);
  }
}

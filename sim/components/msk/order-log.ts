import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { partitionWithin } from "../fabric/partition-law.ts";
import { MessageStore } from "../sqs-fifo/message-store.ts";

const pendingColumns = {
  request: "int32",
  frame: "int32",
  generation: "int32",
  next: "int32",
} as const;

export interface OrderLogOptions {
  readonly id: string;
  readonly partitionCount: number;
  /** Consumers that share out the partitions: partition p belongs to consumer p mod consumers. */
  readonly consumerCount: number;
  readonly fetchRecordsMax: number;
  readonly recordsMax: number;
}

/**
 * The topic of orders: for each partition what is committed and some consumer has yet to commit its reading of, and
 * behind it what a leader has and not all of its in-sync followers. Only the former can be read, and only the latter is
 * lost when another broker takes the lead.
 *
 *   partition:  [read, not committed by the consumer ...][committed ...][pending ...]
 */
export class OrderLog {
  readonly consumerCount: number;
  readonly #options: OrderLogOptions;
  /** By consumer; a group is one of its partitions. */
  readonly #stores: readonly MessageStore[];
  readonly #pending;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #pendingCount: Int32Array;

  constructor(kernel: Kernel, options: OrderLogOptions) {
    const { id, partitionCount, consumerCount } = options;
    this.#options = options;
    this.consumerCount = consumerCount;
    this.#stores = Array.from(
      { length: consumerCount },
      (_, consumer) =>
        new MessageStore(kernel, {
          id: `${id}.orders-${consumer}`,
          groupCount: Math.ceil((partitionCount - consumer) / consumerCount),
          messagesMax: options.recordsMax,
          batchMax: options.fetchRecordsMax,
          sharers: consumerCount,
        }),
    );
    this.#pending = kernel.pool(`${id}.pending`, pendingColumns, { slotsMax: options.recordsMax });
    this.#first = kernel.int32Array(`${id}.pending-first`, partitionCount).fill(none);
    this.#last = kernel.int32Array(`${id}.pending-last`, partitionCount).fill(none);
    this.#pendingCount = kernel.int32Array(`${id}.pending-count`, 1);
  }

  /** Partition of a symbol. A consumer's partitions together are the symbols of its engine. */
  partitionOf(symbol: number): number {
    return partitionWithin("symbol", symbol, this.#options.partitionCount);
  }

  consumerOf(partition: number): number {
    return partition % this.consumerCount;
  }

  store(consumer: number): MessageStore {
    return this.#stores[consumer]!;
  }

  /** Records that some follower in sync does not have. */
  get pendingCount(): number {
    return this.#pendingCount[0]!;
  }

  hasPending(partition: number): boolean {
    return this.#first[partition] !== none;
  }

  /** Records that can be read or are being read. */
  get unreadCount(): number {
    let count = 0;
    for (const store of this.#stores) count += store.visibleCount + store.hiddenCount;
    return count;
  }

  get redeliveredCount(): number {
    let count = 0;
    for (const store of this.#stores) count += store.redeliveredCount;
    return count;
  }

  oldestAgeUs(): number {
    let oldest = 0;
    for (const store of this.#stores) oldest = Math.max(oldest, store.oldestAgeUs());
    return oldest;
  }

  /** A record that all replicas in sync have; false when there is no room for it. */
  commit(partition: number, request: number): boolean {
    return this.#storeOf(partition).append(request, this.#groupOf(partition));
  }

  /** A record that only the leader has for certain; `frame` waits for the others (`none`: its sender was told). */
  addPending(partition: number, request: number, frame: number, generation: number): boolean {
    const slot = this.#pending.alloc();
    if (slot === none) return false;
    const { column } = this.#pending;
    column.request[slot] = request;
    column.frame[slot] = frame;
    column.generation[slot] = generation;
    column.next[slot] = none;
    const last = this.#last[partition]!;
    if (last === none) this.#first[partition] = slot;
    else column.next[last] = slot;
    this.#last[partition] = slot;
    this.#pendingCount[0] = this.#pendingCount[0]! + 1;
    return true;
  }

  /**
   * Takes the pending records of a partition, in order; each is committed or lost by what `take` makes of it. Returns how
   * many of them no call waits for (frame `none`).
   */
  settlePending(
    partition: number,
    take: (request: number, frame: number, generation: number) => void,
  ): number {
    const { request, frame, generation, next } = this.#pending.column;
    let slot = this.#first[partition]!;
    let unheard = 0;
    this.#first[partition] = none;
    this.#last[partition] = none;
    while (slot !== none) {
      const after = next[slot]!;
      const [one, two, three] = [request[slot]!, frame[slot]!, generation[slot]!];
      this.#pending.free(slot);
      this.#pendingCount[0] = this.#pendingCount[0]! - 1;
      if (two === none) unheard += 1;
      take(one, two, three);
      slot = after;
    }
    return unheard;
  }

  /** The pending record of a partition that has been there longest can be read from now on. */
  commitFirst(partition: number): void {
    const slot = this.#first[partition]!;
    const { request, next } = this.#pending.column;
    const [taken, after] = [request[slot]!, next[slot]!];
    this.#first[partition] = after;
    if (after === none) this.#last[partition] = none;
    this.#pending.free(slot);
    this.#pendingCount[0] = this.#pendingCount[0]! - 1;
    this.commit(partition, taken);
  }

  setReadable(partition: number, readable: boolean): void {
    this.#storeOf(partition).setBlocked(this.#groupOf(partition), !readable);
  }

  /** Forgets what was committed to a partition after an instant. Its consumer must fetch again what it had under way. */
  truncate(partition: number, keptUs: number): number {
    const store = this.#storeOf(partition);
    store.revealAll();
    return store.dropSince(this.#groupOf(partition), keptUs);
  }

  /** Calls `visit` with every request that can be read, is being read, or was told to its sender as taken. */
  forEachRequest(visit: (request: number) => void): void {
    for (const store of this.#stores) store.forEachRequest(visit);
    const { request, frame, next } = this.#pending.column;
    for (const first of this.#first) {
      for (let slot = first; slot !== none; slot = next[slot]!) {
        if (frame[slot] === none) visit(request[slot]!);
      }
    }
  }

  #storeOf(partition: number): MessageStore {
    return this.#stores[this.consumerOf(partition)]!;
  }

  #groupOf(partition: number): number {
    return Math.floor(partition / this.consumerCount);
  }
}

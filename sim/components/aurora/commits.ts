import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import type { GroupParameters } from "./aurora-parameters.ts";
import type { DatabaseGroup } from "./database-group.ts";

/** Most commits that wait for the volume at once. */
const commitsMax = 32_768;

const columns = {
  frame: "int32",
  generation: "int32",
  member: "int32",
  /** Epoch of the instance when the commit began. */
  epoch: "int32",
  data: "int32",
  itemCount: "int32",
  /** When the redo leaves the instance; before that it dies with it. */
  leavesUs: "float64",
  beganUs: "float64",
} as const;

/** Told of every commit at the instant at which it is durable, whether or not the caller will ever hear of it. */
export type DurableListener = (data: number, itemCount: number) => void;

/** Totals of the commits so far. */
const total = { durable: 0, waitedUs: 1, unheard: 2, fenced: 3 } as const;

/**
 * Commits on their way to the volume. The frame is answered when a quorum has the redo. When the instance dies in
 * between, the redo that had left it is on the volume all the same: nobody acknowledges it, and it is there after
 * the failover. That is what "in doubt" means.
 *
 *   worked -> log buffer -> redo leaves -> quorum: durable -> answer
 *             dies with the instance      survives it
 */
export class Commits {
  readonly #fabric: Fabric;
  readonly #group: DatabaseGroup;
  readonly #parameters: GroupParameters;
  readonly #pool;
  readonly #totals: Float64Array;
  readonly #number: Int32Array;
  /** When each member last failed, microseconds. */
  readonly #failedUs: Float64Array;
  readonly #flushDraw;
  readonly #listeners: DurableListener[] = [];
  readonly #begin: HandlerId;
  readonly #due: HandlerId;

  constructor(fabric: Fabric, group: DatabaseGroup, id: string, parameters: GroupParameters) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.#group = group;
    this.#parameters = parameters;
    this.#pool = kernel.pool(`${id}.commits`, columns, { slotsMax: commitsMax });
    this.#totals = kernel.float64Array(`${id}.commit-totals`, Object.keys(total).length);
    this.#number = kernel.int32Array(`${id}.commit-number`, 1);
    this.#failedUs = kernel.float64Array(`${id}.member-failed-us`, group.memberCount).fill(-1);
    this.#flushDraw = kernel.keyed(`${id}.log-flush`);
    this.#begin = kernel.handler(`${id}.commit-sent`, (slot) => this.#send(slot));
    this.#due = kernel.handler(`${id}.commit-due`, (slot) => this.#settle(slot));
  }

  /** Registers at assembly who is told of durable commits. */
  whenDurable(listener: DurableListener): void {
    this.#listeners.push(listener);
  }

  /** Starts a commit of the frame after `delayUs`; false when no more can wait. The frame stays parked. */
  start(frame: number, member: number, delayUs: number): boolean {
    const { kernel, calls, instances } = this.#fabric;
    const slot = this.#pool.alloc();
    if (slot === none) return false;
    const column = this.#pool.column;
    column.frame[slot] = frame;
    column.generation[slot] = calls.generationOf(frame);
    column.member[slot] = member;
    column.epoch[slot] = instances.epoch[this.#group.instances[member]!]!;
    column.data[slot] = calls.dataOf(frame);
    column.itemCount[slot] = calls.itemCountOf(frame);
    column.beganUs[slot] = kernel.nowUs;
    column.leavesUs[slot] = Number.POSITIVE_INFINITY;
    if (delayUs > 0) kernel.schedule(delayUs, this.#begin, slot);
    else this.#send(slot);
    return true;
  }

  /** An instance has failed at this instant; redo that has left it goes on, the rest is gone. */
  instanceFailed(member: number): void {
    this.#failedUs[member] = this.#fabric.kernel.nowUs;
  }

  get durableCount(): number {
    return this.#totals[total.durable]!;
  }

  /** Durable commits whose instance died before it could answer. */
  get unheardCount(): number {
    return this.#totals[total.unheard]!;
  }

  /** Commits that the volume refused because another writer had been promoted. */
  get fencedCount(): number {
    return this.#totals[total.fenced]!;
  }

  /** Microseconds that durable commits have waited in all. */
  get waitedUs(): number {
    return this.#totals[total.waitedUs]!;
  }

  get waitingCount(): number {
    return this.#pool.usedCount;
  }

  #send(slot: number): void {
    const { kernel } = this.#fabric;
    const column = this.#pool.column;
    const member = column.member[slot]!;
    if (this.#hasDied(slot)) {
      this.#pool.free(slot);
      return;
    }
    this.#number[0] = (this.#number[0]! + 1) | 0;
    const number = this.#number[0]!;
    const quorumUs = this.#group.volume.commitUs(this.#group.zones[member]!, number);
    if (quorumUs === none) {
      // Without a quorum the redo stays where it is until there is one again.
      kernel.schedule(this.#parameters.stallRetryUs.value, this.#begin, slot);
      return;
    }
    const flushUs = this.#flushDraw.uniform(number, 0, 0) * this.#parameters.logFlushUs.value;
    column.leavesUs[slot] = kernel.nowUs + flushUs;
    kernel.schedule(Math.round(flushUs + quorumUs), this.#due, slot);
  }

  #settle(slot: number): void {
    const { kernel, calls } = this.#fabric;
    const { frame, generation, member, beganUs } = this.#pool.column;
    if (this.#hasDied(slot) && this.#failedUs[member[slot]!]! < this.#pool.column.leavesUs[slot]!) {
      this.#pool.free(slot);
      return;
    }
    if (this.#group.writer !== member[slot]) {
      this.#add(total.fenced, 1);
      this.#pool.free(slot);
      calls.complete(frame[slot]!, generation[slot]!, outcome.unavailable);
      return;
    }
    if (!this.#group.volume.hasWriteQuorum(this.#group.volume.poweredCount())) {
      // Segments have died under way: the writer, if it lives, sends again when it can.
      kernel.schedule(this.#parameters.stallRetryUs.value, this.#begin, slot);
      return;
    }
    this.#add(total.durable, 1);
    this.#add(total.waitedUs, kernel.nowUs - beganUs[slot]!);
    if (this.#hasDied(slot)) this.#add(total.unheard, 1);
    const { data, itemCount } = this.#pool.column;
    for (const listener of this.#listeners) listener(data[slot]!, itemCount[slot]!);
    this.#pool.free(slot);
    calls.complete(frame[slot]!, generation[slot]!, outcome.ok);
  }

  /** Whether the instance has failed, or was restarted, since the commit began. */
  #hasDied(slot: number): boolean {
    const { member, epoch } = this.#pool.column;
    const instance = this.#group.instances[member[slot]!]!;
    return this.#fabric.instances.epoch[instance] !== epoch[slot];
  }

  #add(what: number, amount: number): void {
    this.#totals[what] = this.#totals[what]! + amount;
  }
}

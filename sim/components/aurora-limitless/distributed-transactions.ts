import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";

/** Most transactions that routers have open at once. */
const transactionsMax = 65_536;

const columns = {
  frame: "int32",
  generation: "int32",
  router: "int32",
  /** Shards whose answer is outstanding, and shards that have said no. */
  left: "int32",
  failed: "int32",
  phase: "uint8",
  /** Number that keys its draws. */
  number: "int32",
} as const;

const phase = { single: 0, preparing: 1, committing: 2 } as const;

const total = { acrossShards: 0, rolledBack: 1, inDoubt: 2 } as const;

/** Sites of the calls that a router makes to a shard. */
export interface ShardCalls {
  readonly read: number;
  readonly write: number;
  readonly prepare: number;
  readonly commit: number;
}

/** Rows that a statement has in a shard, by the shard's number; 0 for shards that it does not touch. */
export type RowsByShard = (frame: number) => Int32Array;

/**
 * What routers are in the middle of. A statement for one shard is handed on and committed there, in one step. One for several is
 * prepared in all of them, durably; when all have said yes it is decided, and then committed in each; until the last has confirmed,
 * the client waits. A shard that says no has the others roll back. A router that dies leaves what was prepared in doubt.
 *
 *   one shard:       router -> write                  -> answer
 *   several shards:  router -> prepare in all -> decided -> commit in all -> answer
 */
export class DistributedTransactions {
  readonly #fabric: Fabric;
  readonly #rowsByShard: RowsByShard;
  readonly #commitRetryUs: number;
  readonly #pool;
  readonly #totals: Float64Array;
  readonly #number: Int32Array;
  readonly #again: HandlerId;
  #calls!: ShardCalls;

  constructor(
    fabric: Fabric,
    options: {
      readonly id: string;
      readonly commitRetryUs: number;
      readonly rowsByShard: RowsByShard;
    },
  ) {
    const { kernel } = fabric;
    const { id } = options;
    this.#fabric = fabric;
    this.#rowsByShard = options.rowsByShard;
    this.#commitRetryUs = options.commitRetryUs;
    this.#pool = kernel.pool(`${id}.transactions`, columns, { slotsMax: transactionsMax });
    this.#totals = kernel.float64Array(`${id}.transaction-totals`, Object.keys(total).length);
    this.#number = kernel.int32Array(`${id}.transaction-number`, 1);
    this.#again = kernel.handler(`${id}.commit-again`, (slot, generation, shard) => {
      if (this.#pool.generation[slot] !== generation) return;
      const router = this.#pool.column.router[slot]!;
      // A hung router tells nobody anything; its restart clears what it was in the middle of.
      if (fabric.instances.column.status[router] !== status.up) return;
      this.#call(slot, this.#calls.commit, shard, 1);
    });
  }

  /** Assembly only. */
  connect(calls: ShardCalls): void {
    this.#calls = calls;
  }

  get openCount(): number {
    return this.#pool.usedCount;
  }

  /** Transactions over several shards so far. */
  get acrossShardsCount(): number {
    return this.#totals[total.acrossShards]!;
  }

  get rolledBackCount(): number {
    return this.#totals[total.rolledBack]!;
  }

  /** Transactions whose router died when a shard may have prepared them. */
  get inDoubtCount(): number {
    return this.#totals[total.inDoubt]!;
  }

  /** Takes a statement that a router has planned; false when no more can be open. The frame stays parked. */
  begin(frame: number, router: number, writes: boolean): boolean {
    const { calls } = this.#fabric;
    const slot = this.#pool.alloc();
    if (slot === none) return false;
    const column = this.#pool.column;
    this.#number[0] = (this.#number[0]! + 1) | 0;
    column.frame[slot] = frame;
    column.generation[slot] = calls.generationOf(frame);
    column.router[slot] = router;
    column.failed[slot] = 0;
    column.number[slot] = this.#number[0]!;
    const rows = this.#rowsByShard(frame);
    const isDivided = writes && touchedBy(rows) > 1;
    column.phase[slot] = isDivided ? phase.preparing : phase.single;
    if (isDivided) this.#add(total.acrossShards);
    const single = writes ? this.#calls.write : this.#calls.read;
    this.#callAll(slot, isDivided ? this.#calls.prepare : single, rows);
    return true;
  }

  /** A shard has answered a conversation of a router, or has not. */
  resumed(conversation: number, result: number): void {
    const { calls, kernel } = this.#fabric;
    const slot = calls.dataOf(conversation);
    const shard = calls.noteOf(conversation);
    const column = this.#pool.column;
    calls.endActor(conversation);
    if (column.phase[slot] === phase.committing && result !== outcome.ok) {
      // It has been decided: the shard is told until it has heard.
      kernel.schedule(this.#commitRetryUs, this.#again, slot, this.#pool.generation[slot]!, shard);
      return;
    }
    if (result !== outcome.ok) column.failed[slot] = column.failed[slot]! + 1;
    column.left[slot] = column.left[slot]! - 1;
    if (column.left[slot]! > 0) return;
    if (column.phase[slot] !== phase.preparing) {
      this.#end(slot, column.failed[slot] === 0 ? outcome.ok : result);
    } else if (column.failed[slot]! > 0) {
      this.#add(total.rolledBack);
      this.#end(slot, outcome.unavailable);
    } else {
      column.phase[slot] = phase.committing;
      this.#callAll(slot, this.#calls.commit, this.#rowsByShard(column.frame[slot]!));
    }
  }

  /** A router is gone, with its conversations. */
  routerLost(router: number): void {
    const column = this.#pool.column;
    for (let slot = 0; slot < this.#pool.slotsTouched; slot += 1) {
      if (!this.#pool.isUsed(slot) || column.router[slot] !== router) continue;
      if (column.phase[slot] !== phase.single) this.#add(total.inDoubt);
      this.#pool.free(slot);
    }
  }

  #callAll(slot: number, site: number, rows: Int32Array): void {
    const generation = this.#pool.generation[slot]!;
    this.#pool.column.left[slot] = touchedBy(rows);
    for (let shard = 0; shard < rows.length; shard += 1) {
      if (rows[shard]! === 0) continue;
      // A call that can't even be sent ends at once, and may end the transaction.
      if (this.#pool.generation[slot] !== generation) return;
      this.#call(slot, site, shard, rows[shard]!);
    }
  }

  /** One conversation of the router with a shard. */
  #call(slot: number, site: number, shard: number, rows: number): void {
    const { calls } = this.#fabric;
    const { router, number } = this.#pool.column;
    const conversation = calls.startActor(router[slot]!, slot);
    calls.setNote(conversation, shard);
    calls.callAsActor(conversation, site, number[slot]!, shard, rows);
  }

  #end(slot: number, result: number): void {
    const { frame, generation } = this.#pool.column;
    const [endedFrame, itsGeneration] = [frame[slot]!, generation[slot]!];
    this.#pool.free(slot);
    this.#fabric.calls.complete(endedFrame, itsGeneration, result);
  }

  #add(what: number): void {
    this.#totals[what] = this.#totals[what]! + 1;
  }
}

/** Shards that a statement has rows in. */
function touchedBy(rows: Int32Array): number {
  let count = 0;
  for (const each of rows) if (each > 0) count += 1;
  return count;
}

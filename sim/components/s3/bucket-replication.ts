import { assert } from "../../kernel/assert.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId, KeyedStream } from "../../kernel/kernel.ts";
import { ln } from "../../kernel/math/ln.ts";
import { normalQuantile } from "../../kernel/math/normal-quantile.ts";
import { none } from "../../kernel/none.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { placesTalk, replicationDelayUs } from "../fabric/region-homes.ts";

/** How long what can't leave waits before it tries again. Assumption: a second, well below the usual time. */
const retryUs = 1_000_000;

/** Objects that can be on their way at once: a bound of the simulation, beyond which the run stops. */
const objectsMax = 4_000_000;

const columns = { storedUs: "float64", megabytes: "int32" } as const;

const cell = { replicated: 0, megabytes: 1, pendingMegabytes: 2, draws: 3 } as const;

/** When so large a part of the objects has arrived, microseconds. */
export interface ReplicationTimes {
  readonly p50Us: number;
  readonly later: { readonly share: number; readonly us: number };
}

/**
 * Objects of a bucket in another region on their way into this one. Each takes a time of its own, as the service's queues have it, and
 * leaves then, if the regions talk; else once they do. What had not left when the other region went dark is not here.
 *
 *   stored there --lognormal time--> leaves, or waits until the regions talk --> here
 */
export class BucketReplication {
  readonly #fabric: Fabric;
  readonly #pool;
  /** Objects in the order in which they were stored, with their generations: the first that is open is the oldest. */
  readonly #orderSlots;
  readonly #orderGenerations;
  readonly #cells: Float64Array;
  readonly #times: QuantileTable;
  readonly #draws: KeyedStream;
  readonly #due: HandlerId;
  readonly #zones: readonly number[];
  readonly #from: () => readonly number[];

  constructor(
    fabric: Fabric,
    options: {
      readonly id: string;
      readonly times: ReplicationTimes;
      readonly zones: readonly number[];
      readonly from: () => readonly number[];
    },
  ) {
    const { kernel } = fabric;
    const { id, times } = options;
    this.#fabric = fabric;
    this.#zones = options.zones;
    this.#from = options.from;
    this.#pool = kernel.pool(`${id}.replication`, columns, { slotsMax: objectsMax });
    this.#orderSlots = kernel.queue(`${id}.replication-slots`, objectsMax * 2);
    this.#orderGenerations = kernel.queue(`${id}.replication-generations`, objectsMax * 2);
    this.#cells = kernel.float64Array(`${id}.replicated`, Object.keys(cell).length);
    this.#times = compileQuantiles({
      kind: "lognormal",
      median: times.p50Us,
      sigma: ln(times.later.us / times.p50Us) / normalQuantile(times.later.share),
    });
    this.#draws = kernel.keyed(`${id}.replication-time`);
    this.#due = kernel.handler(`${id}.replication-due`, (slot, generation, isLate) => {
      if (this.#pool.generation[slot] === generation) this.#leave(slot, isLate === 1);
    });
  }

  /** An object is durable in the other bucket. */
  stored(megabytes: number): void {
    const { kernel } = this.#fabric;
    const slot = this.#pool.alloc();
    assert(
      slot !== none,
      () => `more than ${objectsMax} objects are on their way to another bucket`,
    );
    this.#pool.column.storedUs[slot] = kernel.nowUs;
    this.#pool.column.megabytes[slot] = megabytes;
    this.#cells[cell.pendingMegabytes] = this.#cells[cell.pendingMegabytes]! + megabytes;
    const generation = this.#pool.generation[slot]!;
    this.#orderSlots.push(slot);
    this.#orderGenerations.push(generation);
    const number = (this.#cells[cell.draws]! + 1) | 0;
    this.#cells[cell.draws] = number;
    const afterUs = Math.round(this.#draws.draw(this.#times, number, none, 0));
    kernel.schedule(afterUs, this.#due, slot, generation, 0);
  }

  /** Objects that are there and not here. */
  get pendingCount(): number {
    return this.#pool.usedCount;
  }

  get pendingMegabytes(): number {
    return this.#cells[cell.pendingMegabytes]!;
  }

  /** Microseconds since the oldest of them was stored; 0 when there is none. */
  get oldestAgeUs(): number {
    const slot = this.#orderSlots.peek();
    return slot === none ? 0 : this.#fabric.kernel.nowUs - this.#pool.column.storedUs[slot]!;
  }

  channels(): readonly Channel[] {
    const channel = (
      name: string,
      unit: string,
      kind: Channel["kind"],
      read: () => number,
    ): Channel => ({ name, unit, kind, read });
    return [
      channel("objects not yet replicated", "objects", "level", () => this.pendingCount),
      channel("not yet replicated", "MB", "level", () => this.pendingMegabytes),
      channel("age of the oldest not replicated", "s", "level", () => this.oldestAgeUs / 1_000_000),
      channel("objects replicated", "objects", "count", () => this.#cells[cell.replicated]!),
      channel("replicated", "MB", "count", () => this.#cells[cell.megabytes]!),
    ];
  }

  #leave(slot: number, isLate: boolean): void {
    const { kernel, zones } = this.#fabric;
    const from = this.#from();
    const lateUs = replicationDelayUs(zones, from, this.#zones);
    const generation = this.#pool.generation[slot]!;
    if (!placesTalk(zones, from, this.#zones) || lateUs === Number.POSITIVE_INFINITY) {
      kernel.schedule(retryUs, this.#due, slot, generation, isLate ? 1 : 0);
      return;
    }
    if (lateUs > 0 && !isLate) {
      kernel.schedule(lateUs, this.#due, slot, generation, 1);
      return;
    }
    const megabytes = this.#pool.column.megabytes[slot]!;
    const cells = this.#cells;
    cells[cell.replicated] = cells[cell.replicated]! + 1;
    cells[cell.megabytes] = cells[cell.megabytes]! + megabytes;
    cells[cell.pendingMegabytes] = cells[cell.pendingMegabytes]! - megabytes;
    this.#pool.free(slot);
    this.#forgetClosed();
  }

  #forgetClosed(): void {
    while (this.#orderSlots.length > 0) {
      const slot = this.#orderSlots.peek();
      if (this.#pool.generation[slot] === this.#orderGenerations.peek()) return;
      this.#orderSlots.shift();
      this.#orderGenerations.shift();
    }
  }
}

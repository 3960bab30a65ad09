import type { HandlerId } from "../../kernel/kernel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { placesTalk, replicationDelayUs } from "../fabric/region-homes.ts";

const cell = {
  /** Writes of other regions on their way here. */
  notArrived: 0,
  /** Writes of other regions that met a later one here, and are gone. */
  overwritten: 1,
  /** Writes of other regions that have arrived. */
  replicated: 2,
} as const;

/** The table that holds the sessions. */
export interface SessionTable {
  readonly id: string;
  /** Its number among the components. */
  readonly component: number;
  /** Zones of its hosts. */
  readonly zones: readonly number[];
  readonly userCount: number;
  /** Microseconds for which a session lasts. */
  readonly sessionUs: number;
  /** Microseconds until a write is in another region's table, as a rule. */
  readonly globalLagUs: number;
}

/**
 * Who is logged in, and until when. In a global table a log-in reaches the other regions after a lag, and waits while
 * they don't talk; of two sessions of one user the later wins.
 */
export class Sessions {
  readonly #fabric: Fabric;
  readonly #table: SessionTable;
  readonly #endsUs: Float64Array;
  readonly #cells: Float64Array;
  readonly #replicated: HandlerId;
  /** Tables of other regions that hear of sessions. Filled at assembly. */
  readonly #replicas: Sessions[] = [];

  /** At the start every user has a session of an age drawn for it. */
  constructor(fabric: Fabric, table: SessionTable) {
    const { kernel } = fabric;
    const { id, userCount, sessionUs } = table;
    this.#fabric = fabric;
    this.#table = table;
    this.#endsUs = kernel.float64Array(`${id}.session-ends-us`, userCount);
    const warm = kernel.keyed(`${id}.warm-sessions`);
    for (let user = 0; user < userCount; user += 1) {
      this.#endsUs[user] = Math.floor(warm.uniform(user, 0, 0) * sessionUs);
    }
    this.#cells = kernel.float64Array(`${id}.session-replication`, Object.keys(cell).length);
    this.#replicated = kernel.handler(`${id}.replicated`, (user, from, endsMs) =>
      this.#arrived(user, from, endsMs),
    );
  }

  /** Makes one global table of two: each hears of the other's sessions. Assembly only. */
  joinTableOf(other: Sessions): void {
    other.#replicas.push(this);
    this.#replicas.push(other);
    // What was written before the run has long arrived.
    this.#endsUs.set(other.#endsUs);
  }

  /** Whether a user has a session that has not ended. */
  isLoggedIn(user: number): boolean {
    return this.#endsUs[user]! > this.#fabric.kernel.nowUs;
  }

  logIn(user: number): void {
    const { kernel, zones } = this.#fabric;
    const { component, sessionUs, globalLagUs } = this.#table;
    const endsUs = kernel.nowUs + sessionUs;
    this.#endsUs[user] = endsUs;
    const endsMs = Math.floor(endsUs / 1000);
    for (const other of this.#replicas) {
      other.#count(cell.notArrived, 1);
      const lateUs = replicationDelayUs(zones, this.#table.zones, other.#table.zones);
      // What can't leave is asked for again on arrival, once a lag.
      const afterUs = lateUs === Number.POSITIVE_INFINITY ? globalLagUs : globalLagUs + lateUs;
      kernel.schedule(afterUs, other.#replicated, user, component, endsMs);
    }
  }

  /** Ends a user's session now. */
  end(user: number): void {
    this.#endsUs[user] = 0;
  }

  /** Writes of other regions that have not arrived: what this table lacks if they are lost now. */
  get notArrivedCount(): number {
    return this.#cells[cell.notArrived]!;
  }

  /** Writes of other regions that a later write here has overwritten. */
  get overwrittenCount(): number {
    return this.#cells[cell.overwritten]!;
  }

  /** Writes of other regions that have arrived, also those that a later one here has overwritten. */
  get replicatedCount(): number {
    return this.#cells[cell.replicated]!;
  }

  /** What another region wrote arrives, or waits until the regions talk; the later session wins. */
  #arrived(user: number, from: number, endsMs: number): void {
    const { kernel, zones } = this.#fabric;
    const here = this.#table.zones;
    const source = this.#replicas.find((each) => each.#table.component === from)!.#table.zones;
    const isStopped = replicationDelayUs(zones, source, here) === Number.POSITIVE_INFINITY;
    if (isStopped || !placesTalk(zones, source, here)) {
      kernel.schedule(this.#table.globalLagUs, this.#replicated, user, from, endsMs);
      return;
    }
    this.#count(cell.notArrived, -1);
    this.#count(cell.replicated, 1);
    if (this.#endsUs[user]! > endsMs * 1000) this.#count(cell.overwritten, 1);
    else this.#endsUs[user] = endsMs * 1000;
  }

  #count(what: number, by: number): void {
    this.#cells[what] = this.#cells[what]! + by;
  }
}

import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { leaseUsOf } from "./matching-calls.ts";
import { role, type TaskActivities } from "./task-activities.ts";

const cell = {
  /** When the lease was last taken or renewed. */
  leasedUs: 0,
  /** When the books were last known to be served. */
  servedUs: 1,
} as const;

/** What is said of a lease when it is assembled. */
export interface LeaseOptions {
  /** Id of the matching service. */
  readonly id: string;
  /** Number of the lease in the table of leases. */
  readonly lease: number;
  readonly renewSeconds: number;
  readonly activities: () => TaskActivities;
}

/** The lease of the books: renewed in time, or their owner steps down. */
export class LeaseKeeping {
  readonly #fabric: Fabric;
  readonly #options: LeaseOptions;
  readonly #cells: Float64Array;
  /** Call site of a renewal. Assembly only. */
  #site!: number;
  /** For how long the store grants the lease. Assembly only. */
  #leaseUs!: number;

  constructor(fabric: Fabric, options: LeaseOptions) {
    this.#fabric = fabric;
    this.#options = options;
    this.#cells = fabric.kernel.float64Array(`${options.id}.lease`, Object.keys(cell).length);
  }

  /** Assembly only. */
  connect(site: number): void {
    this.#site = site;
    this.#leaseUs = leaseUsOf(this.#fabric, this.#options.id, site);
  }

  /** The store has just granted the lease. */
  taken(): void {
    this.#cells[cell.leasedUs] = this.#fabric.kernel.nowUs;
  }

  /** The books are served from now on, and the lease is renewed. Returns the microseconds for which nobody served them. */
  begin(): number {
    const { nowUs } = this.#fabric.kernel;
    const outageUs = nowUs - this.#cells[cell.servedUs]!;
    this.#cells[cell.servedUs] = nowUs;
    this.#renewLater(this.#options.activities().begin(role.keeper));
    return outageUs;
  }

  renew(actor: number): void {
    this.#options.activities().call(actor, this.#site, this.#options.lease, 1);
  }

  renewEnded(actor: number, result: number): void {
    const { nowUs } = this.#fabric.kernel;
    const activities = this.#options.activities();
    const heldUs = nowUs - this.#cells[cell.leasedUs]!;
    if (result === outcome.ok) {
      this.taken();
      this.#cells[cell.servedUs] = nowUs;
      this.#renewLater(actor);
    } else if (result === outcome.refused || heldUs >= this.#leaseUs) {
      activities.stepDown(activities.active);
    } else activities.retryLater(actor);
  }

  #renewLater(actor: number): void {
    this.#options.activities().wakeAfter(actor, this.#options.renewSeconds * 1000);
  }
}

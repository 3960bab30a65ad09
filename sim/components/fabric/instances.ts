import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/** What an instance can be, seen from outside the simulation; callers see only what it does to their calls. */
export const status = {
  /** Slot unused, or the instance ended in good order. */
  gone: 0,
  /** Launched, not serving yet. */
  starting: 1,
  up: 2,
  /** Serving what it has, taking nothing new from balancers. */
  draining: 3,
  /** Without power: silence. */
  dark: 4,
  /** Process gone, host there: connections are refused at once. */
  crashed: 5,
  /** Accepts work and never finishes it. */
  hung: 6,
} as const;

/** The manner in which an instance fails decides what its callers see. */
export type FailureManner = "power" | "crash" | "hang";

const columns = {
  component: "int32",
  zone: "int32",
  status: "uint8",
  /** Servers that work in parallel (vCPU, threads of an engine); 0 means a delay station without a waiting line. */
  serverCount: "int32",
  busyCount: "int32",
  waitingCount: "int32",
  waitingFirst: "int32",
  waitingLast: "int32",
  /** Most frames inside at once; more are turned away. */
  insideMax: "int32",
  insideCount: "int32",
  insideFirst: "int32",
  slowFactor: "float64",
  busyUs: "float64",
  busySinceUs: "float64",
  arrivedCount: "float64",
  startedUs: "float64",
  /** From when on the instance is paid for; negative while it is not. */
  billedFromUs: "float64",
  /** Sequence number of the event that put the instance into its present condition. */
  causeSeq: "int32",
  /** Two numbers for the component's own use. */
  role: "int32",
  tag: "int32",
} as const;

/** Every running copy of every component: tasks, nodes, zonal hosts of managed services. */
export class Instances {
  readonly column;
  /** Rises whenever the slot is taken or given back, so that a message to a former occupant is recognised. */
  readonly epoch: Int32Array;
  /** Rises only when the slot is taken: one that fails and comes back in its place is the same occupant. */
  readonly occupant: Int32Array;
  readonly slotsMax: number;
  /** Instances there are, and microseconds that must be added to their number times now for what is billed, by component. */
  readonly #billedCount: Float64Array;
  readonly #billedOffsetUs: Float64Array;
  readonly #pool;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, slotsMax: number) {
    this.#kernel = kernel;
    this.slotsMax = slotsMax;
    this.#pool = kernel.pool("instances", columns, { slotsMax });
    this.column = this.#pool.column;
    this.epoch = kernel.int32Array("instances.epoch", slotsMax);
    this.occupant = kernel.int32Array("instances.occupant", slotsMax);
    // There are never more components than there is room for instances.
    this.#billedCount = kernel.float64Array("instances.billed-count", slotsMax);
    this.#billedOffsetUs = kernel.float64Array("instances.billed-offset-us", slotsMax);
  }

  /** Slots from this on have never been an instance. */
  get slotsTouched(): number {
    return this.#pool.slotsTouched;
  }

  /** Takes a slot for a new instance with a fresh epoch. The caller says how it begins; it is paid for at once unless `isFree`. */
  create(options: {
    component: number;
    zone: number;
    status: number;
    serverCount: number;
    insideMax: number;
    causeSeq: number;
    isFree?: boolean;
  }): number {
    const slot = this.#pool.alloc();
    if (slot === none) {
      throw new RangeError(`all ${this.slotsMax} instance slots are taken; raise instancesMax`);
    }
    const column = this.column;
    column.component[slot] = options.component;
    column.zone[slot] = options.zone;
    column.status[slot] = options.status;
    this.epoch[slot] = this.epoch[slot]! + 1;
    this.occupant[slot] = this.occupant[slot]! + 1;
    column.serverCount[slot] = options.serverCount;
    column.busyCount[slot] = 0;
    column.waitingCount[slot] = 0;
    column.waitingFirst[slot] = none;
    column.waitingLast[slot] = none;
    column.insideMax[slot] = options.insideMax;
    column.insideCount[slot] = 0;
    column.insideFirst[slot] = none;
    column.slowFactor[slot] = 1;
    column.busyUs[slot] = 0;
    column.busySinceUs[slot] = this.#kernel.nowUs;
    column.arrivedCount[slot] = 0;
    column.startedUs[slot] = this.#kernel.nowUs;
    column.billedFromUs[slot] = -1;
    if (options.isFree !== true) this.billFromNow(slot);
    column.causeSeq[slot] = options.causeSeq;
    column.role[slot] = 0;
    column.tag[slot] = 0;
    return slot;
  }

  /** Gives the slot back; the epoch moves on, so that late messages to it are recognised. */
  release(slot: number): void {
    if (this.column.billedFromUs[slot]! >= 0) this.#bill(slot, -1);
    this.column.status[slot] = status.gone;
    this.epoch[slot] = this.epoch[slot]! + 1;
    this.#pool.free(slot);
  }

  /** An instance that was free is paid for from now on (Fargate: from the pull of its image). */
  billFromNow(slot: number): void {
    if (this.column.billedFromUs[slot]! >= 0) return;
    this.column.billedFromUs[slot] = this.#kernel.nowUs;
    this.#bill(slot, 1);
  }

  /**
   * Microseconds that instances of a component have been paid for up to now, summed over all of them: from creation (or
   * `billFromNow`) to release, whatever their condition. A dark or crashed instance is paid for until it is given up. It
   * never falls.
   */
  billedUs(component: number): number {
    return this.#billedCount[component]! * this.#kernel.nowUs + this.#billedOffsetUs[component]!;
  }

  /** An instance joins (1) or leaves (-1) those that are paid for. */
  #bill(slot: number, by: 1 | -1): void {
    const component = this.column.component[slot]!;
    this.#billedCount[component] = this.#billedCount[component]! + by;
    this.#billedOffsetUs[component] = this.#billedOffsetUs[component]! - by * this.#kernel.nowUs;
  }

  /** Adds the time worked up to now to `busyUs`; call before `busyCount` changes and before reading it. */
  account(slot: number): void {
    const column = this.column;
    const nowUs = this.#kernel.nowUs;
    column.busyUs[slot] =
      column.busyUs[slot]! + column.busyCount[slot]! * (nowUs - column.busySinceUs[slot]!);
    column.busySinceUs[slot] = nowUs;
  }

  /** Whether it takes part in serving: up, draining or hung (a hung one still accepts). */
  accepts(slot: number): boolean {
    const now = this.column.status[slot];
    return now === status.up || now === status.draining || now === status.hung;
  }
}

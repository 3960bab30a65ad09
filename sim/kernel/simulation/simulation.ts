import type { ArrivalProcess } from "../arrivals/arrival-process.ts";
import {
  type Columns,
  createKernel,
  type EventHandle,
  type Kernel,
  type KernelOptions,
  type RestoreRandom,
  type Stream,
} from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import { Batch, type BatchOptions } from "./batch.ts";
import { Buffer, type BufferOptions } from "./buffer.ts";
import { Entities } from "./entities.ts";
import { Facility } from "./facility.ts";
import type { FacilityOptions } from "./facility-options.ts";
import { Processes } from "./processes.ts";
import {
  type RequestHandle,
  Requests,
  type StepId,
  type StepRun,
  type Waiter,
} from "./requests.ts";
import { SharedFacility, type SharedFacilityOptions } from "./shared-facility.ts";
import { Signal } from "./signal.ts";
import { Store, type StoreOptions } from "./store.ts";

/** What a simulation is made from. */
export interface SimulationOptions extends KernelOptions {
  /** Most requests open at once, waiting or in service. Default 65,536. */
  readonly requestsMax?: number;
  /** Most simulated time in microseconds; looked at now and then during a run, which then stops with `kernel.time-max`. Default: no bound. */
  readonly timeUsMax?: number;
  /** Most bytes of state; looked at in the same way, and told as `kernel.state-bytes-max`. Default: no bound. */
  readonly stateBytesMax?: number;
}

/** How far a simulation runs. */
export interface RunOptions {
  /** Up to and including this instant, in microseconds. Default: until nothing is left to happen. */
  readonly untilUs?: number;
  /** Entities that still wait when nothing is left to happen are a mistake, or belong to the model. Default "refuse". */
  readonly waitingForever?: "refuse" | "allow";
  /** Asked every 65,536 events whether to go on: is wall time left, was nobody interrupting? Default: it goes on. */
  readonly goOn?: () => boolean;
}

/** Why a run ended: the instant asked for has come; nothing was left to happen; `goOn` said no, and it may be taken up again. */
export type RunEnd = "until" | "idle" | "stopped";

/** Events between two looks at the bytes of state, and two questions whether to go on. */
const lookEvery = 65_536;

/**
 * Entities that go from step to step and wait for facilities, buffers, stores, signals and batches. Steps are named and
 * entities are numbers, so that a snapshot holds the whole simulation. It is assembled first, and then run.
 */
export class Simulation {
  /** Time, chance, statistics and everything else below. */
  readonly kernel: Kernel;
  private readonly requests: Requests;
  private readonly stateBytesMax: number;
  private readonly timeUsMax: number;

  constructor(options: SimulationOptions) {
    this.kernel = createKernel(options);
    this.requests = new Requests(this.kernel, options.requestsMax ?? 65_536);
    this.stateBytesMax = options.stateBytesMax ?? Number.POSITIVE_INFINITY;
    this.timeUsMax = options.timeUsMax ?? Number.POSITIVE_INFINITY;
    if (!(this.timeUsMax >= 0 && this.stateBytesMax > 0)) {
      throw new KernelError({
        code: "kernel.budget",
        problem: `timeUsMax is ${this.timeUsMax} and stateBytesMax ${this.stateBytesMax}`,
        remedy: "Use numbers above 0, or leave them out",
      });
    }
  }

  /** Simulated time in whole microseconds. */
  get nowUs(): number {
    return this.kernel.nowUs;
  }

  /** Assembly: names a step, something that an entity does. */
  step(name: string, run: StepRun): StepId {
    return this.requests.step(name, run);
  }

  /** Assembly: a stream of chance of its own. */
  stream(name: string): Stream {
    return this.kernel.stream(name);
  }

  /** Assembly: entities of one kind. */
  entities<const C extends Columns>(
    name: string,
    columns: C,
    options: { readonly entitiesMax: number },
  ): Entities<C> {
    return new Entities(this.kernel, name, columns, options.entitiesMax);
  }

  /** Assembly: servers and the line before them. */
  facility(name: string, options: FacilityOptions = {}): Facility {
    return new Facility(this.kernel, this.requests, name, options);
  }

  /** Assembly: servers shared by everybody at once (processor sharing). */
  sharedFacility(name: string, options: SharedFacilityOptions = {}): SharedFacility {
    return new SharedFacility(this.kernel, this.requests, name, options);
  }

  /** Assembly: an amount of something. */
  buffer(name: string, options: BufferOptions = {}): Buffer {
    return new Buffer(this.kernel, this.requests, name, options);
  }

  /** Assembly: things with an identity. */
  store(name: string, options: StoreOptions): Store {
    return new Store(this.kernel, this.requests, name, options);
  }

  /** Assembly: something that entities wait for. */
  signal(name: string): Signal {
    return new Signal(this.kernel, this.requests, name);
  }

  /** Assembly: gathers entities. */
  batch(name: string, options: BatchOptions): Batch {
    return new Batch(this.kernel, this.requests, name, options);
  }

  /** Assembly: processes written as generators, for models that need no snapshot while one is under way. */
  processes(name: string): Processes {
    return new Processes(this.kernel, this.requests, name);
  }

  /**
   * Assembly: takes a step at each arrival, with 0, 1, 2, ... for its entity, `countMax` times at most. Throws
   * `kernel.arrival-process` for a process that cannot be, `kernel.step-unknown` for a step that nobody named.
   */
  arrivals(
    name: string,
    process: ArrivalProcess,
    step: StepId,
    options: { readonly countMax?: number } = {},
  ): void {
    const run = this.requests.runOf(step, name);
    const source = this.kernel.arrivals(name, process);
    const countMax = options.countMax ?? 2 ** 31;
    const { kernel } = this;
    const arrive = kernel.handler(`${name} arrives`, (count) => {
      const next = count + 1;
      const atUs = next < countMax ? source.nextUs() : none;
      if (atUs !== none) kernel.enter(atUs - kernel.nowUs, arrive, next, 0, 0);
      run(count, 0);
    });
    const firstUs = countMax > 0 ? source.nextUs() : none;
    if (firstUs !== none) kernel.scheduleAt(firstUs, arrive, 0);
  }

  /**
   * Takes a step after a delay in whole microseconds, 0 or more, after whatever is already due at that instant. Throws
   * `kernel.time` for other delays, `kernel.event-arguments` unless entity and value are whole numbers of 32 bits.
   */
  after(delayUs: number, step: StepId, entity = 0, value = 0): EventHandle {
    return this.kernel.schedule(delayUs, step, entity, value);
  }

  /** Takes a step at an instant in whole microseconds, not before now. Throws as `after` does. */
  at(atUs: number, step: StepId, entity = 0, value = 0): EventHandle {
    return this.kernel.scheduleAt(atUs, step, entity, value);
  }

  /** A step that `after` or `at` announced will not be taken; false when it was taken before. */
  cancelStep(event: EventHandle): boolean {
    return this.kernel.cancel(event);
  }

  /** Withdraws a request, waiting or in service; none of its steps is taken. False when it was no longer open. */
  cancel(request: RequestHandle): boolean {
    return this.requests.cancel(request);
  }

  /** Whether a request still waits, or is in service. */
  isOpen(request: RequestHandle): boolean {
    return this.requests.slotOf(request) !== none;
  }

  /** Who waits for what, by the order in which they asked. */
  waiting(): Waiter[] {
    return this.requests.waiters();
  }

  /**
   * Runs until an instant, or until nothing is left to happen: arrivals without `countMax`, repeating schedules and
   * breakdowns never end, so a model with those needs `untilUs`. Throws `kernel.deadlock` when nothing is left to happen
   * and entities still wait, and `kernel.events-max`, `kernel.time-max`, `kernel.state-bytes-max` when a budget is spent.
   */
  run(options: RunOptions = {}): RunEnd {
    const untilUs = options.untilUs ?? Number.POSITIVE_INFINITY;
    const hasBudget = Math.min(this.stateBytesMax, this.timeUsMax) !== Number.POSITIVE_INFINITY;
    if (!hasBudget && options.goOn === undefined) this.kernel.runUntil(untilUs);
    else if (!this.runWatched(untilUs, options.goOn)) return "stopped";
    if (this.nowUs > this.timeUsMax) this.refuseTimeMax();
    if (this.kernel.pendingCount > 0) return "until";
    if (options.waitingForever !== "allow") this.refuseDeadlock();
    return untilUs === Number.POSITIVE_INFINITY ? "idle" : "until";
  }

  /** Everything that decides the future, as one buffer that can be sent to another thread. */
  snapshot(): ArrayBuffer {
    return this.kernel.snapshot();
  }

  /** Replaces the state by a snapshot's, taken of the same assembly in the same version of the program. */
  restore(buffer: ArrayBuffer, random: RestoreRandom): void {
    this.kernel.restore(buffer, random);
  }

  /** Sixteen hexadecimal digits that depend on every event executed. */
  digest(): string {
    return this.kernel.digest();
  }

  /** False when it was stopped. */
  private runWatched(untilUs: number, goOn: (() => boolean) | undefined): boolean {
    while (this.kernel.runEvents(lookEvery, untilUs)) {
      if (this.nowUs > this.timeUsMax) this.refuseTimeMax();
      this.requireSmallState();
      if (goOn !== undefined && !goOn()) return false;
    }
    return true;
  }

  private requireSmallState(): void {
    if (this.stateBytesMax === Number.POSITIVE_INFINITY) return;
    const stateBytes = this.kernel.stateBytes();
    if (stateBytes > this.stateBytesMax) {
      throw new KernelError({
        code: "kernel.state-bytes-max",
        problem: `The state takes ${stateBytes} bytes of ${this.stateBytesMax} at ${this.nowUs} us`,
        remedy: "Raise stateBytesMax, bound the lines, or look for a load that cannot be served",
      });
    }
  }

  private refuseTimeMax(): never {
    throw new KernelError({
      code: "kernel.time-max",
      problem: `It is ${this.nowUs} us, and the budget of time ended at ${this.timeUsMax} us`,
      remedy: "Raise timeUsMax, run with an earlier untilUs, or look for arrivals that never end",
    });
  }

  private refuseDeadlock(): void {
    const waiters = this.requests.waiters();
    if (waiters.length === 0) return;
    const holders = this.requests.holders();
    const told = waiters.slice(0, 5).map(({ entity, waitsFor, next, sinceUs }) => {
      const held = holders.filter((each) => each.waitsFor === waitsFor).map((each) => each.entity);
      const by = held.length === 0 ? "" : `, held by entity ${held.slice(0, 5).join(" and ")}`;
      return `entity ${entity} waits for "${waitsFor}" since ${sinceUs} us to do "${next}"${by}`;
    });
    if (waiters.length > told.length) told.push(`and ${waiters.length - told.length} more`);
    throw new KernelError({
      code: "kernel.deadlock",
      problem: `Nothing is left to happen at ${this.nowUs} us, and ${waiters.length} wait: ${told.join("; ")}`,
      remedy:
        'Release what is held, ask for several things in one order, give the waiting a timeout, or run with waitingForever "allow"',
    });
  }
}

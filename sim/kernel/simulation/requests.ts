import type { Counter } from "../containers/counter.ts";
import type { EventHandle, HandlerId, Kernel } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import {
  numberAskedUs,
  numberSequence,
  numberShift,
  numberTimer,
  RequestRecords,
  recordShift,
  stateHolding,
  stateOutside,
  stateServing,
  stateWaiting,
  wishTimer,
  wordDone,
  wordEntity,
  wordOwner,
  wordState,
  wordTimedOut,
  wordWishes,
} from "./request-records.ts";

/** Names one request until it is granted, refused, cancelled or timed out: slot and generation in one exact double. */
export type RequestHandle = number;

/** Number of a named step: what an entity does next. It is told the entity, and a value where there is one. */
export type StepId = HandlerId;

/** What an entity does next. */
export type StepRun = (entity: number, value: number) => void;

/** The handle of no request: it was refused. */
export const noRequest: RequestHandle = none;

/** How long an entity is ready to wait, and behind how many. */
export interface Patience {
  /** Whole microseconds, 0 or more, after which a request that still waits is withdrawn. Default: it waits for ever. */
  readonly timeoutUs?: number;
  /** The step of an entity whose request was withdrawn by its timeout. Default: none. */
  readonly timedOut?: StepId;
  /** The entity balks when so many, or more, wait already. Default: it never does. */
  readonly balkAt?: number;
  /** The step of an entity that is turned away, or balks. Default: none. */
  readonly refused?: StepId;
}

/** What entities wait for: facilities, buffers, stores, signals, batches. */
export interface Waitable {
  /** The name it was assembled with. */
  readonly name: string;
  /** Requests that timed out. */
  readonly gaveUp: Counter;
  /**
   * Takes a request out of wherever it is; the request itself is closed by the caller.
   * @internal
   */
  withdraw(slot: number): void;
}

/** Where an entity may look at the line, and go. */
export interface Balkable {
  readonly name: string;
  /** Entities that balked. */
  readonly balked: Counter;
}

/** Who waits for what, for reports. */
export interface Waiter {
  /** Who waits. */
  readonly entity: number;
  /** The name of the facility, buffer, store, signal or batch. */
  readonly waitsFor: string;
  /** The step that it would take next. */
  readonly next: string;
  /** When it asked, in whole microseconds. */
  readonly sinceUs: number;
}

const slotSpan = 16_777_216;

/** Every open request of a simulation, with its timer. */
export class Requests {
  readonly records: RequestRecords;
  private readonly kernel: Kernel;
  private readonly expire: HandlerId;
  private readonly owners: Waitable[] = [];
  private readonly runs: StepRun[] = [];
  private readonly names: string[] = [];
  /** The sequence of requests. */
  private readonly count: Float64Array;

  constructor(kernel: Kernel, requestsMax: number) {
    if (!(requestsMax >= 1 && requestsMax <= slotSpan)) {
      throw new KernelError({
        code: "kernel.requests-max",
        problem: `requestsMax is ${requestsMax}`,
        remedy: `Use a whole number from 1 to ${slotSpan}`,
      });
    }
    this.kernel = kernel;
    this.records = new RequestRecords(requestsMax);
    kernel.register("simulation.requests", this.records);
    this.count = kernel.float64Array("simulation.requests made", 1);
    this.expire = kernel.handler("simulation.request times out", (slot) => {
      const { words } = this.records;
      const base = slot << recordShift;
      const entity = words[base | wordEntity]!;
      const timedOut = words[base | wordTimedOut]!;
      const owner = this.owners[words[base | wordOwner]!]!;
      words[base | wordWishes]! &= ~wishTimer;
      owner.gaveUp.add(1);
      owner.withdraw(slot);
      this.close(slot);
      this.continueWith(timedOut, entity, 0, owner.name);
    });
  }

  /** Assembly: gives whatever can be waited for its number. */
  own(owner: Waitable): number {
    return this.owners.push(owner) - 1;
  }

  /** Assembly: names a step. */
  step(name: string, run: StepRun): StepId {
    const step = this.kernel.handler(name, run);
    this.runs[step] = run;
    this.names[step] = name;
    return step;
  }

  /** A request's slot, filled with what every request has; its timer runs. */
  open(owner: number, entity: number, done: StepId, patience: Patience): number {
    if ((entity | 0) !== entity) this.refuseEntity(owner, entity);
    const { timeoutUs } = patience;
    if (timeoutUs !== undefined) this.requireTimeout(owner, timeoutUs);
    const { records } = this;
    const slot = records.alloc();
    if (slot < 0) this.refuseMore(owner);
    const { words, numbers } = records;
    const base = slot << recordShift;
    words[base | wordEntity] = entity;
    words[base | wordOwner] = owner;
    words[base | wordState] = stateWaiting;
    words[base | wordDone] = done;
    words[base | wordWishes] = 0;
    numbers[(slot << numberShift) | numberAskedUs] = this.kernel.nowUs;
    numbers[(slot << numberShift) | numberSequence] = this.count[0]!;
    this.count[0]! += 1;
    if (timeoutUs !== undefined) this.startTimer(slot, timeoutUs, patience.timedOut ?? none);
    return slot;
  }

  handleOf(slot: number): RequestHandle {
    return (this.records.generationOf(slot) + 1) * slotSpan + slot;
  }

  /** The slot of a request that is still open, or `none`. */
  slotOf(handle: RequestHandle): number {
    if (!(handle >= slotSpan)) return none;
    const slot = handle % slotSpan;
    if (!this.records.isUsed(slot)) return none;
    return this.handleOf(slot) === handle ? slot : none;
  }

  stopTimer(slot: number): void {
    const { words } = this.records;
    const place = (slot << recordShift) | wordWishes;
    if ((words[place]! & wishTimer) === 0) return;
    words[place]! &= ~wishTimer;
    this.kernel.cancel(this.records.numbers[(slot << numberShift) | numberTimer]!);
  }

  close(slot: number): void {
    const { records } = this;
    if ((records.words[(slot << recordShift) | wordWishes]! & wishTimer) !== 0)
      this.stopTimer(slot);
    records.free(slot);
  }

  /** Withdraws a request, waiting or in service; none of its steps is taken. False when it was no longer open. */
  cancel(handle: RequestHandle): boolean {
    const slot = this.slotOf(handle);
    if (slot === none) return false;
    this.owners[this.word(slot, wordOwner)]!.withdraw(slot);
    this.close(slot);
    return true;
  }

  /** Closes a waiting request whose wish is fulfilled; its entity goes on at this instant, after what is under way. */
  grant(slot: number, value: number): void {
    const entity = this.word(slot, wordEntity);
    const done = this.word(slot, wordDone);
    this.close(slot);
    this.proceed(done, entity, value);
  }

  /** The entity's next step as an event of its own, now, after everything that is already scheduled for now. */
  proceed(step: StepId, entity: number, value: number): EventHandle {
    return step === none ? none : this.kernel.schedule(0, step, entity, value);
  }

  /** A step after a delay, for those that know no kernel. */
  after(delayUs: number, step: StepId, entity: number): EventHandle {
    return this.kernel.schedule(delayUs, step, entity, 0);
  }

  /** The entity's next step within the running event, of which it must be the last act; `at` is who sends it on. */
  continueWith(step: StepId, entity: number, value: number, at: string): void {
    if (step === none) return;
    const run = this.runs[step];
    if (run === undefined) refuseStep(step, at);
    run(entity, value);
  }

  /** What a step does; refuses one that nobody named. Assembly, where a step is given long before it is taken. */
  runOf(step: StepId, at: string): StepRun {
    const run = this.runs[step];
    if (run === undefined) refuseStep(step, at);
    return run;
  }

  /** Whether an entity would rather go than join so many who wait already; it then goes, and is counted. */
  balks(entity: number, waiting: number, patience: Patience, at: Balkable): boolean {
    const balkAt = patience.balkAt;
    if (balkAt === undefined || waiting < balkAt) return false;
    if (!(balkAt >= 0)) refuseBalkAt(balkAt, at.name);
    at.balked.add(1);
    this.proceed(patience.refused ?? none, entity, 0);
    return true;
  }

  /** Entities that wait, by the order in which they asked. */
  waiters(): Waiter[] {
    return this.list((state) => state === stateWaiting || state === stateOutside);
  }

  /** Entities that hold or use something, by the order in which they asked for it. */
  holders(): Waiter[] {
    return this.list((state) => state === stateServing || state === stateHolding);
  }

  private list(belongs: (state: number) => boolean): Waiter[] {
    const { records } = this;
    const number = (slot: number, which: number) => records.numbers[(slot << numberShift) | which]!;
    const slots: number[] = [];
    let left = records.usedCount;
    for (let slot = 0; left > 0; slot += 1) {
      if (!records.isUsed(slot)) continue;
      left -= 1;
      if (belongs(this.word(slot, wordState))) slots.push(slot);
    }
    slots.sort((a, b) => number(a, numberSequence) - number(b, numberSequence));
    return slots.map((slot) => ({
      entity: this.word(slot, wordEntity),
      waitsFor: this.owners[this.word(slot, wordOwner)]!.name,
      next: this.names[this.word(slot, wordDone)] ?? "nothing",
      sinceUs: number(slot, numberAskedUs),
    }));
  }

  private word(slot: number, which: number): number {
    return this.records.words[(slot << recordShift) | which]!;
  }

  private startTimer(slot: number, timeoutUs: number, timedOut: StepId): void {
    if (timeoutUs === Number.POSITIVE_INFINITY) return;
    const { words, numbers } = this.records;
    const base = slot << recordShift;
    words[base | wordWishes]! |= wishTimer;
    words[base | wordTimedOut] = timedOut;
    numbers[(slot << numberShift) | numberTimer] = this.kernel.schedule(
      timeoutUs,
      this.expire,
      slot,
    );
  }

  private requireTimeout(owner: number, timeoutUs: number): void {
    if (timeoutUs >= 0 && Math.floor(timeoutUs) === timeoutUs) return;
    throw new KernelError({
      code: "kernel.timeout",
      problem: `A request was given a timeout of ${timeoutUs} us`,
      remedy: "Use a whole number of microseconds, 0 or more; round drawn durations with roundUs",
      at: this.owners[owner]!.name,
    });
  }

  private refuseEntity(owner: number, entity: number): never {
    throw new KernelError({
      code: "kernel.entity",
      problem: `Entity ${entity} asked`,
      remedy: "An entity is a whole number of 32 bits; keep what else is known of it in a column",
      at: this.owners[owner]!.name,
    });
  }

  private refuseMore(owner: number): never {
    const at = this.owners[owner]!.name;
    throw new KernelError({
      code: "kernel.requests-max",
      problem: `All ${this.records.slotsMax} requests are open`,
      remedy: "Raise requestsMax, bound the lines, or look for a load that cannot be served",
      at,
    });
  }
}

function refuseStep(step: StepId, at: string): never {
  throw new KernelError({
    code: "kernel.step-unknown",
    problem: `There is no step ${step}`,
    remedy: "Use the number that simulation.step(name, run) returned",
    at,
  });
}

function refuseBalkAt(balkAt: number, at: string): never {
  throw new KernelError({
    code: "kernel.balk-at",
    problem: `An entity would balk at ${balkAt}`,
    remedy: "Use a number of those who wait, 0 or more, or leave balkAt out",
    at,
  });
}

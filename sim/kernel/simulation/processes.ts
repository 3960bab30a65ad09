import type { Registered } from "../containers/registered.ts";
import type { Kernel } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import type { Batch } from "./batch.ts";
import type { Buffer } from "./buffer.ts";
import type { Facility } from "./facility.ts";
import type { SeizeOptions } from "./facility-options.ts";
import { noRequest, type RequestHandle, type Requests, type StepId } from "./requests.ts";
import type { SharedFacility } from "./shared-facility.ts";
import type { Signal } from "./signal.ts";
import type { FilterId, Store } from "./store.ts";

/** What became of the thing that a process waited for. */
export type Outcome = "done" | "timedOut" | "refused";

/** A running generator: what a script returns, `function* customer(self: Process): Story { ... }`. */
export type Story = Generator<void, void, Outcome>;

/** The story of one entity, as a generator: `yield` before everything that takes time, as in `yield self.delay(5)`. */
export type Script = (self: Process) => Story;

/** How long a process is ready to wait. */
export interface ProcessPatience {
  /** Whole microseconds, 0 or more, after which it goes on with "timedOut". Default: it waits for ever. */
  readonly timeoutUs?: number;
  /** It goes on with "refused" when so many, or more, wait already. Default: never. */
  readonly balkAt?: number;
}

/** How a process asks a facility. */
export interface ProcessUse extends ProcessPatience, Pick<SeizeOptions, "expectedUs"> {
  /** Under "priority": smaller goes first. Default 0. */
  readonly priority?: number;
  /** The timeout ends with the beginning of the service, or with its end. Default "begun". */
  readonly timeoutUntil?: "begun" | "done";
}

/** Which item a process takes from a store. */
export interface ProcessTake extends ProcessPatience {
  /** A filter of that store. Default: any item. */
  readonly filter?: FilterId;
  /** Told to the filter: a whole number of 32 bits. Default 0. */
  readonly argument?: number;
}

/**
 * One running script, which asks through this and nothing else. Each method asks at once; the `yield` before it is where
 * the script stands until the answer comes, and its value is the `Outcome`.
 */
export class Process {
  /** The entity's number, which facilities and reports know. */
  readonly entity: number;
  /** What the last answer told: the item of a store, the amount of a buffer, the value of a signal, the place in a batch. */
  value = 0;
  /** The last request: what `facility.release` wants to have back. */
  request: RequestHandle = noRequest;
  private readonly requests: Requests;
  private readonly steps: Record<Outcome, StepId>;

  /** @internal */
  constructor(entity: number, requests: Requests, steps: Record<Outcome, StepId>) {
    this.entity = entity;
    this.requests = requests;
    this.steps = steps;
  }

  /** Lets time pass: whole microseconds, 0 or more. Throws `kernel.time` for others. */
  delay(delayUs: number): void {
    this.requests.after(delayUs, this.steps.done, this.entity);
  }

  /** A service of so much work, in microseconds. */
  use(facility: Facility | SharedFacility, workUs: number, options: ProcessUse = {}): void {
    this.request = facility.use(this.entity, workUs, { ...options, ...this.steps });
  }

  /** A server, until `facility.release(self.request)`. Throws `kernel.process-seize` where servers can be interrupted. */
  seize(facility: Facility, options: ProcessUse = {}): void {
    if (facility.isInterruptible) {
      throw new KernelError({
        code: "kernel.process-seize",
        problem: "Its servers can be interrupted, of which a script cannot be told in its middle",
        remedy: "Yield self.use(facility, workUs), or write this entity in steps",
        at: facility.name,
      });
    }
    this.request = facility.seize(this.entity, { ...options, ...this.steps });
  }

  /** An amount from a buffer. */
  get(buffer: Buffer, amount: number, options: ProcessPatience = {}): void {
    this.request = buffer.get(this.entity, amount, { ...options, ...this.steps });
  }

  /** An amount into a buffer, once there is room. */
  put(buffer: Buffer, amount: number, options: ProcessPatience = {}): void {
    this.request = buffer.put(this.entity, amount, { ...options, ...this.steps });
  }

  /** An item from a store; `value` is the item. */
  take(store: Store, options: ProcessTake = {}): void {
    this.request = store.get(this.entity, { ...options, ...this.steps });
  }

  /** An item into a store, once there is room: a whole number of 32 bits. */
  bring(store: Store, item: number, options: ProcessPatience = {}): void {
    this.request = store.put(this.entity, item, { ...options, ...this.steps });
  }

  /** The next firing of a signal; `value` is what it was fired with. */
  wait(signal: Signal, options: ProcessPatience = {}): void {
    this.request = signal.wait(this.entity, { ...options, ...this.steps });
  }

  /** The batch to be complete; `value` is the place in it. */
  join(batch: Batch, options: ProcessPatience = {}): void {
    this.request = batch.join(this.entity, { ...options, ...this.steps });
  }
}

/**
 * Entities written as generators, in the manner of SimPy. A generator's place in its code is not data: while one is
 * alive a snapshot is refused with `kernel.process-snapshot`. It costs more time than steps do. Made by `simulation.processes`.
 */
export class Processes implements Registered {
  /** Scripts that have begun, or will, and have not ended. */
  aliveCount = 0;
  private readonly name: string;
  private readonly requests: Requests;
  private readonly steps: Record<Outcome, StepId>;
  private readonly alive: ({ process: Process; story: Story } | undefined)[] = [];
  private readonly free: number[] = [];

  /** @internal */
  constructor(kernel: Kernel, requests: Requests, name: string) {
    this.name = name;
    this.requests = requests;
    const step = (outcome: Outcome) =>
      requests.step(`${name} ${outcome}`, (entity, value) => this.resume(entity, value, outcome));
    this.steps = { done: step("done"), timedOut: step("timedOut"), refused: step("refused") };
    kernel.register(`${name} processes`, this);
  }

  /** Begins a script after a delay in whole microseconds; returns its entity's number, used again after its end. */
  start(script: Script, delayUs = 0): number {
    const entity = this.free.pop() ?? this.alive.length;
    const process = new Process(entity, this.requests, this.steps);
    this.alive[entity] = { process, story: script(process) };
    this.aliveCount += 1;
    this.requests.after(delayUs, this.steps.done, entity);
    return entity;
  }

  /** @internal */
  byteLength(): number {
    return 0;
  }

  /** @internal */
  write(): void {
    if (this.aliveCount === 0) return;
    throw new KernelError({
      code: "kernel.process-snapshot",
      problem: `${this.aliveCount} generators are under way, and their place in the code is not data`,
      remedy: "Take the snapshot when none is alive, or write these entities in steps",
      at: this.name,
    });
  }

  /** @internal */
  read(): void {
    if (this.aliveCount > 0) throw new Error(`${this.aliveCount} generators are under way here`);
  }

  private resume(entity: number, value: number, outcome: Outcome): void {
    const entry = this.alive[entity];
    if (entry === undefined) return;
    entry.process.value = value;
    if (entry.story.next(outcome).done !== true) return;
    this.alive[entity] = undefined;
    this.free.push(entity);
    this.aliveCount -= 1;
  }
}

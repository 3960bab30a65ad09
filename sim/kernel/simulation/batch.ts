import type { Counter, Kernel } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import type { WaitOptions } from "./buffer.ts";
import { LinkedLine } from "./lines.ts";
import { noRequest, type RequestHandle, type Requests, type Waitable } from "./requests.ts";

/** When a batch is complete. */
export interface BatchOptions {
  /** Entities of a full batch, a whole number, 1 or more. */
  readonly size: number;
  /** A batch that is not full goes so many microseconds after its first entity came. Default: it waits until it is full. */
  readonly waitMaxUs?: number;
}

const noOptions: WaitOptions = {};

/**
 * Gathers entities into batches. Each member goes on with its place in the batch, 0 for the first: it may lead. Made by
 * `simulation.batch`.
 */
export class Batch implements Waitable {
  /** The name it was assembled with. */
  readonly name: string;
  /** Entities that balked at those who wait. */
  readonly balked: Counter;
  /** Requests that timed out. */
  readonly gaveUp: Counter;
  private readonly kernel: Kernel;
  private readonly requests: Requests;
  private readonly number: number;
  private readonly size: number;
  private readonly waitMaxUs: number | undefined;
  private readonly line: LinkedLine;
  private readonly overdue: number;
  /** The event that sends off a batch that is not full. */
  private readonly timer: Float64Array;

  constructor(kernel: Kernel, requests: Requests, name: string, options: BatchOptions) {
    if (!(Number.isInteger(options.size) && options.size >= 1)) {
      throw new KernelError({
        code: "kernel.batch-size",
        problem: `Its size is ${options.size}`,
        remedy: "Use a whole number, 1 or more",
        at: name,
      });
    }
    const { waitMaxUs } = options;
    if (waitMaxUs !== undefined && !(Number.isInteger(waitMaxUs) && waitMaxUs >= 0)) {
      throw new KernelError({
        code: "kernel.batch-wait",
        problem: `It waits ${waitMaxUs} us at most`,
        remedy: "Use a whole number of microseconds, 0 or more, or leave waitMaxUs out",
        at: name,
      });
    }
    this.kernel = kernel;
    this.requests = requests;
    this.name = name;
    this.number = requests.own(this);
    this.size = options.size;
    this.waitMaxUs = options.waitMaxUs;
    this.balked = kernel.counter(`${name} balked`);
    this.gaveUp = kernel.counter(`${name} gave up`);
    this.line = new LinkedLine(requests.records, { lastFirst: false });
    kernel.register(`${name} waiting`, this.line);
    this.timer = kernel.float64Array(`${name} timer`, 1).fill(none);
    this.overdue = kernel.handler(`${name} waits no longer`, () => void this.send());
  }

  /** Entities that wait. */
  get waitingCount(): number {
    return this.line.length;
  }

  /** Waits until the batch is complete; the step `done` is told the place. `noRequest` when the entity balks. */
  join(entity: number, options: WaitOptions = noOptions): RequestHandle {
    if (this.requests.balks(entity, this.line.length, options, this)) return noRequest;
    const slot = this.requests.open(this.number, entity, options.done ?? none, options);
    const handle = this.requests.handleOf(slot);
    this.line.add(slot);
    if (this.line.length === this.size) this.send();
    else if (this.line.length === 1 && this.waitMaxUs !== undefined) {
      this.timer[0] = this.kernel.schedule(this.waitMaxUs, this.overdue);
    }
    return handle;
  }

  /** @internal */
  withdraw(slot: number): void {
    this.line.remove(slot);
    if (this.line.length === 0) this.stopTimer();
  }

  /** Sends off whoever waits now, at most so many, the first to come first; returns how many that were. */
  send(countMax = Number.POSITIVE_INFINITY): number {
    this.stopTimer();
    let place = 0;
    for (; place < countMax && this.line.length > 0; place += 1) {
      this.requests.grant(this.line.shift(), place);
    }
    if (this.line.length > 0 && this.waitMaxUs !== undefined) {
      this.timer[0] = this.kernel.schedule(this.waitMaxUs, this.overdue);
    }
    return place;
  }

  private stopTimer(): void {
    if (this.timer[0] !== none) this.kernel.cancel(this.timer[0]!);
    this.timer[0] = none;
  }
}

import type { Counter, Kernel, Level, Tally } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import { LinkedLine } from "./lines.ts";
import { numberAskedUs, numberShift, recordShift, wordAmount } from "./request-records.ts";
import {
  noRequest,
  type Patience,
  type RequestHandle,
  type Requests,
  type StepId,
  type Waitable,
} from "./requests.ts";

/** How much a buffer holds. */
export interface BufferOptions {
  /** Most that it holds, above 0. Default: as much as comes. */
  readonly capacity?: number;
  /** What it holds at first, a whole number from 0 to the capacity. Default 0. */
  readonly initial?: number;
}

/** What becomes of a request, and how long it waits. */
export interface WaitOptions extends Patience {
  /** The step of an entity whose request is granted. Default: none. */
  readonly done?: StepId;
}

const noOptions: WaitOptions = {};

/**
 * An amount of something without identity, in whole units. Nobody overtakes: a large request holds up small ones. Made
 * by `simulation.buffer`.
 */
export class Buffer {
  /** The name it was assembled with. */
  readonly name: string;
  /** What it holds. */
  readonly level: Level;
  /** How long those waited who got what they asked for, in microseconds. */
  readonly waitsUs: Tally;
  /** Entities that balked at those who wait to get, or to put. */
  readonly balked: Counter;
  /** Requests that timed out. */
  readonly gaveUp: Counter;
  private readonly kernel: Kernel;
  private readonly requests: Requests;
  private readonly capacity: number;
  private readonly getters: LinkedLine;
  private readonly putters: LinkedLine;
  private readonly getNumber: number;
  private readonly putNumber: number;

  constructor(kernel: Kernel, requests: Requests, name: string, options: BufferOptions) {
    this.kernel = kernel;
    this.requests = requests;
    this.name = name;
    this.capacity = options.capacity ?? Number.POSITIVE_INFINITY;
    const initial = options.initial ?? 0;
    if (
      !(this.capacity > 0 && Number.isInteger(initial) && initial >= 0 && initial <= this.capacity)
    ) {
      this.refuseCapacity(initial);
    }
    this.level = kernel.level(`${name} level`);
    this.waitsUs = kernel.tally(`${name} waits`);
    this.balked = kernel.counter(`${name} balked`);
    this.gaveUp = kernel.counter(`${name} gave up`);
    this.getters = new LinkedLine(requests.records, { lastFirst: false });
    this.putters = new LinkedLine(requests.records, { lastFirst: false });
    kernel.register(`${name} getters`, this.getters);
    kernel.register(`${name} putters`, this.putters);
    this.getNumber = requests.own(this.side(`${name} (get)`, this.getters));
    this.putNumber = requests.own(this.side(`${name} (put)`, this.putters));
    this.level.set(initial);
  }

  /** Those who wait to get something. */
  get gettersWaiting(): number {
    return this.getters.length;
  }

  /** Those who wait to put something. */
  get puttersWaiting(): number {
    return this.putters.length;
  }

  /**
   * Asks for an amount, a whole number from 0 to the capacity; the step `done` has it. `noRequest` when the entity
   * balks. Throws `kernel.amount` for other amounts.
   */
  get(entity: number, amount: number, options: WaitOptions = noOptions): RequestHandle {
    return this.ask(this.getters, this.getNumber, entity, amount, options);
  }

  /**
   * Brings an amount, a whole number from 0 to the capacity; the step `done` comes once there is room. `noRequest` when
   * the entity balks. Throws `kernel.amount` for other amounts.
   */
  put(entity: number, amount: number, options: WaitOptions = noOptions): RequestHandle {
    return this.ask(this.putters, this.putNumber, entity, amount, options);
  }

  private ask(
    line: LinkedLine,
    number: number,
    entity: number,
    amount: number,
    options: WaitOptions,
  ): RequestHandle {
    if (
      !(Number.isInteger(amount) && amount >= 0 && amount <= Math.min(this.capacity, 2 ** 31 - 1))
    ) {
      throw new KernelError({
        code: "kernel.amount",
        problem: `Asked for ${amount}, and it can hold ${this.capacity}`,
        remedy: "Ask for a whole number that it can hold",
        at: this.name,
      });
    }
    if (this.requests.balks(entity, line.length, options, this)) return noRequest;
    const slot = this.requests.open(number, entity, options.done ?? none, options);
    const handle = this.requests.handleOf(slot);
    this.requests.records.words[(slot << recordShift) | wordAmount] = amount;
    line.add(slot);
    this.settle();
    return handle;
  }

  private settle(): void {
    let moved = true;
    while (moved) {
      moved = this.grantFirst(this.putters, 1) || this.grantFirst(this.getters, -1);
    }
  }

  private grantFirst(line: LinkedLine, sign: number): boolean {
    const slot = line.first();
    if (slot === none) return false;
    const { words, numbers } = this.requests.records;
    const amount = words[(slot << recordShift) | wordAmount]!;
    const after = this.level.value + sign * amount;
    if (after < 0 || after > this.capacity) return false;
    line.shift();
    this.level.set(after);
    this.waitsUs.record(this.kernel.nowUs - numbers[(slot << numberShift) | numberAskedUs]!);
    this.requests.grant(slot, amount);
    return true;
  }

  private refuseCapacity(initial: number): never {
    throw new KernelError({
      code: "kernel.buffer-capacity",
      problem: `It holds ${this.capacity} at most and ${initial} at first`,
      remedy: "Use a capacity above 0 and an initial amount from 0 to it",
      at: this.name,
    });
  }

  private side(name: string, line: LinkedLine): Waitable {
    return {
      name,
      gaveUp: this.gaveUp,
      withdraw: (slot) => {
        line.remove(slot);
        this.settle();
      },
    };
  }
}

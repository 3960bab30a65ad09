import type { Counter, Kernel } from "../kernel.ts";
import { none } from "../none.ts";
import type { WaitOptions } from "./buffer.ts";
import { LinkedLine } from "./lines.ts";
import { noRequest, type RequestHandle, type Requests, type Waitable } from "./requests.ts";

const noOptions: WaitOptions = {};

/** Something that happens, and that entities wait for. Made by `simulation.signal`. */
export class Signal implements Waitable {
  /** The name it was assembled with. */
  readonly name: string;
  /** Entities that balked at those who wait. */
  readonly balked: Counter;
  /** Requests that timed out. */
  readonly gaveUp: Counter;
  private readonly requests: Requests;
  private readonly number: number;
  private readonly line: LinkedLine;
  /** Whether it stays given, so that nobody waits; the value it was given with. */
  private readonly state: Int32Array;

  constructor(kernel: Kernel, requests: Requests, name: string) {
    this.requests = requests;
    this.name = name;
    this.number = requests.own(this);
    this.balked = kernel.counter(`${name} balked`);
    this.gaveUp = kernel.counter(`${name} gave up`);
    this.line = new LinkedLine(requests.records, { lastFirst: false });
    kernel.register(`${name} waiting`, this.line);
    this.state = kernel.int32Array(`${name} state`, 2);
  }

  /** Entities that wait. */
  get waitingCount(): number {
    return this.line.length;
  }

  /** Waits for the signal; the step `done` is told its value. `noRequest` when the entity balks. */
  wait(entity: number, options: WaitOptions = noOptions): RequestHandle {
    if (this.requests.balks(entity, this.line.length, options, this)) return noRequest;
    const slot = this.requests.open(this.number, entity, options.done ?? none, options);
    const handle = this.requests.handleOf(slot);
    if (this.state[0] === 1) this.requests.grant(slot, this.state[1]!);
    else this.line.add(slot);
    return handle;
  }

  /** Wakes all who wait, in the order in which they came, with a value: a whole number of 32 bits. */
  fire(value = 0): void {
    while (this.fireOne(value)) {
      // Until nobody waits.
    }
  }

  /** Wakes the first who waits; false when nobody does. */
  fireOne(value = 0): boolean {
    const slot = this.line.shift();
    if (slot === none) return false;
    this.requests.grant(slot, value);
    return true;
  }

  /** Wakes all who wait and lets all who come pass, until `close`. */
  open(value = 0): void {
    this.state[0] = 1;
    this.state[1] = value;
    this.fire(value);
  }

  /** Whoever comes waits again. */
  close(): void {
    this.state[0] = 0;
  }

  /** @internal */
  withdraw(slot: number): void {
    this.line.remove(slot);
  }
}

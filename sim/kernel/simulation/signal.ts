import type { Kernel } from "../kernel.ts";
import { none } from "../none.ts";
import type { WaitOptions } from "./buffer.ts";
import { LinkedLine } from "./lines.ts";
import type { RequestHandle, Requests, Waitable } from "./requests.ts";

/** Something that happens, and that entities wait for. */
export class Signal implements Waitable {
  readonly name: string;
  private readonly requests: Requests;
  private readonly number: number;
  private readonly line: LinkedLine;
  /** Whether it stays given, so that nobody waits; the value it was given with. */
  private readonly state: Int32Array;

  constructor(kernel: Kernel, requests: Requests, name: string) {
    this.requests = requests;
    this.name = name;
    this.number = requests.own(this);
    this.line = new LinkedLine(requests.column, { lastFirst: false });
    kernel.register(`${name} waiting`, this.line);
    this.state = kernel.int32Array(`${name} state`, 2);
  }

  /** Entities that wait. */
  get waitingCount(): number {
    return this.line.length;
  }

  /** Waits for the signal; the step `done` is told its value. */
  wait(entity: number, options: WaitOptions): RequestHandle {
    const slot = this.requests.open(this.number, entity, options.done ?? none, options);
    const handle = this.requests.handleOf(slot);
    if (this.state[0] === 1) this.requests.grant(slot, this.state[1]!);
    else this.line.add(slot);
    return handle;
  }

  /** Wakes all who wait, in the order in which they came. */
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

  withdraw(slot: number): void {
    this.line.remove(slot);
  }
}

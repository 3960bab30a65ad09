import type { HandlerId, IntQueue, Kernel } from "../../kernel/kernel.ts";

/** Microseconds in a second: times are kept as two whole numbers of 32 bits. */
const second = 1_000_000;

/**
 * Many timers of one length. They run out in the order they were set, so they need one line and one event in the
 * agenda, not an event each. A timer is a pair of numbers; who set it decides whether it still means anything.
 */
export class TimerLane {
  readonly #kernel: Kernel;
  readonly #lengthUs: number;
  readonly #line: IntQueue;
  readonly #isArmed: Uint8Array;
  readonly #due: HandlerId;

  constructor(
    kernel: Kernel,
    name: string,
    options: { lengthUs: number; timersMax: number },
    runsOut: (a: number, b: number) => void,
  ) {
    this.#kernel = kernel;
    this.#lengthUs = options.lengthUs;
    this.#line = kernel.queue(`${name}.line`, options.timersMax * 4);
    this.#isArmed = kernel.uint8Array(`${name}.armed`, 1);
    this.#due = kernel.handler(`${name}.due`, () => {
      const line = this.#line;
      while (line.length > 0 && this.#firstUs() <= kernel.nowUs) {
        line.shift();
        line.shift();
        runsOut(line.shift(), line.shift());
      }
      if (line.length === 0) this.#isArmed[0] = 0;
      else kernel.scheduleAt(this.#firstUs(), this.#due);
    });
  }

  /** Sets a timer; false, and nothing is set, when there are too many. */
  set(a: number, b: number): boolean {
    const line = this.#line;
    const atUs = this.#kernel.nowUs + this.#lengthUs;
    const seconds = Math.floor(atUs / second);
    if (!line.push(seconds)) return false;
    line.push(atUs - seconds * second);
    line.push(a);
    line.push(b);
    if (this.#isArmed[0] === 0) {
      this.#isArmed[0] = 1;
      this.#kernel.scheduleAt(atUs, this.#due);
    }
    return true;
  }

  #firstUs(): number {
    return this.#line.at(0) * second + this.#line.at(1);
  }
}

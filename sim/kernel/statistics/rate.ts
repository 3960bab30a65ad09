import type { Registered } from "../containers/registered.ts";
import { KernelError } from "../kernel-error.ts";
import type { Clock } from "./level.ts";

/** How often something happens: in all, and over the last whole windows of fixed length. */
export class Rate implements Registered {
  /** How often it happened since the start or the last reset. */
  count = 0;
  private readonly clock: Clock;
  private readonly windowUs: number;
  private sinceUs: number;
  private windowIndex = 0;
  private inWindow = 0;
  private inLastWindow = 0;

  constructor(clock: Clock, options: { readonly windowUs: number }) {
    if (!(options.windowUs > 0)) {
      throw new KernelError({
        code: "kernel.rate-window",
        problem: `The window of a rate is ${options.windowUs} us`,
        remedy: "Use a number of microseconds above 0",
      });
    }
    this.clock = clock;
    this.windowUs = options.windowUs;
    this.sinceUs = clock.nowUs;
  }

  /** Counts what happened now. */
  add(amount = 1): void {
    this.turn();
    this.count += amount;
    this.inWindow += amount;
  }

  /** Per second, since the start or the last reset; 0 before any time has passed. */
  perSecond(): number {
    const spanUs = this.clock.nowUs - this.sinceUs;
    return spanUs > 0 ? (this.count * 1e6) / spanUs : 0;
  }

  /** Per second, in the last window that is over. */
  lastWindowPerSecond(): number {
    this.turn();
    return (this.inLastWindow * 1e6) / this.windowUs;
  }

  /** Forgets everything, as at the end of a warm-up. */
  reset(): void {
    this.count = 0;
    this.sinceUs = this.clock.nowUs;
    this.windowIndex = 0;
    this.inWindow = 0;
    this.inLastWindow = 0;
  }

  byteLength(): number {
    return 40;
  }

  write(view: DataView, byteOffset: number): void {
    const numbers = [this.count, this.sinceUs, this.windowIndex, this.inWindow, this.inLastWindow];
    for (const [i, number] of numbers.entries()) view.setFloat64(byteOffset + i * 8, number, true);
  }

  read(view: DataView, byteOffset: number): void {
    const number = (i: number) => view.getFloat64(byteOffset + i * 8, true);
    this.count = number(0);
    this.sinceUs = number(1);
    this.windowIndex = number(2);
    this.inWindow = number(3);
    this.inLastWindow = number(4);
  }

  private turn(): void {
    const index = Math.floor((this.clock.nowUs - this.sinceUs) / this.windowUs);
    if (index === this.windowIndex) return;
    this.inLastWindow = index === this.windowIndex + 1 ? this.inWindow : 0;
    this.inWindow = 0;
    this.windowIndex = index;
  }
}

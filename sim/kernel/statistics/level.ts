import type { Registered } from "../containers/registered.ts";

/** What statistics over time read the time from. */
export interface Clock {
  /** Simulated time in whole microseconds. */
  readonly nowUs: number;
}

/** A quantity that holds its value until it changes (a queue's length, servers busy), averaged over time. */
export class Level implements Registered {
  /** The value now. */
  value = 0;
  /** Smallest value since the start or the last reset. */
  min = 0;
  /** Largest value since the start or the last reset. */
  max = 0;
  /** How often it left 0: the number of busy periods begun. */
  busyPeriodCount = 0;
  private readonly clock: Clock;
  private sinceUs = 0;
  private changedUs = 0;
  private area = 0;
  private areaOfSquare = 0;
  private aboveZeroUs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    this.sinceUs = clock.nowUs;
    this.changedUs = clock.nowUs;
  }

  /** Takes a new value from now on. */
  set(value: number): void {
    this.settle();
    if (this.value <= 0 && value > 0) this.busyPeriodCount += 1;
    this.value = value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** Changes the value by an amount from now on. */
  add(amount: number): void {
    this.set(this.value + amount);
  }

  /** Average over time since the start or the last reset; the value itself before any time has passed. */
  mean(): number {
    this.settle();
    const spanUs = this.changedUs - this.sinceUs;
    return spanUs > 0 ? this.area / spanUs : this.value;
  }

  /** Variance over time, around `mean`. */
  variance(): number {
    const average = this.mean();
    const spanUs = this.changedUs - this.sinceUs;
    return spanUs > 0 ? Math.max(0, this.areaOfSquare / spanUs - average * average) : 0;
  }

  /** Part of the time that it was above 0: a server's utilisation. */
  busyPart(): number {
    this.settle();
    const spanUs = this.changedUs - this.sinceUs;
    return spanUs > 0 ? this.aboveZeroUs / spanUs : 0;
  }

  /** Mean length of busy periods in microseconds, an unfinished one counted so far; NaN when there was none. */
  busyPeriodMeanUs(): number {
    this.settle();
    return this.busyPeriodCount > 0 ? this.aboveZeroUs / this.busyPeriodCount : Number.NaN;
  }

  /** Forgets the past but not the value, as at the end of a warm-up. */
  reset(): void {
    this.sinceUs = this.clock.nowUs;
    this.changedUs = this.clock.nowUs;
    this.area = 0;
    this.areaOfSquare = 0;
    this.aboveZeroUs = 0;
    this.busyPeriodCount = this.value > 0 ? 1 : 0;
    this.min = this.value;
    this.max = this.value;
  }

  byteLength(): number {
    return 80;
  }

  write(view: DataView, byteOffset: number): void {
    const { value, min, max, busyPeriodCount, sinceUs, changedUs } = this;
    const { area, areaOfSquare, aboveZeroUs } = this;
    const numbers = [value, min, max, busyPeriodCount, sinceUs, changedUs];
    for (const [i, number] of [...numbers, area, areaOfSquare, aboveZeroUs].entries()) {
      view.setFloat64(byteOffset + i * 8, number, true);
    }
  }

  read(view: DataView, byteOffset: number): void {
    const number = (i: number) => view.getFloat64(byteOffset + i * 8, true);
    this.value = number(0);
    this.min = number(1);
    this.max = number(2);
    this.busyPeriodCount = number(3);
    this.sinceUs = number(4);
    this.changedUs = number(5);
    this.area = number(6);
    this.areaOfSquare = number(7);
    this.aboveZeroUs = number(8);
  }

  /** Counts the time since the last change at the value it had. */
  private settle(): void {
    const nowUs = this.clock.nowUs;
    const spanUs = nowUs - this.changedUs;
    if (spanUs === 0) return;
    this.changedUs = nowUs;
    const value = this.value;
    if (value === 0) return;
    this.area += value * spanUs;
    this.areaOfSquare += value * value * spanUs;
    if (value > 0) this.aboveZeroUs += spanUs;
  }
}

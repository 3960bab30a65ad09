import type { Registered } from "../containers/registered.ts";

/** Count, mean, variance and extremes of observations that come one by one (Welford's method: no cancellation). */
export class Tally implements Registered {
  /** Observations so far. */
  count = 0;
  /** Smallest observation; Infinity when nothing was recorded. */
  min = Number.POSITIVE_INFINITY;
  /** Largest observation; -Infinity when nothing was recorded. */
  max = Number.NEGATIVE_INFINITY;
  private average = 0;
  private squares = 0;

  /** Takes an observation. NaN is not looked for, and makes the mean NaN. */
  record(value: number): void {
    this.count += 1;
    const gap = value - this.average;
    this.average += gap / this.count;
    this.squares += gap * (value - this.average);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** NaN when nothing was recorded. */
  mean(): number {
    return this.count === 0 ? Number.NaN : this.average;
  }

  /** Unbiased sample variance; NaN below two observations. */
  variance(): number {
    return this.count < 2 ? Number.NaN : this.squares / (this.count - 1);
  }

  /** Root of the variance; NaN below two observations. */
  standardDeviation(): number {
    return Math.sqrt(this.variance());
  }

  /** Adds another tally's observations. */
  merge(other: Tally): void {
    if (other.count === 0) return;
    const count = this.count + other.count;
    const gap = other.average - this.average;
    this.squares += other.squares + (gap * gap * this.count * other.count) / count;
    this.average += (gap * other.count) / count;
    this.count = count;
    if (other.min < this.min) this.min = other.min;
    if (other.max > this.max) this.max = other.max;
  }

  /** Forgets everything, as at the end of a warm-up. */
  reset(): void {
    this.count = 0;
    this.average = 0;
    this.squares = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
  }

  byteLength(): number {
    return 40;
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.count, true);
    view.setFloat64(byteOffset + 8, this.average, true);
    view.setFloat64(byteOffset + 16, this.squares, true);
    view.setFloat64(byteOffset + 24, this.min, true);
    view.setFloat64(byteOffset + 32, this.max, true);
  }

  read(view: DataView, byteOffset: number): void {
    this.count = view.getFloat64(byteOffset, true);
    this.average = view.getFloat64(byteOffset + 8, true);
    this.squares = view.getFloat64(byteOffset + 16, true);
    this.min = view.getFloat64(byteOffset + 24, true);
    this.max = view.getFloat64(byteOffset + 32, true);
  }
}

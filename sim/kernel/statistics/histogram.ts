import { type Registered, readArray, writeArray } from "../containers/registered.ts";
import { KernelError } from "../kernel-error.ts";
import { highWord, powerOfTwo } from "../math/bits.ts";

/** What a histogram can tell apart. */
export interface HistogramOptions {
  /** Values below this (0 included) are counted together, as 0. Greater than 0. */
  readonly lowest: number;
  /** Values above this are counted together. */
  readonly highest: number;
  /** A quantile is off by at most this part of itself, between lowest and highest. Default 0.01. */
  readonly relativeError?: number;
}

/**
 * Counts by size on a scale that is logarithmic by octaves and linear inside them, so that the cell of a value is read
 * off the bits of the double, without a logarithm. Its size is fixed, whatever is recorded.
 */
export class Histogram implements Registered {
  /** Values recorded. */
  count = 0;
  /** Their sum. */
  sum = 0;
  /** Smallest value; Infinity when nothing was recorded. */
  min = Number.POSITIVE_INFINITY;
  /** Largest value; -Infinity when nothing was recorded. */
  max = Number.NEGATIVE_INFINITY;
  private readonly lowest: number;
  private readonly highest: number;
  /** Bits of the fraction that are kept. */
  private readonly shift: number;
  private readonly firstKey: number;
  /** Cell 0 is below lowest, the last is above highest. */
  private readonly counts: Float64Array;

  /** Throws `kernel.histogram` unless 0 < lowest < highest and 0.00001 <= relativeError < 1. */
  constructor(options: HistogramOptions) {
    const relativeError = options.relativeError ?? 0.01;
    requireScale(options, relativeError);
    let kept = 0;
    // The middle of a cell is at most half a cell, 2^-(kept + 1) of the value, away.
    for (let width = 0.5; width > relativeError && kept < 16; width /= 2) kept += 1;
    this.lowest = options.lowest;
    this.highest = options.highest;
    this.shift = 20 - kept;
    this.firstKey = highWord(options.lowest) >>> this.shift;
    const lastKey = highWord(options.highest) >>> this.shift;
    this.counts = new Float64Array(lastKey - this.firstKey + 3);
  }

  /** Counts one value. Throws `kernel.histogram-value` for NaN: it would vanish from every quantile. */
  record(value: number): void {
    let cell = 0;
    if (value >= this.lowest) {
      cell =
        value > this.highest
          ? this.counts.length - 1
          : (highWord(value) >>> this.shift) - this.firstKey + 1;
    } else if (!(value < this.lowest)) {
      throw new KernelError({
        code: "kernel.histogram-value",
        problem: `A histogram was to count ${value}`,
        remedy: "Look for the 0 / 0 or the missing field that it comes from",
      });
    }
    this.counts[cell]! += 1;
    this.count += 1;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** Mean of what was recorded, exact but for rounding; NaN when nothing was. */
  mean(): number {
    return this.sum / this.count;
  }

  /** The value that a part `p` of what was recorded does not exceed; NaN when nothing was. */
  quantile(p: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(p * this.count));
    let below = 0;
    for (let cell = 0; cell < this.counts.length; cell += 1) {
      below += this.counts[cell]!;
      if (below >= rank) return Math.min(this.max, Math.max(this.min, this.middle(cell)));
    }
    return this.max;
  }

  /** How many values were at most `value`, by whole cells: those in its own cell count. */
  countAtMost(value: number): number {
    const last =
      value < this.lowest
        ? 0
        : value > this.highest
          ? this.counts.length - 1
          : (highWord(value) >>> this.shift) - this.firstKey + 1;
    let count = 0;
    for (let cell = 0; cell <= last; cell += 1) count += this.counts[cell]!;
    return count;
  }

  /** Adds what another histogram of the same options counted. Throws `kernel.histogram-scale` for one of other options. */
  merge(other: Histogram): void {
    if (
      other.counts.length !== this.counts.length ||
      other.firstKey !== this.firstKey ||
      other.shift !== this.shift
    ) {
      throw new KernelError({
        code: "kernel.histogram-scale",
        problem: "Histograms of different scales cannot be added",
        remedy: "Make both with the same lowest, highest and relativeError",
      });
    }
    for (let cell = 0; cell < this.counts.length; cell += 1) {
      this.counts[cell]! += other.counts[cell]!;
    }
    this.count += other.count;
    this.sum += other.sum;
    if (other.min < this.min) this.min = other.min;
    if (other.max > this.max) this.max = other.max;
  }

  /** Forgets everything, as at the end of a warm-up. */
  reset(): void {
    this.counts.fill(0);
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
  }

  byteLength(): number {
    return 32 + this.counts.byteLength;
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.count, true);
    view.setFloat64(byteOffset + 8, this.sum, true);
    view.setFloat64(byteOffset + 16, this.min, true);
    view.setFloat64(byteOffset + 24, this.max, true);
    writeArray(this.counts, view, byteOffset + 32);
  }

  read(view: DataView, byteOffset: number, byteLength: number): void {
    if (byteLength !== this.byteLength()) throw new Error("its scale is another");
    this.count = view.getFloat64(byteOffset, true);
    this.sum = view.getFloat64(byteOffset + 8, true);
    this.min = view.getFloat64(byteOffset + 16, true);
    this.max = view.getFloat64(byteOffset + 24, true);
    readArray(this.counts, view, byteOffset + 32);
  }

  private middle(cell: number): number {
    if (cell === 0) return 0;
    if (cell === this.counts.length - 1) return this.max;
    const key = this.firstKey + cell - 1;
    return (edge(key, this.shift) + edge(key + 1, this.shift)) / 2;
  }
}

function requireScale({ lowest, highest }: HistogramOptions, relativeError: number): void {
  const isScale = lowest > 0 && highest > lowest && highest < Number.POSITIVE_INFINITY;
  if (isScale && relativeError >= 1e-5 && relativeError < 1) return;
  throw new KernelError({
    code: "kernel.histogram",
    problem: `A histogram cannot go from ${lowest} to ${highest} with a relative error of ${relativeError}`,
    remedy: "Use 0 < lowest < highest, both finite, and a relative error from 0.00001 to below 1",
  });
}

/** The smallest double whose kept bits are `key`. */
function edge(key: number, shift: number): number {
  const high = key * powerOfTwo(shift);
  const exponent = Math.floor(high / 1048576);
  const fraction = 1 + (high - exponent * 1048576) / 1048576;
  return fraction * powerOfTwo(exponent - 1023);
}

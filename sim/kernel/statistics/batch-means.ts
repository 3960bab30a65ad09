import { type Registered, readArray, writeArray } from "../containers/registered.ts";
import { KernelError } from "../kernel-error.ts";
import { type Confidence, type Interval, replicationInterval } from "./intervals.ts";
import { mser } from "./mser.ts";

/** How many batches are kept. */
export interface BatchMeansOptions {
  /** Even. Between half of this and all of it are in use. Default 512. */
  readonly batchesMax?: number;
  /** Observations in a batch at first. Default 5, as MSER-5 has it. */
  readonly batchSizeInitial?: number;
}

/** How an interval is made from batch means. */
export interface BatchMeansInterval extends Confidence {
  /** Batches into which the kept ones are joined, a whole number, 2 or more. Default 20. */
  readonly batchCount?: number;
  /** What is dropped from the beginning. Default "mser". */
  readonly warmUp?: "mser" | "none";
}

/**
 * A long series of dependent observations as a fixed number of batch means. When all places are taken, neighbours are
 * joined and batches become twice as long; so a run of any length keeps 256 to 512 of them, and longer runs have more
 * nearly independent ones. From them come the end of the warm-up and an interval for the mean.
 */
export class BatchMeans implements Registered {
  private readonly means: Float64Array;
  private batchCount = 0;
  private batchSize: number;
  private sum = 0;
  private inBatch = 0;

  constructor(options: BatchMeansOptions = {}) {
    const batchesMax = options.batchesMax ?? 512;
    this.batchSize = options.batchSizeInitial ?? 5;
    if (
      !(batchesMax >= 2 && batchesMax % 2 === 0 && Number.isInteger(this.batchSize)) ||
      this.batchSize < 1
    ) {
      throw new KernelError({
        code: "kernel.batch-means",
        problem: `Batch means were to keep ${batchesMax} batches of ${this.batchSize} at first`,
        remedy: "Use an even number of batches, and a whole number of observations, 1 or more",
      });
    }
    this.means = new Float64Array(batchesMax);
  }

  /** Takes the next observation of the series. */
  record(value: number): void {
    this.sum += value;
    this.inBatch += 1;
    if (this.inBatch < this.batchSize) return;
    this.means[this.batchCount] = this.sum / this.batchSize;
    this.batchCount += 1;
    this.sum = 0;
    this.inBatch = 0;
    if (this.batchCount === this.means.length) this.join();
  }

  /** The means of whole batches, oldest first. */
  batches(): Float64Array {
    return this.means.slice(0, this.batchCount);
  }

  /** Observations that belong to the warm-up by MSER; the whole series when it never settled. */
  warmUpCount(): number {
    return mser(this.batches()) * this.batchSize;
  }

  /**
   * Interval for the long-run mean: the warm-up is dropped and the rest joined into `batchCount` batches (default 20),
   * few enough to be nearly independent when the run is long against the memory of the series. `warmUp` "mser" lets
   * MSER choose what to drop, which on a series with rare high spells (waits in a busy queue) drops some of those and
   * covers less than it says; "none" keeps everything, for a series whose warm-up was left out before.
   */
  interval(options: BatchMeansInterval): Interval {
    const batches = this.batches();
    const settled = options.warmUp === "none" ? batches : batches.subarray(mser(batches));
    const wanted = options.batchCount ?? 20;
    const size = Math.floor(settled.length / wanted);
    if (size === 0) return replicationInterval(settled, options);
    const from = settled.length - size * wanted;
    const joined = Array.from({ length: wanted }, (_, batch) => {
      const part = settled.subarray(from + batch * size, from + (batch + 1) * size);
      return part.reduce((sum, value) => sum + value, 0) / size;
    });
    return replicationInterval(joined, options);
  }

  byteLength(): number {
    return 32 + this.means.byteLength;
  }

  write(view: DataView, byteOffset: number): void {
    const numbers = [this.batchCount, this.batchSize, this.sum, this.inBatch];
    for (const [i, number] of numbers.entries()) view.setFloat64(byteOffset + i * 8, number, true);
    writeArray(this.means, view, byteOffset + 32);
  }

  read(view: DataView, byteOffset: number, byteLength: number): void {
    if (byteLength !== this.byteLength()) throw new Error("it keeps another number of batches");
    const number = (i: number) => view.getFloat64(byteOffset + i * 8, true);
    this.batchCount = number(0);
    this.batchSize = number(1);
    this.sum = number(2);
    this.inBatch = number(3);
    readArray(this.means, view, byteOffset + 32);
  }

  private join(): void {
    this.batchCount /= 2;
    for (let i = 0; i < this.batchCount; i += 1) {
      this.means[i] = 0.5 * (this.means[2 * i]! + this.means[2 * i + 1]!);
    }
    this.means.fill(0, this.batchCount);
    this.batchSize *= 2;
  }
}

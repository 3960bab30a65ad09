import { type Registered, readArray, writeArray } from "../containers/registered.ts";
import { type Confidence, type Interval, replicationInterval } from "./intervals.ts";
import { mser } from "./mser.ts";

/** How many batches are kept. */
export interface BatchMeansOptions {
  /** Even. Between half of this and all of it are in use. Default 512. */
  readonly batchesMax?: number;
  /** Observations in a batch at first. Default 5, as MSER-5 has it. */
  readonly batchSizeInitial?: number;
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
    this.means = new Float64Array(options.batchesMax ?? 512);
    this.batchSize = options.batchSizeInitial ?? 5;
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
   * few enough to be nearly independent when the run is long against the memory of the series.
   */
  interval(options: Confidence & { readonly batchCount?: number }): Interval {
    const settled = this.batches().subarray(mser(this.batches()));
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

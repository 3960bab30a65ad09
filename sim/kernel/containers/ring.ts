import { type Registered, readArray, writeArray } from "./registered.ts";

/** The last few numbers of a series: a full ring forgets its oldest. */
export class Ring implements Registered {
  /** Numbers in it, up to its capacity. */
  length = 0;
  /** Most numbers that it keeps. */
  readonly capacity: number;
  private readonly values: Float64Array;
  private nextAt = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.values = new Float64Array(capacity);
  }

  /** Takes a number; the oldest goes when it is full. */
  push(value: number): void {
    this.values[this.nextAt] = value;
    this.nextAt = this.nextAt + 1 === this.capacity ? 0 : this.nextAt + 1;
    if (this.length < this.capacity) this.length += 1;
  }

  /** A value counted from the oldest kept, or NaN outside 0 to length - 1. */
  at(index: number): number {
    if (index < 0 || index >= this.length) return Number.NaN;
    return this.values[(this.nextAt - this.length + index + this.capacity) % this.capacity]!;
  }

  /** The value pushed last, or NaN. */
  latest(): number {
    return this.at(this.length - 1);
  }

  /** Forgets every number. */
  clear(): void {
    this.length = 0;
    this.nextAt = 0;
    this.values.fill(0);
  }

  byteLength(): number {
    return 16 + this.values.byteLength;
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.length, true);
    view.setFloat64(byteOffset + 8, this.nextAt, true);
    writeArray(this.values, view, byteOffset + 16);
  }

  read(view: DataView, byteOffset: number, byteLength: number): void {
    if (byteLength !== this.byteLength()) throw new Error("its capacity is another");
    this.length = view.getFloat64(byteOffset, true);
    this.nextAt = view.getFloat64(byteOffset + 8, true);
    readArray(this.values, view, byteOffset + 16);
  }
}

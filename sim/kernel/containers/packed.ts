import { align8, type NumberArray, readArray, writeArray } from "./registered.ts";

/** A part's state as a list of numbers and a list of arrays whose lengths may vary. */
export interface Packed {
  readonly numbers: readonly number[];
  readonly arrays: readonly NumberArray[];
}

/** Bytes that `writePacked` fills. */
export function packedByteLength({ numbers, arrays }: Packed): number {
  let byteLength = 16 + (numbers.length + arrays.length) * 8;
  for (const array of arrays) byteLength += align8(array.byteLength);
  return byteLength;
}

/** Writes the numbers, then the arrays, each with its length. */
export function writePacked({ numbers, arrays }: Packed, view: DataView, byteOffset: number): void {
  view.setFloat64(byteOffset, numbers.length, true);
  view.setFloat64(byteOffset + 8, arrays.length, true);
  let at = byteOffset + 16;
  for (const number of [...numbers, ...arrays.map((array) => array.length)]) {
    view.setFloat64(at, number, true);
    at += 8;
  }
  for (const array of arrays) {
    writeArray(array, view, at);
    at += align8(array.byteLength);
  }
}

/** Reads what `writePacked` wrote, in the same order. */
export class PackedReader {
  readonly numbers: number[] = [];
  private readonly lengths: number[] = [];
  private readonly view: DataView;
  private at: number;
  private nextNumber = 0;
  private nextArray = 0;

  constructor(view: DataView, byteOffset: number) {
    this.view = view;
    const numberCount = view.getFloat64(byteOffset, true);
    const arrayCount = view.getFloat64(byteOffset + 8, true);
    this.at = byteOffset + 16;
    for (let i = 0; i < numberCount; i += 1) this.numbers.push(this.takeDouble());
    for (let i = 0; i < arrayCount; i += 1) this.lengths.push(this.takeDouble());
  }

  /** The next so many of the numbers. */
  take(count: number): number[] {
    this.nextNumber += count;
    return this.numbers.slice(this.nextNumber - count, this.nextNumber);
  }

  /** The next array, as 32-bit whole numbers. */
  int32(): Int32Array {
    return this.fill(new Int32Array(this.lengths[this.nextArray]!));
  }

  /** The next array, as doubles. */
  float64(): Float64Array {
    return this.fill(new Float64Array(this.lengths[this.nextArray]!));
  }

  private fill<A extends NumberArray>(array: A): A {
    readArray(array, this.view, this.at);
    this.at += align8(array.byteLength);
    this.nextArray += 1;
    return array;
  }

  private takeDouble(): number {
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }
}

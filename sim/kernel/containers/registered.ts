/** A part whose whole state can be written into a snapshot and read back. */
export interface Registered {
  /** Bytes that `write` will fill now. */
  byteLength(): number;
  /** Writes the state at `byteOffset`, which is a multiple of 8. */
  write(view: DataView, byteOffset: number): void;
  /** Replaces the state by what `write` wrote; throws when it cannot be its own. */
  read(view: DataView, byteOffset: number, byteLength: number): void;
}

/** Any typed array that the kernel registers. */
export type NumberArray =
  | Int32Array
  | Uint32Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Float64Array;

/** Copies an array's bytes into a snapshot. Snapshots are little-endian, as every machine we run on. */
export function writeArray(array: NumberArray, view: DataView, byteOffset: number): void {
  bytesOf(view, byteOffset, array.byteLength).set(
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  );
}

/** Fills an array from a snapshot's bytes. */
export function readArray(array: NumberArray, view: DataView, byteOffset: number): void {
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(
    bytesOf(view, byteOffset, array.byteLength),
  );
}

/** Next multiple of 8, so that every array in a snapshot lies where a Float64Array may lie. */
export function align8(byteCount: number): number {
  return Math.ceil(byteCount / 8) * 8;
}

function bytesOf(view: DataView, byteOffset: number, byteLength: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + byteOffset, byteLength);
}

/** A fixed-length typed array as a registered part. */
export class RegisteredArray implements Registered {
  private readonly array: NumberArray;

  constructor(array: NumberArray) {
    this.array = array;
  }

  byteLength(): number {
    return this.array.byteLength;
  }

  write(view: DataView, byteOffset: number): void {
    writeArray(this.array, view, byteOffset);
  }

  read(view: DataView, byteOffset: number, byteLength: number): void {
    if (byteLength !== this.array.byteLength) {
      throw new Error(`it holds ${byteLength} bytes, this simulation ${this.array.byteLength}`);
    }
    readArray(this.array, view, byteOffset);
  }
}

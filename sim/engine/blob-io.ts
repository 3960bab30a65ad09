import { assert } from "./assert.ts";

/** Writes little-endian numbers one after the other. */
export class BlobWriter {
  private readonly view: DataView;
  at: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.at = at;
  }

  u32(value: number): void {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  f64(value: number): void {
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }
}

/** Reads them back; reading past the end is a mistake. */
export class BlobReader {
  private readonly view: DataView;
  private readonly end: number;
  at: number;

  constructor(view: DataView, at: number, byteLength: number) {
    this.view = view;
    this.at = at;
    this.end = at + byteLength;
  }

  u32(): number {
    assert(this.at + 4 <= this.end, `the blob ends at byte ${this.end}`);
    const value = this.view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }

  f64(): number {
    assert(this.at + 8 <= this.end, `the blob ends at byte ${this.end}`);
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }
}

import { none } from "../none.ts";
import { type Registered, readArray, writeArray } from "./registered.ts";

/** A bounded first-in first-out line of whole numbers. Room is taken as the line grows. */
export class IntQueue implements Registered {
  /** Numbers in the line. */
  length = 0;
  /** Most numbers ever. */
  readonly capacityMax: number;
  private items: Int32Array;
  private head = 0;

  constructor(capacityMax: number) {
    this.capacityMax = capacityMax;
    this.items = new Int32Array(16);
  }

  /** Adds at the end; false, and nothing changes, when the line is full. */
  push(value: number): boolean {
    if (this.length === this.capacityMax) return false;
    if (this.length === this.items.length) this.resize(this.length * 2);
    this.items[(this.head + this.length) & (this.items.length - 1)] = value;
    this.length += 1;
    return true;
  }

  /** Takes from the front, or `none` when the line is empty. */
  shift(): number {
    if (this.length === 0) return none;
    const value = this.items[this.head]!;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.length -= 1;
    return value;
  }

  /** The front without taking it, or `none` when the line is empty. */
  peek(): number {
    return this.length === 0 ? none : this.items[this.head]!;
  }

  /** The number at a place counted from the front, or `none` past the end. */
  at(index: number): number {
    if (index < 0 || index >= this.length) return none;
    return this.items[(this.head + index) & (this.items.length - 1)]!;
  }

  /** Forgets every number. */
  clear(): void {
    this.head = 0;
    this.length = 0;
  }

  byteLength(): number {
    return 8 + this.length * 4;
  }

  write(view: DataView, byteOffset: number): void {
    this.resize(this.items.length);
    view.setFloat64(byteOffset, this.length, true);
    writeArray(this.items.subarray(0, this.length), view, byteOffset + 8);
  }

  read(view: DataView, byteOffset: number): void {
    const length = view.getFloat64(byteOffset, true);
    if (length > this.capacityMax) throw new Error(`it holds ${length} of ${this.capacityMax}`);
    let capacity = 16;
    while (capacity < length) capacity *= 2;
    this.items = new Int32Array(capacity);
    this.head = 0;
    this.length = length;
    readArray(this.items.subarray(0, length), view, byteOffset + 8);
  }

  /** Also lays the line out from 0. The capacity stays a power of two, so that a mask wraps it. */
  private resize(capacity: number): void {
    const items = new Int32Array(capacity);
    for (let index = 0; index < this.length; index += 1) {
      items[index] = this.items[(this.head + index) & (this.items.length - 1)]!;
    }
    this.items = items;
    this.head = 0;
  }
}

import { none } from "../none.ts";
import { align8, type Registered, readArray, writeArray } from "./registered.ts";

/**
 * A bounded map from whole numbers to whole numbers that is walked in the order of insertion.
 * Entries lie in one list in that order, with holes where something was deleted; an open-addressed index of
 * positions finds them. When the list is full of holes it is packed, which keeps the order.
 */
export class IntMap implements Registered {
  /** Entries in it. */
  size = 0;
  /** Most entries ever. */
  readonly capacityMax: number;
  private keys: Int32Array;
  private values: Int32Array;
  private alive: Uint8Array;
  private end = 0;
  /** Position + 1 in the entries; 0 is empty, -1 a place whose entry was deleted. */
  private index: Int32Array;

  constructor(capacityMax: number) {
    this.capacityMax = capacityMax;
    this.keys = new Int32Array(16);
    this.values = new Int32Array(16);
    this.alive = new Uint8Array(16);
    this.index = new Int32Array(32);
  }

  /** Whether it has a key. */
  has(key: number): boolean {
    return this.find(key) !== none;
  }

  /** The value of a key, or `none`. */
  get(key: number): number {
    const position = this.find(key);
    return position === none ? none : this.values[position]!;
  }

  /** Sets a value; a key already there keeps its place in the order. False when the map is full. */
  set(key: number, value: number): boolean {
    const position = this.find(key);
    if (position !== none) {
      this.values[position] = value;
      return true;
    }
    if (this.size === this.capacityMax) return false;
    if (this.end === this.keys.length) this.pack();
    this.keys[this.end] = key;
    this.values[this.end] = value;
    this.alive[this.end] = 1;
    this.link(key, this.end);
    this.end += 1;
    this.size += 1;
    return true;
  }

  /** Removes a key; false when it was not there. */
  delete(key: number): boolean {
    const mask = this.index.length - 1;
    let place = hashInt(key) & mask;
    for (;;) {
      const entry = this.index[place]!;
      if (entry === 0) return false;
      if (entry > 0 && this.keys[entry - 1] === key) {
        this.index[place] = -1;
        this.alive[entry - 1] = 0;
        this.size -= 1;
        return true;
      }
      place = (place + 1) & mask;
    }
  }

  /** Removes every entry. */
  clear(): void {
    this.size = 0;
    this.end = 0;
    this.index.fill(0);
  }

  /** First position of the walk, or `none`: `for (let at = map.first(); at !== none; at = map.next(at))`. */
  first(): number {
    return this.next(none);
  }

  /** The position after this one, or `none`. Deleting while walking is allowed; setting a new key is not. */
  next(position: number): number {
    for (let at = position + 1; at < this.end; at += 1) if (this.alive[at] === 1) return at;
    return none;
  }

  /** The key at a position of the walk. */
  keyAt(position: number): number {
    return this.keys[position]!;
  }

  /** The value at a position of the walk. */
  valueAt(position: number): number {
    return this.values[position]!;
  }

  byteLength(): number {
    return 8 + 2 * align8(this.size * 4);
  }

  write(view: DataView, byteOffset: number): void {
    this.pack();
    view.setFloat64(byteOffset, this.size, true);
    writeArray(this.keys.subarray(0, this.size), view, byteOffset + 8);
    writeArray(this.values.subarray(0, this.size), view, byteOffset + 8 + align8(this.size * 4));
  }

  read(view: DataView, byteOffset: number): void {
    const size = view.getFloat64(byteOffset, true);
    if (size > this.capacityMax) throw new Error(`it holds ${size} of ${this.capacityMax}`);
    const keys = new Int32Array(size);
    const values = new Int32Array(size);
    readArray(keys, view, byteOffset + 8);
    readArray(values, view, byteOffset + 8 + align8(size * 4));
    this.clear();
    for (let at = 0; at < size; at += 1) this.set(keys[at]!, values[at]!);
  }

  private find(key: number): number {
    const mask = this.index.length - 1;
    let place = hashInt(key) & mask;
    for (;;) {
      const entry = this.index[place]!;
      if (entry === 0) return none;
      if (entry > 0 && this.keys[entry - 1] === key) return entry - 1;
      place = (place + 1) & mask;
    }
  }

  private link(key: number, position: number): void {
    const mask = this.index.length - 1;
    let place = hashInt(key) & mask;
    while (this.index[place]! > 0) place = (place + 1) & mask;
    this.index[place] = position + 1;
  }

  /** Squeezes the holes out and, when still more than half full, doubles the room. */
  private pack(): void {
    let capacity = this.keys.length;
    while (capacity < this.size * 2) capacity *= 2;
    const keys = new Int32Array(capacity);
    const values = new Int32Array(capacity);
    let end = 0;
    for (let at = this.first(); at !== none; at = this.next(at)) {
      keys[end] = this.keys[at]!;
      values[end] = this.values[at]!;
      end += 1;
    }
    this.keys = keys;
    this.values = values;
    this.alive = new Uint8Array(capacity).fill(1, 0, end);
    this.index = new Int32Array(capacity * 2);
    this.end = end;
    for (let at = 0; at < end; at += 1) this.link(keys[at]!, at);
  }
}

/** Spreads neighbouring keys over the index. */
function hashInt(key: number): number {
  const mixed = Math.imul(key ^ (key >>> 16), 0x7feb352d);
  return mixed ^ (mixed >>> 15);
}

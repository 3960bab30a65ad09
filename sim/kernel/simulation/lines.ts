import { type Registered, readArray, writeArray } from "../containers/registered.ts";
import { none } from "../none.ts";
import type { Stream } from "../random/stream.ts";
import {
  numberKey,
  numberSequence,
  numberShift,
  type RequestRecords,
  recordShift,
  wordPlace,
} from "./request-records.ts";

/** Requests in some order; every one can be taken out of the middle. */
export interface Line extends Registered {
  readonly length: number;
  add(slot: number): void;
  /** The next one without taking it, or `none`. */
  first(): number;
  /** Takes the next one, or `none`. */
  shift(): number;
  remove(slot: number): void;
}

/** Arrays through which rows are linked. */
interface Links {
  readonly before: Int32Array;
  readonly after: Int32Array;
}

/** First come, first out; or last come, first out. Linked through the requests: every act is O(1). */
export class LinkedLine implements Line {
  length = 0;
  private head = none;
  private tail = none;
  private readonly before: Int32Array;
  private readonly after: Int32Array;
  private readonly lastFirst: boolean;

  constructor({ before, after }: Links, options: { readonly lastFirst: boolean }) {
    this.before = before;
    this.after = after;
    this.lastFirst = options.lastFirst;
  }

  add(slot: number): void {
    if (this.lastFirst) {
      this.addFirst(slot);
      return;
    }
    const { before, after } = this;
    this.length += 1;
    after[slot] = none;
    before[slot] = this.tail;
    if (this.tail === none) this.head = slot;
    else after[this.tail] = slot;
    this.tail = slot;
  }

  /** Puts one in front of all others. */
  addFirst(slot: number): void {
    const { before, after } = this;
    this.length += 1;
    before[slot] = none;
    after[slot] = this.head;
    if (this.head === none) this.tail = slot;
    else before[this.head] = slot;
    this.head = slot;
  }

  first(): number {
    return this.head;
  }

  /** The one behind another, or `none`. */
  following(slot: number): number {
    return this.after[slot]!;
  }

  shift(): number {
    const slot = this.head;
    if (slot === none) return none;
    const head = this.after[slot]!;
    this.head = head;
    if (head === none) this.tail = none;
    else this.before[head] = none;
    this.length -= 1;
    return slot;
  }

  remove(slot: number): void {
    const { before, after } = this;
    const left = before[slot]!;
    const right = after[slot]!;
    if (left === none) this.head = right;
    else after[left] = right;
    if (right === none) this.tail = left;
    else before[right] = left;
    this.length -= 1;
  }

  byteLength(): number {
    return 24;
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.length, true);
    view.setFloat64(byteOffset + 8, this.head, true);
    view.setFloat64(byteOffset + 16, this.tail, true);
  }

  read(view: DataView, byteOffset: number): void {
    this.length = view.getFloat64(byteOffset, true);
    this.head = view.getFloat64(byteOffset + 8, true);
    this.tail = view.getFloat64(byteOffset + 16, true);
  }
}

/** Slots in an array that grows as needed; each request knows its place in it. */
abstract class PlacedLine implements Line {
  length = 0;
  protected slots: Int32Array = new Int32Array(16);
  protected readonly records: RequestRecords;

  constructor(records: RequestRecords) {
    this.records = records;
  }

  abstract add(slot: number): void;
  abstract first(): number;
  abstract shift(): number;
  abstract remove(slot: number): void;

  byteLength(): number {
    return 8 + this.length * 4;
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.length, true);
    writeArray(this.slots.subarray(0, this.length), view, byteOffset + 8);
  }

  read(view: DataView, byteOffset: number): void {
    this.length = view.getFloat64(byteOffset, true);
    this.room(this.length);
    readArray(this.slots.subarray(0, this.length), view, byteOffset + 8);
  }

  protected put(place: number, slot: number): void {
    this.slots[place] = slot;
    this.records.words[(slot << recordShift) | wordPlace] = place;
  }

  protected placeOf(slot: number): number {
    return this.records.words[(slot << recordShift) | wordPlace]!;
  }

  protected room(length: number): void {
    if (length <= this.slots.length) return;
    let capacity = this.slots.length;
    while (capacity < length) capacity *= 2;
    const slots = new Int32Array(capacity);
    slots.set(this.slots);
    this.slots = slots;
  }
}

/** The smallest key first, and of equal keys the oldest request; or, `worstFirst`, just the other way. O(log n). */
export class OrderedLine extends PlacedLine {
  private readonly worstFirst: boolean;

  constructor(records: RequestRecords, options: { readonly worstFirst: boolean }) {
    super(records);
    this.worstFirst = options.worstFirst;
  }

  add(slot: number): void {
    this.room(this.length + 1);
    this.length += 1;
    this.rise(this.length - 1, slot);
  }

  first(): number {
    return this.length === 0 ? none : this.slots[0]!;
  }

  shift(): number {
    const slot = this.first();
    if (slot !== none) this.remove(slot);
    return slot;
  }

  remove(slot: number): void {
    const place = this.placeOf(slot);
    this.length -= 1;
    if (place === this.length) return;
    const moved = this.slots[this.length]!;
    if (this.precedes(moved, slot)) this.rise(place, moved);
    else this.sink(place, moved);
  }

  private precedes(left: number, right: number): boolean {
    const { numbers } = this.records;
    const a = left << numberShift;
    const b = right << numberShift;
    const gap = numbers[a | numberKey]! - numbers[b | numberKey]!;
    const isBefore =
      gap < 0 || (gap === 0 && numbers[a | numberSequence]! < numbers[b | numberSequence]!);
    return isBefore !== this.worstFirst;
  }

  private rise(from: number, slot: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.slots[parent]!;
      if (!this.precedes(slot, above)) break;
      this.put(place, above);
      place = parent;
    }
    this.put(place, slot);
  }

  private sink(from: number, slot: number): void {
    let place = from;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= this.length) break;
      if (child + 1 < this.length && this.precedes(this.slots[child + 1]!, this.slots[child]!)) {
        child += 1;
      }
      if (!this.precedes(this.slots[child]!, slot)) break;
      this.put(place, this.slots[child]!);
      place = child;
    }
    this.put(place, slot);
  }
}

/** Any of those waiting, each as likely as the others. */
export class RandomLine extends PlacedLine {
  private readonly stream: Stream;

  constructor(records: RequestRecords, stream: Stream) {
    super(records);
    this.stream = stream;
  }

  add(slot: number): void {
    this.room(this.length + 1);
    this.put(this.length, slot);
    this.length += 1;
  }

  first(): number {
    return this.length === 0 ? none : this.slots[0]!;
  }

  shift(): number {
    if (this.length === 0) return none;
    const slot = this.slots[this.stream.int(this.length)]!;
    this.remove(slot);
    return slot;
  }

  remove(slot: number): void {
    this.length -= 1;
    const moved = this.slots[this.length]!;
    if (moved !== slot) this.put(this.placeOf(slot), moved);
  }
}

import {
  align8,
  type NumberArray,
  type Registered,
  readArray,
  writeArray,
} from "./containers/registered.ts";
import { none } from "./none.ts";

/** Words a slot takes in `record`; a power of two, so that a shift finds it, and one half of a cache line. */
export const recordShift = 3;
export const recordHandler = 0;
export const recordA = 1;
export const recordB = 2;
export const recordC = 3;
export const recordGeneration = 4;
export const recordNext = 5;

/** In place of a handler's number: the event was cancelled, and its slot is reclaimed when it is met. */
const cancelled = -1;

/**
 * The pending events in the order (time, sequence). An event is a slot: its time and sequence number in arrays of
 * doubles, everything else in one record of whole numbers. A heap with four children a node holds times and slots.
 */
export class Agenda implements Registered {
  /** By slot; replaced on growth. */
  timeOf: Float64Array;
  sequenceOf: Float64Array;
  record: Int32Array;
  sequence = 0;
  slotsUsed = 0;
  deadCount = 0;
  private readonly slotsMax: number;
  private freeHead = none;
  private heapTime: Float64Array;
  private heapSlot: Int32Array;
  private heapLength = 0;

  constructor(slotsMax: number) {
    this.slotsMax = slotsMax;
    const capacity = Math.min(256, slotsMax);
    this.timeOf = new Float64Array(capacity);
    this.sequenceOf = new Float64Array(capacity);
    this.record = newRecords(capacity);
    this.heapTime = new Float64Array(capacity);
    this.heapSlot = new Int32Array(capacity);
    let slot = capacity - 1;
    for (; slot >= 0; slot -= 1) this.give(slot);
    this.slotsUsed = 0;
  }

  /** Events that will still run. */
  get pendingCount(): number {
    return this.slotsUsed - this.deadCount;
  }

  /** A slot to fill, or `none` when `slotsMax` are pending. */
  claim(): number {
    const slot = this.freeHead;
    if (slot === none) return this.claimByGrowing();
    this.freeHead = this.record[(slot << recordShift) + recordNext]!;
    this.slotsUsed += 1;
    return slot;
  }

  /** Takes a filled slot into the order. Of events at one instant, the one inserted first comes first. */
  insert(slot: number): void {
    const at = this.timeOf[slot]!;
    this.sequenceOf[slot] = this.sequence;
    this.sequence += 1;
    const times = this.heapTime;
    const slots = this.heapSlot;
    let hole = this.heapLength;
    this.heapLength = hole + 1;
    // A later event has the larger sequence number, so going up needs no look at it.
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      const parentTime = times[parent]!;
      if (parentTime <= at) break;
      times[hole] = parentTime;
      slots[hole] = slots[parent]!;
      hole = parent;
    }
    times[hole] = at;
    slots[hole] = slot;
  }

  /** Removes and returns the first slot if its time is not after `untilUs`, else `none`. The slot stays claimed. */
  take(untilUs: number): number {
    for (;;) {
      if (this.heapLength === 0 || this.heapTime[0]! > untilUs) return none;
      const slot = this.heapSlot[0]!;
      this.removeTop();
      if (this.record[(slot << recordShift) + recordHandler] !== cancelled) return slot;
      this.deadCount -= 1;
      this.give(slot);
    }
  }

  /** Marks a slot's event as cancelled. */
  cancel(slot: number): void {
    const base = slot << recordShift;
    this.record[base + recordHandler] = cancelled;
    this.bumpGeneration(base);
    this.deadCount += 1;
  }

  /** Returns a slot whose event was taken; its handle is void from now on. */
  release(slot: number): void {
    this.bumpGeneration(slot << recordShift);
    this.give(slot);
  }

  byteLength(): number {
    return (
      48 +
      this.timeOf.length * (16 + (4 << recordShift)) +
      this.heapLength * 8 +
      align8(this.heapLength * 4)
    );
  }

  write(view: DataView, byteOffset: number): void {
    const capacity = this.timeOf.length;
    const head = [
      capacity,
      this.freeHead,
      this.slotsUsed,
      this.deadCount,
      this.sequence,
      this.heapLength,
    ];
    for (const [i, value] of head.entries()) view.setFloat64(byteOffset + i * 8, value, true);
    let at = byteOffset + 48;
    for (const array of this.arrays()) {
      writeArray(array, view, at);
      at += align8(array.byteLength);
    }
  }

  read(view: DataView, byteOffset: number): void {
    const head = (i: number) => view.getFloat64(byteOffset + i * 8, true);
    const capacity = head(0);
    if (capacity > this.slotsMax)
      throw new Error(`it has ${capacity} slots, pendingMax is ${this.slotsMax}`);
    this.timeOf = new Float64Array(capacity);
    this.sequenceOf = new Float64Array(capacity);
    this.record = new Int32Array(capacity << recordShift);
    this.heapTime = new Float64Array(capacity);
    this.heapSlot = new Int32Array(capacity);
    this.freeHead = head(1);
    this.slotsUsed = head(2);
    this.deadCount = head(3);
    this.sequence = head(4);
    this.heapLength = head(5);
    let at = byteOffset + 48;
    for (const array of this.arrays()) {
      readArray(array, view, at);
      at += align8(array.byteLength);
    }
  }

  private arrays(): NumberArray[] {
    const heapTime = this.heapTime.subarray(0, this.heapLength);
    const heapSlot = this.heapSlot.subarray(0, this.heapLength);
    return [this.timeOf, this.sequenceOf, this.record, heapTime, heapSlot];
  }

  private give(slot: number): void {
    this.record[(slot << recordShift) + recordNext] = this.freeHead;
    this.freeHead = slot;
    this.slotsUsed -= 1;
  }

  private bumpGeneration(base: number): void {
    const generation = this.record[base + recordGeneration]! + 1;
    this.record[base + recordGeneration] = generation === generationEnd ? 1 : generation;
  }

  private removeTop(): void {
    const times = this.heapTime;
    const slots = this.heapSlot;
    const length = this.heapLength - 1;
    this.heapLength = length;
    if (length === 0) return;
    const at = times[length]!;
    const slot = slots[length]!;
    let hole = 0;
    for (;;) {
      const first = (hole << 2) + 1;
      if (first >= length) break;
      const end = first + 4 < length ? first + 4 : length;
      let best = first;
      let bestTime = times[first]!;
      for (let child = first + 1; child < end; child += 1) {
        const time = times[child]!;
        if (time < bestTime || (time === bestTime && this.precedes(slots[child]!, slots[best]!))) {
          best = child;
          bestTime = time;
        }
      }
      if (bestTime > at || (bestTime === at && this.precedes(slot, slots[best]!))) break;
      times[hole] = bestTime;
      slots[hole] = slots[best]!;
      hole = best;
    }
    times[hole] = at;
    slots[hole] = slot;
  }

  private precedes(slot: number, other: number): boolean {
    return this.sequenceOf[slot]! < this.sequenceOf[other]!;
  }

  private claimByGrowing(): number {
    const before = this.timeOf.length;
    if (before === this.slotsMax) return none;
    const capacity = Math.min(before * 2, this.slotsMax);
    this.timeOf = enlarged(this.timeOf, capacity);
    this.sequenceOf = enlarged(this.sequenceOf, capacity);
    this.heapTime = enlarged(this.heapTime, capacity);
    const heapSlot = new Int32Array(capacity);
    heapSlot.set(this.heapSlot);
    this.heapSlot = heapSlot;
    const record = newRecords(capacity);
    record.set(this.record);
    this.record = record;
    for (let slot = capacity - 1; slot >= before; slot -= 1) {
      this.slotsUsed += 1;
      this.give(slot);
    }
    return this.claim();
  }
}

/** Generations run from 1 to 2^29 - 1, so that with 24 bits of slot a handle is an exact double and never 0. */
const generationEnd = 536870912;

function newRecords(capacity: number): Int32Array {
  const record = new Int32Array(capacity << recordShift);
  for (let slot = 0; slot < capacity; slot += 1)
    record[(slot << recordShift) + recordGeneration] = 1;
  return record;
}

function enlarged(array: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(array);
  return larger;
}

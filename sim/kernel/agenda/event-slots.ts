import { none } from "../none.ts";

// Words of a slot's record; together with the time they fill 32 bytes, so that an event is half a cache line. A word is
// at `(slot << slotShift) | word`: a sum would be looked at for overflow.
export const slotShift = 3;
export const wordHandler = 0;
export const wordA = 1;
export const wordB = 2;
export const wordC = 3;
const wordGeneration = 4;
/** The time is a double in the last two words: at `(slot << timeShift) | timePlace` of `times`. */
export const timeShift = 2;
export const timePlace = 3;

/** In place of a handler's number: the event was cancelled, and its slot is reclaimed when it is met. */
const cancelled = -1;

/** Generations run from 0 to 2^28 - 1, so that with 24 bits of slot a handle is an exact double. */
const generationMask = 268_435_455;
const slotSpan = 16_777_216;

const slotsMin = 64;

/** Where pending events are kept: one record a slot, a free list, nothing about their order. */
export class EventSlots {
  /** Both look at the same memory, and both are replaced on growth. */
  words: Int32Array;
  times: Float64Array;
  /** The slot behind each in its list: apart from the records, so that walking a list touches few cache lines. */
  next: Int32Array = new Int32Array(0);
  capacity: number;
  /** Slots in use, those of cancelled events included. */
  usedCount = 0;
  /** Slots in use whose events were cancelled. */
  deadCount = 0;
  readonly slotsMax: number;
  /** The next slot to be claimed, or `none`: then there have to be more, or some have to be reclaimed. */
  freeHead = none;

  constructor(slotsMax: number) {
    this.slotsMax = slotsMax;
    this.capacity = 0;
    this.words = new Int32Array(0);
    this.times = new Float64Array(0);
    this.enlarge();
  }

  /** Takes the first free slot, which `freeHead` names, to be filled. */
  claim(slot: number): void {
    this.freeHead = this.next[slot]!;
    this.usedCount += 1;
  }

  /** Names the event of a slot, in one exact double above 0. */
  handleOf(slot: number): number {
    return (this.words[(slot << slotShift) | wordGeneration]! + 1) * slotSpan + slot;
  }

  /** The slot of an event that is pending, or `none`. */
  slotOf(handle: number): number {
    if (!(handle >= slotSpan)) return none;
    const slot = handle % slotSpan;
    return slot < this.capacity && this.handleOf(slot) === handle ? slot : none;
  }

  /** When the event of a slot is to run. */
  timeOf(slot: number): number {
    return this.times[(slot << timeShift) | timePlace]!;
  }

  /** Returns the slot of an event that is about to run; its handle is void from now on. */
  release(slot: number): void {
    const words = this.words;
    const place = (slot << slotShift) | wordGeneration;
    words[place] = (words[place]! + 1) & generationMask;
    this.next[slot] = this.freeHead;
    this.freeHead = slot;
    this.usedCount -= 1;
  }

  /** Whether the event of a slot was cancelled. */
  isDead(slot: number): boolean {
    return this.words[(slot << slotShift) | wordHandler] === cancelled;
  }

  /** Cancels the event of a slot; the slot stays where it is in the order until it is met. */
  kill(slot: number): void {
    const place = (slot << slotShift) | wordGeneration;
    this.words[(slot << slotShift) | wordHandler] = cancelled;
    this.words[place] = (this.words[place]! + 1) & generationMask;
    this.deadCount += 1;
  }

  /** Reclaims the slot of a cancelled event, once nothing in the order refers to it. */
  bury(slot: number): void {
    this.deadCount -= 1;
    this.next[slot] = this.freeHead;
    this.freeHead = slot;
    this.usedCount -= 1;
  }

  numbers(): number[] {
    return [this.usedCount, this.deadCount, this.freeHead];
  }

  /** Takes back what `numbers`, `words` and `next` held. */
  restore(
    [usedCount, deadCount, freeHead]: readonly number[],
    words: Int32Array,
    next: Int32Array,
  ): void {
    this.words = words;
    this.next = next;
    this.times = new Float64Array(words.buffer);
    this.capacity = words.length >> slotShift;
    this.usedCount = usedCount!;
    this.deadCount = deadCount!;
    this.freeHead = freeHead!;
  }

  /** Twice the slots, as far as that is allowed; false when there are `slotsMax`. */
  enlarge(): boolean {
    const capacity = Math.min(Math.max(this.capacity * 2, slotsMin), this.slotsMax);
    if (capacity === this.capacity) return false;
    const words = new Int32Array(capacity << slotShift);
    words.set(this.words);
    this.words = words;
    const next = new Int32Array(capacity);
    next.set(this.next);
    this.next = next;
    this.times = new Float64Array(words.buffer);
    for (let slot = capacity - 1; slot >= this.capacity; slot -= 1) {
      next[slot] = this.freeHead;
      this.freeHead = slot;
    }
    this.capacity = capacity;
    return true;
  }
}

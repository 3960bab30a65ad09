import { type Registered, readArray, writeArray } from "../containers/registered.ts";
import { none } from "../none.ts";

/**
 * Words of a request's record, each at `(slot << recordShift) | word` of `words`. A record is two cache lines, and what
 * every request needs is in the first, so that a request touches one line where columns would touch ten.
 */
export const recordShift = 5;
export const wordEntity = 0;
export const wordOwner = 1;
export const wordState = 2;
/** The step after what is asked for. */
export const wordDone = 3;
/** Which wishes of the second line this request has: the bits below. */
export const wordWishes = 4;
const wordGeneration = 5;
const wordNextFree = 6;
/** The amount asked of a buffer; the item brought to a store, or what is told to its filter. */
export const wordAmount = 7;
/** While it is served: the slot of the event that ends the service. In the place of `numberTold`, for it is one or the other. */
export const wordEnding = 12;
export const wordTimedOut = 16;
/** Of these only facilities know, and of the last two only such as interrupt. */
export const wordBegun = 17;
export const wordEntered = 18;
export const wordInterrupted = 19;
export const wordRefused = 20;
export const wordFilter = 21;
/** Where an ordered line keeps it. */
export const wordPlace = 22;

/** Doubles of the same record, each at `(slot << numberShift) | number` of `numbers`. */
export const numberShift = 4;
export const numberAskedUs = 4;
export const numberWorkUs = 5;
/** While a server is held: the event that tells the holder, by its handle. */
export const numberTold = 6;
/** The order in which requests were made. */
export const numberSequence = 7;
export const numberTimer = 12;
/** Work that is left; only where services are interrupted. */
export const numberRemainingUs = 13;
export const numberKey = 14;
export const numberBeganUs = 15;

// Wishes: it has a timer; a step when its service begins; a step when it is inside; a timeout that ends with its service.
export const wishTimer = 1;
export const wishBegun = 2;
export const wishEntered = 4;
export const wishUntilDone = 8;

// States: what a request is doing.
export const stateWaiting = 0;
export const stateOutside = 1;
export const stateServing = 2;
export const stateHolding = 3;

const recordBytes = 4 << recordShift;
const inUse = -2;

/** Records that come and go within a fixed number of slots; the last slot freed is taken first. */
export class RequestRecords implements Registered {
  /** Both look at the same memory. A new tenant finds what the last one left. */
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  /** Neighbours in a linked line. */
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly slotsMax: number;
  /** Slots in use. */
  usedCount = 0;
  /** Slots below this have been used at least once; the rest cost nothing in a snapshot. */
  private touchedCount = 0;
  private freeHead = none;

  constructor(slotsMax: number) {
    this.slotsMax = slotsMax;
    this.words = new Int32Array(slotsMax << recordShift);
    this.numbers = new Float64Array(this.words.buffer);
    this.before = new Int32Array(slotsMax);
    this.after = new Int32Array(slotsMax);
  }

  /** A slot, or `none` when all are taken. */
  alloc(): number {
    const slot = this.freeHead;
    if (slot === none) return this.touch();
    const place = (slot << recordShift) | wordNextFree;
    this.freeHead = this.words[place]!;
    this.words[place] = inUse;
    this.usedCount += 1;
    return slot;
  }

  /** Gives a slot back. Freeing a free slot throws: it would hand one slot to two tenants. */
  free(slot: number): void {
    const words = this.words;
    const base = slot << recordShift;
    if (words[base | wordNextFree] !== inUse) refuseFree(slot);
    words[base | wordNextFree] = this.freeHead;
    words[base | wordGeneration] = (words[base | wordGeneration]! + 1) | 0;
    this.freeHead = slot;
    this.usedCount -= 1;
  }

  /** Goes up by one whenever the slot is freed; 0 or more. */
  generationOf(slot: number): number {
    return this.words[(slot << recordShift) | wordGeneration]! >>> 0;
  }

  /** Whether a slot has a tenant now. */
  isUsed(slot: number): boolean {
    if (!(slot >= 0 && slot < this.touchedCount)) return false;
    return this.words[(slot << recordShift) | wordNextFree] === inUse;
  }

  byteLength(): number {
    return 24 + this.touchedCount * (recordBytes + 8);
  }

  write(view: DataView, byteOffset: number): void {
    const count = this.touchedCount;
    view.setFloat64(byteOffset, count, true);
    view.setFloat64(byteOffset + 8, this.usedCount, true);
    view.setFloat64(byteOffset + 16, this.freeHead, true);
    let at = byteOffset + 24;
    for (const array of this.arrays(count)) {
      writeArray(array, view, at);
      at += array.byteLength;
    }
  }

  read(view: DataView, byteOffset: number): void {
    const count = view.getFloat64(byteOffset, true);
    if (count > this.slotsMax) throw new Error(`it uses ${count} slots of ${this.slotsMax}`);
    // What was used here and not there: the past leaves no trace.
    if (count < this.touchedCount) {
      this.words.fill(0, count << recordShift, this.touchedCount << recordShift);
    }
    this.touchedCount = count;
    this.usedCount = view.getFloat64(byteOffset + 8, true);
    this.freeHead = view.getFloat64(byteOffset + 16, true);
    let at = byteOffset + 24;
    for (const array of this.arrays(count)) {
      readArray(array, view, at);
      at += array.byteLength;
    }
  }

  private touch(): number {
    const slot = this.touchedCount;
    if (slot === this.slotsMax) return none;
    this.words[(slot << recordShift) | wordNextFree] = inUse;
    this.touchedCount += 1;
    this.usedCount += 1;
    return slot;
  }

  private arrays(count: number): Int32Array[] {
    const { words, before, after } = this;
    return [
      words.subarray(0, count << recordShift),
      before.subarray(0, count),
      after.subarray(0, count),
    ];
  }
}

function refuseFree(slot: number): never {
  throw new Error(`Slot ${slot} was freed although it is not in use`);
}

import { widenFloats, widenInts } from "./widen.ts";

/** An order's fixed traits packed into one word: side, type, time in force, self-trade mode and the marks below. */
export const Flag = {
  side: 1,
  typeShift: 1,
  typeMask: 0b111 << 1,
  tifShift: 4,
  tifMask: 0b111 << 4,
  stpShift: 7,
  stpMask: 0b111 << 7,
  postOnly: 1 << 10,
  allOrNone: 1 << 11,
  iceberg: 1 << 12,
  account: 1 << 13,
  /** A stop that has not fired. */
  waiting: 1 << 14,
  minQty: 1 << 15,
} as const;

/** Where a slot's record begins in `ints` and in `floats`; a record is 32 bytes, seen through both. */
export const intShift = 3;
export const floatShift = 2;

/** Words of a record in `ints`: `ints[(slot << intShift) | Int.next]`. The six take the first 24 bytes. */
export const Int = {
  /** -1 while the slot is free. */
  id: 0,
  symbol: 1,
  flags: 2,
  next: 3,
  prev: 4,
  /** Row in the level pool; -1 while not in a book. */
  level: 5,
} as const;

/** Words of a record in `floats`: `floats[(slot << floatShift) | Float.leaves]`, after the whole numbers. */
export const Float = {
  /** Open quantity, hidden part included. */
  leaves: 3,
} as const;

/** Where a slot's pair begins in `terms`. */
export const termShift = 1;

/** Words of a pair in `terms`: `terms[(slot << termShift) | Term.price]`. */
export const Term = {
  price: 0,
  /** Number of the entry; grows with every entry into the book, so it orders orders by age. */
  entry: 1,
} as const;

/**
 * All orders of all symbols, addressed by slot, with a free list through `next`; a slot's `next` and `prev` chain it to its
 * price level or to the waiting stops. What a cancel or a fill touches stands together in one small record: in a deep book
 * their cost is the memory that they have to fetch. Price and age stand in pairs beside it, and the rare traits in columns,
 * which are empty until the first order needs them.
 */
export class OrderPool {
  readonly capacityMax: number;
  capacity: number;
  /** Live orders, waiting stops included. */
  count = 0;
  /** First free slot, or -1. */
  private freeHead = -1;
  /** Slots from here on were never used. */
  private fresh = 0;

  ints: Int32Array<ArrayBuffer>;
  floats: Float64Array<ArrayBuffer>;
  /** Price and age, which are written on entry and seldom read. */
  terms: Float64Array;

  account = new Int32Array(0);
  display = new Float64Array(0);
  /** What is left of the open slice. */
  shown = new Float64Array(0);
  minQty = new Float64Array(0);
  /** Stop price, or the distance of a trailing stop. */
  stop = new Float64Array(0);
  /** Best last trade since entry; NaN before the first. */
  mark = new Float64Array(0);
  expireAt = new Float64Array(0);

  constructor(capacityMax: number, capacity = 4096) {
    this.capacityMax = capacityMax;
    this.capacity = capacity < capacityMax ? capacity : capacityMax;
    this.floats = new Float64Array(this.capacity << floatShift);
    this.ints = new Int32Array(this.floats.buffer);
    this.terms = new Float64Array(this.capacity << termShift);
  }

  get isFull(): boolean {
    return this.count >= this.capacityMax;
  }

  /** A slot for a new order. The caller has looked at `isFull` and fills the record. */
  allocate(): number {
    this.count++;
    const slot = this.freeHead;
    if (slot >= 0) {
      this.freeHead = this.ints[(slot << intShift) | Int.next]!;
      return slot;
    }
    if (this.fresh === this.capacity) this.grow();
    return this.fresh++;
  }

  release(slot: number): void {
    const { ints } = this;
    ints[(slot << intShift) | Int.next] = this.freeHead;
    ints[(slot << intShift) | Int.id] = -1;
    this.freeHead = slot;
    this.count--;
  }

  /** Makes the rare columns as long as the others. Called before the first special order, and never on the plain path. */
  ensureRare(): void {
    if (this.account.length === this.capacity) return;
    this.account = widenInts(this.account, this.capacity);
    this.display = widenFloats(this.display, this.capacity);
    this.shown = widenFloats(this.shown, this.capacity);
    this.minQty = widenFloats(this.minQty, this.capacity);
    this.stop = widenFloats(this.stop, this.capacity);
    this.mark = widenFloats(this.mark, this.capacity);
    this.expireAt = widenFloats(this.expireAt, this.capacity);
  }

  /** Visits every live slot, in slot order, which means nothing: sort by `entry` before acting on it. */
  forEach(visit: (slot: number) => void): void {
    for (let slot = 0; slot < this.fresh; slot++) {
      if (this.ints[(slot << intShift) | Int.id]! >= 0) visit(slot);
    }
  }

  clear(): void {
    this.count = 0;
    this.freeHead = -1;
    this.fresh = 0;
  }

  private grow(): void {
    const capacity = this.capacity * 2 < this.capacityMax ? this.capacity * 2 : this.capacityMax;
    const isRare = this.account.length > 0;
    this.capacity = capacity;
    this.floats = widenFloats(this.floats, capacity << floatShift);
    this.ints = new Int32Array(this.floats.buffer);
    this.terms = widenFloats(this.terms, capacity << termShift);
    if (isRare) this.ensureRare();
  }
}

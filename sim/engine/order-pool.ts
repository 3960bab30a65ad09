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

/** `Int.id` of a free slot. */
const free = -1;

/** Slots beside the homes, as a part of the homes. */
const awayShift = 3;

/**
 * All orders of all symbols, addressed by slot. An order stands at its *home*, the slot that the low bits of its id name,
 * or, where an older order is still there, *away*: in one of the slots behind the homes, which are handed out by a free
 * list. Ids are handed out in turn, so most orders are at home, and whoever knows the id has the order with one look.
 *
 * A slot's `next` and `prev` chain it to its price level or to the waiting stops. What a cancel or a fill touches stands
 * together in one small record: in a deep book their cost is the memory that they have to fetch. Price and age stand in
 * pairs beside it, and the rare traits in columns, which are empty until the first order needs them.
 */
export class OrderPool {
  readonly countMax: number;
  /** Slots, a power of two of homes and those away. */
  capacity: number;
  /** Live orders, waiting stops included. */
  count = 0;
  private homeCount: number;
  /** First free slot away from the homes, or -1. */
  private freeHead = -1;
  /** Slots from here on were never used by an order away from home. */
  private fresh: number;

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

  /** `homeCount` is a power of two of at least 8. */
  constructor(countMax: number, homeCount = 4096) {
    this.countMax = countMax;
    this.homeCount = homeCount;
    this.fresh = homeCount;
    this.capacity = homeCount + (homeCount >> awayShift);
    this.floats = new Float64Array(this.capacity << floatShift);
    this.ints = new Int32Array(this.floats.buffer);
    this.terms = new Float64Array(this.capacity << termShift);
    this.freeFrom(0);
  }

  get isFull(): boolean {
    return this.count >= this.countMax;
  }

  /** A slot for a new order. The caller has looked at `isFull` and fills the rest of the record. */
  allocate(id: number): number {
    this.count++;
    const home = id & (this.homeCount - 1);
    const slot = this.ints[(home << intShift) | Int.id]! === free ? home : this.awaySlot(id);
    this.ints[(slot << intShift) | Int.id] = id;
    return slot;
  }

  /** True when the order with this id, of at least 0, stands in this slot. */
  isAt(slot: number, id: number): boolean {
    return this.ints[(slot << intShift) | Int.id]! === id;
  }

  /** The slot in which an order with this id stands unless it is away. */
  homeOf(id: number): number {
    return id & (this.homeCount - 1);
  }

  release(slot: number): void {
    const { ints } = this;
    ints[(slot << intShift) | Int.id] = free;
    if (slot >= this.homeCount) {
      ints[(slot << intShift) | Int.next] = this.freeHead;
      this.freeHead = slot;
    }
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
      if (this.ints[(slot << intShift) | Int.id]! !== free) visit(slot);
    }
  }

  clear(): void {
    this.count = 0;
    this.freeHead = -1;
    this.fresh = this.homeCount;
    this.freeFrom(0);
  }

  private awaySlot(id: number): number {
    const slot = this.freeHead;
    if (slot >= 0) {
      this.freeHead = this.ints[(slot << intShift) | Int.next]!;
      return slot;
    }
    if (this.fresh < this.capacity) return this.fresh++;
    this.grow();
    const home = this.homeOf(id);
    return this.isAt(home, free) ? home : this.fresh++;
  }

  /** Doubles the homes. Every order stays where it is; places away, none of which is free now, become homes. */
  private grow(): void {
    const from = this.capacity;
    const isRare = this.account.length > 0;
    this.homeCount *= 2;
    this.fresh = this.homeCount;
    this.capacity = this.homeCount + (this.homeCount >> awayShift);
    this.floats = widenFloats(this.floats, this.capacity << floatShift);
    this.ints = new Int32Array(this.floats.buffer);
    this.terms = widenFloats(this.terms, this.capacity << termShift);
    this.freeFrom(from);
    if (isRare) this.ensureRare();
  }

  private freeFrom(slot: number): void {
    for (let at = slot; at < this.capacity; at++) this.ints[(at << intShift) | Int.id] = free;
  }
}

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

/**
 * All orders of all symbols as columns addressed by slot, with a free list through `next`. A slot's `next` and `prev`
 * chain it to its price level or to the waiting stops. The rare columns are empty until the first order needs them, so a
 * plain limit order touches only the common ones.
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

  id: Int32Array;
  symbol: Int32Array;
  flags: Int32Array;
  next: Int32Array;
  prev: Int32Array;
  /** Row in the level pool; -1 while not in a book. */
  level: Int32Array;
  price: Float64Array;
  /** Open quantity, hidden part included. */
  leaves: Float64Array;
  /** Number of the entry; grows with every entry into the book, so it orders orders by age. */
  entry: Float64Array;

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
    this.id = new Int32Array(this.capacity);
    this.symbol = new Int32Array(this.capacity);
    this.flags = new Int32Array(this.capacity);
    this.next = new Int32Array(this.capacity);
    this.prev = new Int32Array(this.capacity);
    this.level = new Int32Array(this.capacity);
    this.price = new Float64Array(this.capacity);
    this.leaves = new Float64Array(this.capacity);
    this.entry = new Float64Array(this.capacity);
  }

  get isFull(): boolean {
    return this.count >= this.capacityMax;
  }

  /** A slot for a new order. The caller has looked at `isFull` and fills the common columns. */
  allocate(): number {
    this.count++;
    const slot = this.freeHead;
    if (slot >= 0) {
      this.freeHead = this.next[slot]!;
      return slot;
    }
    if (this.fresh === this.capacity) this.grow();
    return this.fresh++;
  }

  release(slot: number): void {
    this.next[slot] = this.freeHead;
    this.freeHead = slot;
    this.id[slot] = -1;
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
    for (let slot = 0; slot < this.fresh; slot++) if (this.id[slot]! >= 0) visit(slot);
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
    this.id = widenInts(this.id, capacity);
    this.symbol = widenInts(this.symbol, capacity);
    this.flags = widenInts(this.flags, capacity);
    this.next = widenInts(this.next, capacity);
    this.prev = widenInts(this.prev, capacity);
    this.level = widenInts(this.level, capacity);
    this.price = widenFloats(this.price, capacity);
    this.leaves = widenFloats(this.leaves, capacity);
    this.entry = widenFloats(this.entry, capacity);
    if (isRare) this.ensureRare();
  }
}

import { widenFloats } from "./widen.ts";

/** Most events one command may cause; a mass cancel of every open order is the largest. */
const eventsMax = 2 ** 26;

/** Where a row begins in `ints` and in `floats`; a row is 64 bytes, seen through both. */
const intShift = 4;
const floatShift = 3;

/** Words of a row in `ints`. Kind, reason and side share the first, a byte each. */
const Int = { what: 0, symbol: 1, orderId: 2, otherId: 3 } as const;
const reasonShift = 8;
const sideShift = 16;
const byteMask = 0xff;

/** Words of a row in `floats`, behind the whole numbers. */
const Float = { price: 2, quantity: 3, sequence: 4, shownBefore: 5, levelShown: 6 } as const;

/**
 * The events of the last command, in the order in which they happened. Reused: the next command overwrites them. A row is
 * one record of memory, because the engine writes more of them than anybody reads.
 */
export class EventBuffer {
  count = 0;
  private floats: Float64Array<ArrayBuffer>;
  private ints: Int32Array<ArrayBuffer>;

  constructor(capacity = 1024) {
    this.floats = new Float64Array(capacity << floatShift);
    this.ints = new Int32Array(this.floats.buffer);
  }

  /** Rows there is memory for. */
  get capacity(): number {
    return this.floats.length >> floatShift;
  }

  /** `EventKind`. */
  kind(row: number): number {
    return this.ints[(row << intShift) | Int.what]! & byteMask;
  }

  /** `Reason`; 0 where nothing was refused or removed. */
  reason(row: number): number {
    return (this.ints[(row << intShift) | Int.what]! >> reasonShift) & byteMask;
  }

  /** `Side` of the order; of the taker for a trade. */
  side(row: number): number {
    return (this.ints[(row << intShift) | Int.what]! >> sideShift) & byteMask;
  }

  symbol(row: number): number {
    return this.ints[(row << intShift) | Int.symbol]!;
  }

  /** The order it is about; the maker for a trade. */
  orderId(row: number): number {
    return this.ints[(row << intShift) | Int.orderId]!;
  }

  /** The taker of a trade, else -1. */
  otherId(row: number): number {
    return this.ints[(row << intShift) | Int.otherId]!;
  }

  /** Whole ticks. 0 for an order without a price. */
  price(row: number): number {
    return this.floats[(row << floatShift) | Float.price]!;
  }

  /** Whole lots. */
  quantity(row: number): number {
    return this.floats[(row << floatShift) | Float.quantity]!;
  }

  /** Number of the command that caused it (for `repeated`: of the first command). */
  sequence(row: number): number {
    return this.floats[(row << floatShift) | Float.sequence]!;
  }

  /**
   * For `traded`, `executed`, `cancelled`, `unrested` and `reshown`: what the order showed in the book before; 0 where it
   * stood in none. Market data is made from this and `levelShown` alone.
   */
  shownBefore(row: number): number {
    return this.floats[(row << floatShift) | Float.shownBefore]!;
  }

  /** For these and `rested`: what is shown at the order's price after it. */
  levelShown(row: number): number {
    return this.floats[(row << floatShift) | Float.levelShown]!;
  }

  push(
    kind: number,
    reason: number,
    side: number,
    symbol: number,
    orderId: number,
    otherId: number,
    price: number,
    quantity: number,
    sequence: number,
  ): void {
    const row = this.count;
    if (row << floatShift === this.floats.length) this.grow();
    const { ints, floats } = this;
    const int = row << intShift;
    ints[int | Int.what] = kind | (reason << reasonShift) | (side << sideShift);
    ints[int | Int.symbol] = symbol;
    ints[int | Int.orderId] = orderId;
    ints[int | Int.otherId] = otherId;
    const float = row << floatShift;
    floats[float | Float.price] = price;
    floats[float | Float.quantity] = quantity;
    floats[float | Float.sequence] = sequence;
    this.count = row + 1;
  }

  /** Completes the event pushed last, which changed what is shown. */
  noteShown(shownBefore: number, levelShown: number): void {
    const float = (this.count - 1) << floatShift;
    this.floats[float | Float.shownBefore] = shownBefore;
    this.floats[float | Float.levelShown] = levelShown;
  }

  private grow(): void {
    const capacity = this.capacity * 2;
    if (capacity > eventsMax) throw new Error(`matching engine: more than ${eventsMax} events`);
    this.floats = widenFloats(this.floats, capacity << floatShift);
    this.ints = new Int32Array(this.floats.buffer);
  }
}

import { widenBytes, widenFloats, widenInts } from "./widen.ts";

/** Most events one command may cause; a mass cancel of every open order is the largest. */
const eventsMax = 2 ** 26;

/**
 * The events of the last command as columns, in the order in which they happened; row `i` of every column is one event.
 * Reused: the next command overwrites it. Columns are replaced when they grow, so read them through the buffer.
 */
export class EventBuffer {
  count = 0;
  /** `EventKind`. */
  kind: Uint8Array;
  /** `Reason`; 0 where nothing was refused or removed. */
  reason: Uint8Array;
  /** `Side` of the order; of the taker for a trade. */
  side: Uint8Array;
  symbol: Int32Array;
  /** The order it is about; the maker for a trade. */
  orderId: Int32Array;
  /** The taker of a trade, else -1. */
  otherId: Int32Array;
  /** Whole ticks. 0 for an order without a price. */
  price: Float64Array;
  /** Whole lots. */
  quantity: Float64Array;
  /** Number of the command that caused it (for `repeated`: of the first command). */
  sequence: Float64Array;
  /**
   * For `traded`, `executed`, `cancelled`, `unrested` and `reshown`: what the order showed in the book before; 0 where it
   * stood in none. Market data is made from this and the next column alone.
   */
  shownBefore: Float64Array;
  /** For these and `rested`: what is shown at the order's price after it. */
  levelShown: Float64Array;

  constructor(capacity = 1024) {
    this.kind = new Uint8Array(capacity);
    this.reason = new Uint8Array(capacity);
    this.side = new Uint8Array(capacity);
    this.symbol = new Int32Array(capacity);
    this.orderId = new Int32Array(capacity);
    this.otherId = new Int32Array(capacity);
    this.price = new Float64Array(capacity);
    this.quantity = new Float64Array(capacity);
    this.sequence = new Float64Array(capacity);
    this.shownBefore = new Float64Array(capacity);
    this.levelShown = new Float64Array(capacity);
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
    if (row === this.kind.length) this.grow();
    this.kind[row] = kind;
    this.reason[row] = reason;
    this.side[row] = side;
    this.symbol[row] = symbol;
    this.orderId[row] = orderId;
    this.otherId[row] = otherId;
    this.price[row] = price;
    this.quantity[row] = quantity;
    this.sequence[row] = sequence;
    this.count = row + 1;
  }

  /** Completes the event pushed last, which changed what is shown. */
  noteShown(shownBefore: number, levelShown: number): void {
    const row = this.count - 1;
    this.shownBefore[row] = shownBefore;
    this.levelShown[row] = levelShown;
  }

  private grow(): void {
    const capacity = this.kind.length * 2;
    if (capacity > eventsMax) throw new Error(`matching engine: more than ${eventsMax} events`);
    this.kind = widenBytes(this.kind, capacity);
    this.reason = widenBytes(this.reason, capacity);
    this.side = widenBytes(this.side, capacity);
    this.symbol = widenInts(this.symbol, capacity);
    this.orderId = widenInts(this.orderId, capacity);
    this.otherId = widenInts(this.otherId, capacity);
    this.price = widenFloats(this.price, capacity);
    this.quantity = widenFloats(this.quantity, capacity);
    this.sequence = widenFloats(this.sequence, capacity);
    this.shownBefore = widenFloats(this.shownBefore, capacity);
    this.levelShown = widenFloats(this.levelShown, capacity);
  }
}

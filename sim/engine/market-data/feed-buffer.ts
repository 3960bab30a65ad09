import { widenBytes, widenFloats, widenInts } from "../widen.ts";

/** What a feed message says. */
export const FeedKind = {
  /** L3: the order stands at the back of `price` with `quantity` shown; if it stood elsewhere, there no more. */
  add: 1,
  /** L3: `quantity` of the order traded; at nothing left it is gone. */
  execute: 2,
  /** L3: the order keeps its place and shows `quantity` now. */
  change: 3,
  /** L3: the order is gone. */
  remove: 4,
  /** L2: `quantity` is shown at `price` now; 0: nothing. */
  level: 5,
} as const;
export type FeedKind = (typeof FeedKind)[keyof typeof FeedKind];

/** Messages of one feed caused by the last command, as columns. */
export class FeedBuffer {
  count = 0;
  kind = new Uint8Array(256);
  side = new Uint8Array(256);
  symbol = new Int32Array(256);
  /** -1 in L2. */
  orderId = new Int32Array(256);
  price = new Float64Array(256);
  quantity = new Float64Array(256);
  /** Number of the message within its symbol, without gaps. */
  sequence = new Float64Array(256);

  push(
    kind: number,
    symbol: number,
    side: number,
    orderId: number,
    price: number,
    quantity: number,
    sequence: number,
  ): void {
    const row = this.count;
    if (row === this.kind.length) this.grow();
    this.kind[row] = kind;
    this.symbol[row] = symbol;
    this.side[row] = side;
    this.orderId[row] = orderId;
    this.price[row] = price;
    this.quantity[row] = quantity;
    this.sequence[row] = sequence;
    this.count = row + 1;
  }

  private grow(): void {
    const capacity = this.kind.length * 2;
    this.kind = widenBytes(this.kind, capacity);
    this.side = widenBytes(this.side, capacity);
    this.symbol = widenInts(this.symbol, capacity);
    this.orderId = widenInts(this.orderId, capacity);
    this.price = widenFloats(this.price, capacity);
    this.quantity = widenFloats(this.quantity, capacity);
    this.sequence = widenFloats(this.sequence, capacity);
  }
}

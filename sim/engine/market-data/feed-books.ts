import { assert } from "../assert.ts";
import { Side } from "../codes.ts";
import { type FeedBuffer, FeedKind } from "./feed-buffer.ts";
import type { LevelSnapshot, OrderSnapshot } from "./market-data-feed.ts";

/** What a subscriber does with a message: used it, knew it already, or missed one before it and needs a snapshot. */
export type FeedOutcome = "applied" | "old" | "gap";

interface ShownOrder {
  readonly orderId: number;
  readonly side: number;
  readonly price: number;
  quantity: number;
}

/** A subscriber's book of one symbol rebuilt from a snapshot and the L3 messages after it. */
export class OrderFeedBook {
  readonly symbol: number;
  /** Number of the last message it includes. */
  sequence = 0;
  /** Insertion order is time order within a price. */
  private orders = new Map<number, ShownOrder>();

  constructor(symbol: number) {
    this.symbol = symbol;
  }

  load(snapshot: OrderSnapshot): void {
    assert(snapshot.symbol === this.symbol, `snapshot of symbol ${snapshot.symbol}`);
    this.sequence = snapshot.sequence;
    this.orders = new Map(snapshot.orders.map((order) => [order.orderId, { ...order }]));
  }

  /** Applies row `row` of an L3 buffer; rows of other symbols count as old. */
  apply(feed: FeedBuffer, row: number): FeedOutcome {
    if (feed.symbol[row] !== this.symbol || feed.sequence[row]! <= this.sequence) return "old";
    if (feed.sequence[row]! !== this.sequence + 1) return "gap";
    this.sequence++;
    const orderId = feed.orderId[row]!;
    const quantity = feed.quantity[row]!;
    if (feed.kind[row] === FeedKind.add) {
      this.orders.delete(orderId);
      const side = feed.side[row]!;
      this.orders.set(orderId, { orderId, side, price: feed.price[row]!, quantity });
      return "applied";
    }
    const order = this.orders.get(orderId);
    assert(order !== undefined, `message about order ${orderId}, which is not shown`);
    if (feed.kind[row] === FeedKind.execute) order.quantity -= quantity;
    else order.quantity = quantity;
    if (order.quantity <= 0) this.orders.delete(orderId);
    return "applied";
  }

  /** Orders of one side, best price first, oldest first within a price. */
  line(side: Side): readonly Readonly<ShownOrder>[] {
    const better = side === Side.buy ? -1 : 1;
    return [...this.orders.values()]
      .filter((order) => order.side === side)
      .sort((a, b) => (a.price - b.price) * better);
  }
}

/** A subscriber's price levels of one symbol rebuilt from a snapshot and the L2 messages after it. */
export class LevelFeedBook {
  readonly symbol: number;
  /** Number of the last message it includes. */
  sequence = 0;
  private sides: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()];

  constructor(symbol: number) {
    this.symbol = symbol;
  }

  load(snapshot: LevelSnapshot): void {
    assert(snapshot.symbol === this.symbol, `snapshot of symbol ${snapshot.symbol}`);
    this.sequence = snapshot.sequence;
    this.sides = [new Map(snapshot.bids), new Map(snapshot.asks)];
  }

  /** Applies row `row` of an L2 buffer; rows of other symbols count as old. */
  apply(feed: FeedBuffer, row: number): FeedOutcome {
    if (feed.symbol[row] !== this.symbol || feed.sequence[row]! <= this.sequence) return "old";
    if (feed.sequence[row]! !== this.sequence + 1) return "gap";
    this.sequence++;
    const side = this.sides[feed.side[row] as Side];
    if (feed.quantity[row] === 0) side.delete(feed.price[row]!);
    else side.set(feed.price[row]!, feed.quantity[row]!);
    return "applied";
  }

  /** Price and quantity of one side, best first. */
  levels(side: Side): readonly (readonly [price: number, quantity: number])[] {
    const better = side === Side.buy ? -1 : 1;
    return [...this.sides[side]].sort(([a], [b]) => (a - b) * better);
  }
}

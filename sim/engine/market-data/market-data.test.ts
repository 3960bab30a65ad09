import { describe, expect, test } from "vitest";
import { OrderType, Phase, Reason, Side, TimeInForce } from "../codes.ts";
import { MatchingEngine } from "../matching-engine.ts";
import { LevelFeedBook, OrderFeedBook } from "./feed-books.ts";
import { type FeedBuffer, FeedKind } from "./feed-buffer.ts";
import { MarketDataFeed } from "./market-data-feed.ts";

const { limit } = OrderType;
const { gtc } = TimeInForce;

/** The messages of a buffer as rows: kind, symbol, side, order, price, quantity, number. */
function rowsOf(feed: FeedBuffer): number[][] {
  return Array.from({ length: feed.count }, (_, row) => [
    feed.kind[row]!,
    feed.symbol[row]!,
    feed.side[row]!,
    feed.orderId[row]!,
    feed.price[row]!,
    feed.quantity[row]!,
    feed.sequence[row]!,
  ]);
}

function venue(symbolCount = 1) {
  const engine = new MatchingEngine({ symbolCount });
  return { engine, feed: new MarketDataFeed(engine) };
}

describe("the feeds", () => {
  test("tell each command by order and by price, numbered within the symbol", () => {
    const { engine, feed } = venue(2);
    const { add, execute, change, remove, level } = FeedKind;
    engine.place(1, 5, Side.sell, limit, gtc, 100, 9);
    feed.publish();
    expect(rowsOf(feed.orders)).toEqual([[add, 1, Side.sell, 5, 100, 9, 1]]);
    expect(rowsOf(feed.levels)).toEqual([[level, 1, Side.sell, -1, 100, 9, 1]]);
    engine.place(1, 6, Side.buy, limit, gtc, 100, 4);
    feed.publish();
    expect(rowsOf(feed.orders)).toEqual([[execute, 1, Side.sell, 5, 100, 4, 2]]);
    expect(rowsOf(feed.levels)).toEqual([[level, 1, Side.sell, -1, 100, 5, 2]]);
    engine.amend(1, 5, Number.NaN, 3);
    feed.publish();
    expect(rowsOf(feed.orders)).toEqual([[change, 1, Side.sell, 5, 100, 3, 3]]);
    engine.cancel(1, 5);
    feed.publish();
    expect(rowsOf(feed.orders)).toEqual([[remove, 1, Side.sell, 5, 100, 0, 4]]);
    expect(rowsOf(feed.levels)).toEqual([[level, 1, Side.sell, -1, 100, 0, 4]]);
    engine.cancel(1, 5);
    feed.publish();
    expect([feed.orders.count, feed.levels.count]).toEqual([0, 0]);
  });

  test("tell a price that one command touched twice once, as it is then", () => {
    const { engine, feed } = venue();
    for (const id of [1, 2, 3]) engine.place(0, id, Side.buy, limit, gtc, 100, id);
    engine.place(0, 9, Side.sell, limit, gtc, 100, 5);
    feed.publish();
    expect(feed.orders.count).toBe(3);
    expect(rowsOf(feed.levels)).toEqual([[FeedKind.level, 0, Side.buy, -1, 100, 1, 1]]);
  });

  test.each([15, 16, 17, 18, 64, 65, 400])(
    "tell %d touched prices once each, in the order touched",
    (count) => {
      const { engine, feed } = venue();
      for (let at = 0; at < count; at++) {
        engine.place(0, at, Side.sell, limit, gtc, 1000 + at, 2);
        engine.place(0, count + at, Side.sell, limit, gtc, 1000 + at, 1);
      }
      const book = new LevelFeedBook(0);
      const orders = new OrderFeedBook(0);
      book.load(feed.levelSnapshot(0));
      orders.load(feed.orderSnapshot(0));
      expect(orders.line(Side.sell)).toHaveLength(count * 2);
      engine.massCancel(0, -1, Reason.mass);
      feed.publish();
      const rows = rowsOf(feed.levels);
      expect(rows.map((row) => row[4])).toEqual(
        Array.from({ length: count }, (_, at) => 1000 + at),
      );
      expect(rows.map((row) => row[5])).toEqual(Array.from({ length: count }, () => 0));
      for (let row = 0; row < feed.levels.count; row++) book.apply(feed.levels, row);
      for (let row = 0; row < feed.orders.count; row++) orders.apply(feed.orders, row);
      expect(feed.orders.count).toBe(count * 2);
      expect([book.levels(Side.sell), orders.line(Side.sell)]).toEqual([[], []]);
    },
  );

  test("keep the symbols of one command apart", () => {
    const { engine, feed } = venue(2);
    engine.place(0, 1, Side.buy, limit, gtc, 100, 1);
    engine.place(1, 2, Side.buy, limit, gtc, 100, 2);
    engine.massCancel();
    feed.publish();
    expect(rowsOf(feed.orders).map((row) => [row[1], row[3], row[6]])).toEqual([
      [0, 1, 1],
      [1, 2, 1],
    ]);
    expect(rowsOf(feed.levels).map((row) => [row[1], row[4], row[6]])).toEqual([
      [0, 100, 1],
      [1, 100, 1],
    ]);
  });

  test("say nothing of market orders that collect, waiting stops and hidden quantity", () => {
    const { engine, feed } = venue();
    engine.setPhase(0, Phase.auction);
    engine.place(0, 1, Side.buy, OrderType.market, gtc, 0, 5);
    feed.publish();
    expect([feed.orders.count, feed.levels.count]).toEqual([0, 0]);
    engine.place(0, 2, Side.buy, OrderType.stop, gtc, 0, 5, { stopPrice: 90 });
    feed.publish();
    expect(feed.orders.count).toBe(0);
    engine.place(0, 3, Side.buy, limit, gtc, 90, 5, { display: 2 });
    feed.publish();
    expect(rowsOf(feed.levels).map((row) => row[5])).toEqual([2]);
    expect(feed.orderSnapshot(0).orders).toEqual([{ orderId: 3, side: 0, price: 90, quantity: 2 }]);
    expect(feed.levelSnapshot(0)).toEqual({ symbol: 0, sequence: 1, bids: [[90, 2]], asks: [] });
    engine.cancel(0, 2);
    feed.publish();
    expect(feed.orders.count).toBe(0);
  });
});

describe("a subscriber", () => {
  test("knows what is old, what is of another symbol, and what it missed", () => {
    const { engine, feed } = venue(2);
    const orders = new OrderFeedBook(1);
    const levels = new LevelFeedBook(1);
    const apply = () => [orders.apply(feed.orders, 0), levels.apply(feed.levels, 0)];
    const place = (symbol: number, id: number) => {
      engine.place(symbol, id, Side.sell, limit, gtc, 100 - id, id);
      feed.publish();
    };
    place(0, 1);
    expect(apply()).toEqual(["old", "old"]);
    place(1, 2);
    expect(apply()).toEqual(["applied", "applied"]);
    expect(apply()).toEqual(["old", "old"]);
    place(1, 3);
    place(1, 4);
    expect(apply()).toEqual(["gap", "gap"]);
    expect([orders.sequence, levels.sequence]).toEqual([1, 1]);
    orders.load(feed.orderSnapshot(1));
    levels.load(feed.levelSnapshot(1));
    expect(apply()).toEqual(["old", "old"]);
    expect([orders.sequence, levels.sequence]).toEqual([3, 3]);
    expect(orders.line(Side.sell).map(({ orderId }) => orderId)).toEqual([4, 3, 2]);
    expect(levels.levels(Side.sell)).toEqual([
      [96, 4],
      [97, 3],
      [98, 2],
    ]);
    expect([orders.line(Side.buy), levels.levels(Side.buy)]).toEqual([[], []]);
  });

  test("keeps bids best first, and a filled order no longer", () => {
    const { engine, feed } = venue();
    const orders = new OrderFeedBook(0);
    const levels = new LevelFeedBook(0);
    const follow = () => {
      feed.publish();
      for (let row = 0; row < feed.orders.count; row++) orders.apply(feed.orders, row);
      for (let row = 0; row < feed.levels.count; row++) levels.apply(feed.levels, row);
    };
    for (const [id, price] of [98, 100, 99, 100].entries()) {
      engine.place(0, id, Side.buy, limit, gtc, price, 5);
      follow();
    }
    engine.place(0, 9, Side.sell, limit, gtc, 100, 7);
    follow();
    expect(orders.line(Side.buy).map(({ orderId, quantity }) => [orderId, quantity])).toEqual([
      [3, 3],
      [2, 5],
      [0, 5],
    ]);
    expect(levels.levels(Side.buy)).toEqual([
      [100, 3],
      [99, 5],
      [98, 5],
    ]);
  });

  test("refuses a snapshot of another symbol, and a message about an order it was never shown", () => {
    const { engine, feed } = venue(2);
    const orders = new OrderFeedBook(0);
    expect(() => orders.load(feed.orderSnapshot(1))).toThrow("snapshot of symbol 1");
    expect(() => new LevelFeedBook(0).load(feed.levelSnapshot(1))).toThrow("snapshot of symbol 1");
    engine.place(0, 1, Side.buy, limit, gtc, 100, 1);
    engine.cancel(0, 1);
    feed.publish();
    expect(() => orders.apply(feed.orders, 0)).toThrow("order 1, which is not shown");
  });
});

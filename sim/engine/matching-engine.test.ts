import { describe, expect, test } from "vitest";
import { EventKind, OrderType, Phase, Reason, Side, TimeInForce } from "./codes.ts";
import { MatchingEngine } from "./matching-engine.ts";

const { limit, market } = OrderType;
const { gtc, ioc } = TimeInForce;

function copyOf(engine: MatchingEngine, options: { symbolCount: number }): MatchingEngine {
  const view = new DataView(new ArrayBuffer(engine.byteLength()));
  engine.write(view, 0);
  const copy = new MatchingEngine(options);
  copy.read(view, 0, view.byteLength);
  return copy;
}

test("the events of a command carry its number, the maker, the taker and the taker's side", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  engine.place(1, 10, Side.sell, limit, gtc, 100, 5);
  expect(engine.place(1, 11, Side.buy, limit, gtc, 101, 8)).toBe(2);
  const { events } = engine;
  expect([...events.kind.subarray(0, events.count)]).toEqual([
    EventKind.accepted,
    EventKind.traded,
    EventKind.rested,
  ]);
  expect([events.orderId[1], events.otherId[1], events.side[1]]).toEqual([10, 11, Side.buy]);
  expect([events.price[1], events.quantity[1], events.symbol[1]]).toEqual([100, 5, 1]);
  expect([...events.sequence.subarray(0, 3)]).toEqual([2, 2, 2]);
  expect([engine.leavesOf(10), engine.isLive(10), engine.leavesOf(11)]).toEqual([0, false, 3]);
});

test("symbols are apart: an order is known in its own only", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  engine.place(0, 1, Side.sell, limit, gtc, 100, 5);
  engine.place(1, 2, Side.buy, limit, gtc, 100, 5);
  expect(engine.openOrderCount).toBe(2);
  engine.cancel(1, 1);
  expect(engine.events.reason[0]).toBe(Reason.unknownOrder);
  engine.setPhase(0, Phase.halted);
  expect([engine.phaseOf(0), engine.phaseOf(1)]).toEqual([Phase.halted, Phase.continuous]);
});

test("ids that were never seen are not live, whatever they are", () => {
  const engine = new MatchingEngine({ symbolCount: 1 });
  for (const id of [-1, 0, 5_000_000, 2 ** 40]) {
    expect([engine.isLive(id), engine.leavesOf(id)]).toEqual([false, 0]);
  }
});

test("a full engine rejects and goes on when there is room again", () => {
  const engine = new MatchingEngine({ symbolCount: 1, ordersMax: 2 });
  engine.place(0, 0, Side.buy, limit, gtc, 100, 1);
  engine.place(0, 1, Side.buy, limit, gtc, 100, 1);
  engine.place(0, 2, Side.buy, limit, gtc, 100, 1);
  expect(engine.events.reason[0]).toBe(Reason.riskMaxOpenOrders);
  engine.cancel(0, 0);
  engine.place(0, 2, Side.buy, limit, gtc, 100, 1);
  expect(engine.openOrderCount).toBe(2);
});

test("rejected commands are numbered too, repeated ones get the first number and reject again", () => {
  const engine = new MatchingEngine({ symbolCount: 1 });
  expect(engine.cancel(0, 9, 77)).toBe(1);
  expect(engine.place(0, 1, Side.buy, limit, gtc, 100, 1, { reqId: 78 })).toBe(2);
  expect(engine.cancel(0, 9, 77)).toBe(1);
  const { events } = engine;
  expect([events.count, events.kind[0], events.reason[0]]).toEqual([
    1,
    EventKind.repeated,
    Reason.unknownOrder,
  ]);
  expect(engine.place(0, 1, Side.buy, limit, gtc, 100, 1, { reqId: 78 })).toBe(2);
  expect(engine.sequence).toBe(2);
});

test("many prices and orders, inserted and removed anywhere, stay in order", () => {
  const engine = new MatchingEngine({ symbolCount: 1 });
  const open: number[] = [];
  for (let id = 0; id < 20_000; id++) {
    const price = 1 + ((id * 7919) % 10_007);
    engine.place(0, id, Side.buy, limit, gtc, price, 1);
    open.push(id);
    if (id % 3 === 2) {
      const [gone] = open.splice((id * 31) % open.length, 1);
      engine.cancel(0, gone!);
    }
  }
  const prices: number[] = [];
  engine.forEachOpenOrder(0, (_id, _side, price) => prices.push(price));
  expect(prices).toHaveLength(open.length);
  expect(prices).toEqual([...prices].sort((a, b) => b - a));
  expect(copyOf(engine, { symbolCount: 1 }).stateHash()).toBe(engine.stateHash());
});

test("prices that share a place among the remembered levels are told apart, also after they emptied", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  const prices = [100, 1124, 2148, 100 + 1024 * 7];
  for (const [at, price] of prices.entries()) {
    engine.place(0, at, Side.sell, OrderType.limit, TimeInForce.gtc, price, at + 1);
    engine.place(1, 10 + at, Side.sell, OrderType.limit, TimeInForce.gtc, price, 50);
  }
  engine.cancel(0, 1);
  engine.place(0, 20, Side.buy, OrderType.limit, TimeInForce.ioc, 100, 1);
  expect(prices.map((price) => engine.shownAt(0, Side.sell, price))).toEqual([0, 0, 3, 4]);
  engine.place(0, 21, Side.sell, OrderType.limit, TimeInForce.gtc, 1124, 9);
  engine.place(0, 22, Side.sell, OrderType.limit, TimeInForce.gtc, 2148, 1);
  expect(prices.map((price) => engine.shownAt(0, Side.sell, price))).toEqual([0, 9, 4, 4]);
  expect(prices.map((price) => engine.shownAt(1, Side.sell, price))).toEqual([50, 50, 50, 50]);
});

describe("the blob", () => {
  test("holds what nobody sees: used ids, requests, kill switches, sequence, phase", () => {
    const engine = new MatchingEngine({ symbolCount: 2 });
    engine.place(0, 5, Side.buy, limit, ioc, 100, 1, { reqId: 1 });
    engine.kill(4);
    engine.setPhase(1, Phase.auction, 50);
    const copy = copyOf(engine, { symbolCount: 2 });
    expect(copy.sequence).toBe(3);
    expect(copy.phaseOf(1)).toBe(Phase.auction);
    copy.place(0, 6, Side.buy, limit, gtc, 100, 1, { account: 4 });
    expect(copy.events.reason[0]).toBe(Reason.killSwitch);
    copy.place(0, 5, Side.buy, limit, gtc, 100, 1);
    expect(copy.events.reason[0]).toBe(Reason.duplicateOrderId);
    expect(copy.place(0, 9, Side.buy, limit, gtc, 100, 1, { reqId: 1 })).toBe(1);
  });

  test("replaces whatever the reader held before", () => {
    const empty = new MatchingEngine({ symbolCount: 1 });
    const view = new DataView(new ArrayBuffer(empty.byteLength()));
    empty.write(view, 0);
    const engine = new MatchingEngine({ symbolCount: 1 });
    engine.place(0, 1, Side.buy, limit, gtc, 100, 1, { account: 2, display: 1, reqId: 3 });
    engine.place(0, 2, Side.sell, market, gtc, 0, 1);
    engine.kill();
    engine.read(view, 0, view.byteLength);
    expect(engine.stateHash()).toBe(empty.stateHash());
    engine.place(0, 1, Side.buy, limit, gtc, 100, 1, { account: 2, reqId: 3 });
    expect(engine.sequence).toBe(1);
    expect(engine.openOrderCount).toBe(1);
  });

  test("of another size or kind is refused", () => {
    const engine = new MatchingEngine({ symbolCount: 1 });
    const view = new DataView(new ArrayBuffer(engine.byteLength()));
    expect(() => engine.read(view, 0, view.byteLength)).toThrow("no engine blob");
    new MatchingEngine({ symbolCount: 1 }).write(view, 0);
    const two = new MatchingEngine({ symbolCount: 2 });
    expect(() => two.read(view, 0, view.byteLength)).toThrow("holds 1 symbols");
    expect(() => engine.read(view, 0, view.byteLength - 4)).toThrow("ends at byte");
  });
});

test("equal books have equal hashes however they came about; any difference shows", () => {
  const direct = new MatchingEngine({ symbolCount: 1 });
  direct.place(0, 1, Side.buy, limit, gtc, 100, 3);
  const roundabout = new MatchingEngine({ symbolCount: 1 });
  roundabout.place(0, 9, Side.sell, limit, gtc, 200, 3);
  roundabout.place(0, 1, Side.buy, limit, gtc, 100, 5);
  roundabout.cancel(0, 9);
  roundabout.amend(0, 1, 100, 3);
  expect(roundabout.stateHash()).toBe(direct.stateHash());
  roundabout.amend(0, 1, 100, 2);
  expect(roundabout.stateHash()).not.toBe(direct.stateHash());
});

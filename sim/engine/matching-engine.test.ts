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

function rowsOf(events: { readonly count: number }): number[] {
  return Array.from({ length: events.count }, (_, row) => row);
}

test("the events of a command carry its number, the maker, the taker and the taker's side", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  engine.place(1, 10, Side.sell, limit, gtc, 100, 5);
  expect(engine.place(1, 11, Side.buy, limit, gtc, 101, 8)).toBe(2);
  const { events } = engine;
  expect(rowsOf(events).map((row) => events.kind(row))).toEqual([
    EventKind.accepted,
    EventKind.traded,
    EventKind.rested,
  ]);
  expect([events.orderId(1), events.otherId(1), events.side(1)]).toEqual([10, 11, Side.buy]);
  expect([events.price(1), events.quantity(1), events.symbol(1)]).toEqual([100, 5, 1]);
  expect(rowsOf(events).map((row) => events.sequence(row))).toEqual([2, 2, 2]);
  expect([engine.leavesOf(10), engine.isLive(10), engine.leavesOf(11)]).toEqual([0, false, 3]);
});

test("symbols are apart: an order is known in its own only", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  engine.place(0, 1, Side.sell, limit, gtc, 100, 5);
  engine.place(1, 2, Side.buy, limit, gtc, 100, 5);
  expect(engine.openOrderCount).toBe(2);
  engine.cancel(1, 1);
  expect(engine.events.reason(0)).toBe(Reason.unknownOrder);
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
  expect(engine.events.reason(0)).toBe(Reason.riskMaxOpenOrders);
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
  expect([events.count, events.kind(0), events.reason(0)]).toEqual([
    1,
    EventKind.repeated,
    Reason.unknownOrder,
  ]);
  expect(engine.place(0, 1, Side.buy, limit, gtc, 100, 1, { reqId: 78 })).toBe(2);
  expect(engine.sequence).toBe(2);
});

test("what says no request id is never a repetition", () => {
  const engine = new MatchingEngine({ symbolCount: 1 });
  const commands = [
    () => engine.place(0, engine.sequence, Side.buy, limit, gtc, 100, 1),
    () => engine.cancel(0, 0),
    () => engine.amend(0, 2, 100, 1),
    () => engine.massCancel(),
    () => engine.setPhase(0, Phase.continuous),
    () => engine.setTime(5),
    () => engine.endOfDay(),
    () => engine.kill(),
  ];
  const sequences = commands.flatMap((command) => [command(), command()]);
  expect(sequences).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
});

test("a mass cancel is for one symbol or for all, for one account or for everybody", () => {
  const left = (massCancel: (engine: MatchingEngine) => void) => {
    const engine = new MatchingEngine({ symbolCount: 3 });
    for (const symbol of [0, 1, 2]) {
      engine.place(symbol, symbol * 10, Side.buy, limit, gtc, 100, 1, { account: 0 });
      engine.place(symbol, symbol * 10 + 1, Side.buy, limit, gtc, 100, 1, { account: 1 });
      engine.place(symbol, symbol * 10 + 2, Side.buy, limit, gtc, 100, 1);
    }
    massCancel(engine);
    return [0, 1, 2, 10, 11, 12, 20, 21, 22].filter((id) => engine.isLive(id));
  };
  expect(left((engine) => engine.massCancel())).toEqual([]);
  expect(left((engine) => engine.massCancel(1))).toEqual([0, 1, 2, 20, 21, 22]);
  expect(left((engine) => engine.massCancel(0, 0))).toEqual([1, 2, 10, 11, 12, 20, 21, 22]);
  expect(left((engine) => engine.massCancel(-1, 1))).toEqual([0, 2, 10, 12, 20, 22]);
  expect(left((engine) => engine.kill(0))).toEqual([1, 2, 11, 12, 21, 22]);
});

test("an order is amended and cancelled in its own symbol only, also the first of all", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  engine.place(0, 1, Side.sell, limit, gtc, 100, 5);
  engine.amend(1, 1, 100, 3);
  expect([engine.events.kind(0), engine.events.reason(0)]).toEqual([
    EventKind.rejected,
    Reason.unknownOrder,
  ]);
  engine.cancel(1, 1);
  expect(engine.leavesOf(1)).toBe(5);
  engine.amend(0, 1, 101, 3);
  expect([engine.leavesOf(1), engine.shownAt(0, Side.sell, 101)]).toEqual([3, 3]);
  engine.amend(0, 1, 101, 0);
  expect(engine.isLive(1)).toBe(false);
});

test("a price given to an order that has none is not told, and none is given to it by an amend", () => {
  const engine = new MatchingEngine({ symbolCount: 1 });
  const extras = { stopPrice: 120 };
  engine.place(0, 1, Side.buy, OrderType.stop, gtc, 77, 5, extras);
  expect(engine.events.price(0)).toBe(0);
  engine.amend(0, 1, 88, 4);
  expect([engine.events.kind(0), engine.events.price(0)]).toEqual([EventKind.amended, 0]);
  engine.place(0, 2, Side.buy, OrderType.stopLimit, gtc, 121, 5, extras);
  expect(engine.events.price(0)).toBe(121);
  engine.amend(0, 2, 122, 4);
  expect(engine.events.price(0)).toBe(122);
  engine.place(0, 3, Side.buy, market, gtc, 99, 5);
  expect(engine.events.price(0)).toBe(0);
  engine.place(0, 4, Side.buy, market, gtc, 99, -5);
  expect([engine.events.kind(0), engine.events.price(0)]).toEqual([EventKind.rejected, 0]);
});

test("the book is told by order, by price and by level, and nothing where nothing stands", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  engine.place(1, 0, Side.buy, limit, gtc, 100, 9, { display: 2 });
  engine.place(1, 1, Side.buy, limit, gtc, 100, 4);
  engine.place(1, 2, Side.buy, limit, gtc, 99, 3);
  engine.place(1, 3, Side.sell, limit, gtc, 105, 1);
  engine.place(1, 4, Side.sell, OrderType.stopLimit, gtc, 90, 6, { stopPrice: 91 });
  engine.place(1, 5, Side.sell, OrderType.stop, gtc, 0, 7, { stopPrice: 92 });
  const seen: number[][] = [];
  engine.forEachOpenOrder(1, (...order) => seen.push(order));
  expect(seen).toEqual([
    [0, Side.buy, 100, 9, 2],
    [1, Side.buy, 100, 4, 4],
    [2, Side.buy, 99, 3, 3],
    [3, Side.sell, 105, 1, 1],
    [4, Side.sell, 90, 6, 0],
    [5, Side.sell, 0, 7, 0],
  ]);
  expect([0, 1].map((symbol) => engine.openOrderCountOf(symbol))).toEqual([0, 6]);
  const at: number[][] = [];
  engine.forEachOrderAt(1, Side.buy, 100, (...order) => at.push(order));
  expect(at).toEqual([
    [0, 9, 2],
    [1, 4, 4],
  ]);
  engine.forEachOrderAt(1, Side.buy, 98, (...order) => at.push(order));
  expect(at).toHaveLength(2);
  expect([engine.firstOrderAt(1, Side.buy, 100), engine.firstOrderAt(1, Side.sell, 105)]).toEqual([
    0, 3,
  ]);
  expect([engine.firstOrderAt(1, Side.sell, 100), engine.firstOrderAt(0, Side.buy, 100)]).toEqual([
    -1, -1,
  ]);
  expect([engine.shownAt(1, Side.buy, 100), engine.shownAt(1, Side.sell, 105)]).toEqual([6, 1]);
  expect([engine.shownAt(1, Side.sell, 100), engine.shownAt(1, Side.buy, 98)]).toEqual([0, 0]);
  expect([engine.leavesOf(0), engine.leavesOf(77)]).toEqual([9, 0]);
  const prices: number[] = [];
  const quantities: number[] = [];
  expect(engine.levels(1, Side.buy, 1, prices, quantities)).toBe(1);
  expect(engine.levels(1, Side.buy, 2, prices, quantities)).toBe(2);
  expect([prices, quantities]).toEqual([
    [100, 99],
    [6, 3],
  ]);
  expect(engine.levels(1, Side.buy, 0, prices, quantities)).toBe(0);
  expect(engine.levels(1, Side.sell, 9, prices, quantities)).toBe(1);
  expect([prices[0], quantities[0]]).toEqual([105, 1]);
});

test("the best price of a side is a limit, or NaN where no order has one", () => {
  const engine = new MatchingEngine({ symbolCount: 2, config: { phase: Phase.auction } });
  const best = () => [Side.buy, Side.sell].map((side) => engine.bestPriceOf(1, side));
  expect(best()).toEqual([Number.NaN, Number.NaN]);
  engine.place(1, 0, Side.buy, market, gtc, 0, 5);
  engine.place(1, 1, Side.sell, limit, gtc, 105, 1);
  engine.place(1, 2, Side.sell, limit, gtc, 104, 1);
  expect(engine.isLive(0)).toBe(true);
  expect(best()).toEqual([Number.NaN, 104]);
  engine.place(1, 3, Side.buy, limit, gtc, 107, 2);
  expect(best()).toEqual([107, 104]);
  engine.cancel(1, 2);
  engine.cancel(1, 0);
  expect(best()).toEqual([107, 105]);
  expect([engine.bestPriceOf(0, Side.buy)]).toEqual([Number.NaN]);
});

test("an amended order is told with what it has now", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  engine.place(1, 3, Side.sell, limit, gtc, 100, 5);
  engine.amend(1, 3, 102, 6);
  const { events } = engine;
  expect([events.kind(0), events.side(0), events.symbol(0)]).toEqual([
    EventKind.amended,
    Side.sell,
    1,
  ]);
  expect([events.orderId(0), events.price(0)]).toEqual([3, 102]);
  expect([events.quantity(0), events.sequence(0)]).toEqual([6, 2]);
});

test("the time and the price of a phase change are told", () => {
  const engine = new MatchingEngine({ symbolCount: 2 });
  const { events } = engine;
  engine.setTime(77);
  expect([events.kind(0), events.orderId(0), events.quantity(0)]).toEqual([
    EventKind.timeSet,
    -1,
    77,
  ]);
  engine.setPhase(1, Phase.auction, 55);
  expect([events.kind(0), events.symbol(0), events.orderId(0)]).toEqual([
    EventKind.phaseChanged,
    1,
    -1,
  ]);
  expect([events.price(0), events.quantity(0)]).toEqual([55, Phase.auction]);
  engine.setPhase(1, Phase.continuous);
  expect([events.price(0), events.quantity(0)]).toEqual([0, Phase.continuous]);
  engine.kill(4);
  expect([events.kind(0), events.orderId(0)]).toEqual([EventKind.killed, 4]);
  engine.endOfDay();
  expect([events.kind(0), events.orderId(0)]).toEqual([EventKind.dayEnded, -1]);
});

test("an order lives until just before its time, also when a later one was placed first", () => {
  const engine = new MatchingEngine({ symbolCount: 1 });
  const place = (id: number, expireAt?: number) =>
    engine.place(0, id, Side.buy, limit, TimeInForce.gtd, 100, 1, { expireAt });
  place(1, 20);
  place(2, 10);
  place(3);
  const liveAt = (now: number) => {
    engine.setTime(now);
    return [1, 2, 3].filter((id) => engine.isLive(id));
  };
  expect(liveAt(9)).toEqual([1, 2, 3]);
  expect(liveAt(10)).toEqual([1, 3]);
  expect(liveAt(19)).toEqual([1, 3]);
  expect(liveAt(20)).toEqual([3]);
});

test("an engine that cannot be is refused", () => {
  const build = (options: ConstructorParameters<typeof MatchingEngine>[0]) => () =>
    new MatchingEngine(options);
  expect(build({ symbolCount: 0 })).toThrow("symbolCount is 0");
  for (const requestsMax of [0, 128, 255, 257, 300, 384]) {
    expect(build({ symbolCount: 1, requestsMax })).toThrow("no power of two of at least 256");
  }
  expect(build({ symbolCount: 1, requestsMax: 256 })).not.toThrow();
  expect(build({ symbolCount: 2, config: [{}] })).toThrow("1 configs for 2 symbols");
});

test("each symbol has its own rules when there is one for each", () => {
  const engine = new MatchingEngine({ symbolCount: 2, config: [{ tick: 5 }, { maxQty: 3 }] });
  const reasonOf = (symbol: number, price: number, quantity: number) => {
    engine.place(symbol, engine.sequence, Side.buy, limit, gtc, price, quantity);
    return engine.events.reason(0);
  };
  expect([reasonOf(0, 101, 9), reasonOf(0, 100, 9)]).toEqual([Reason.tickSize, Reason.none]);
  expect([reasonOf(1, 101, 9), reasonOf(1, 101, 3)]).toEqual([Reason.riskMaxQty, Reason.none]);
});

test("an auction is uncrossed in its own symbol, and its trades name the later order as taker", () => {
  const engine = new MatchingEngine({ symbolCount: 2, config: { phase: Phase.auction } });
  engine.place(1, 9, Side.buy, market, gtc, 0, 1);
  engine.place(0, 1, Side.buy, limit, gtc, 100, 1);
  engine.place(0, 2, Side.sell, limit, gtc, 100, 2);
  engine.place(0, 3, Side.buy, limit, gtc, 100, 1);
  engine.place(0, 4, Side.buy, market, gtc, 0, 1);
  engine.place(0, 5, Side.sell, OrderType.stop, gtc, 0, 1, { stopPrice: 50 });
  engine.setPhase(0, Phase.continuous);
  const { events } = engine;
  const trades: number[][] = [];
  for (let row = 0; row < events.count; row++) {
    if (events.kind(row) !== EventKind.traded) continue;
    trades.push([events.orderId(row), events.otherId(row), events.side(row)]);
  }
  expect(trades).toEqual([
    [2, 4, Side.buy],
    [1, 2, Side.sell],
  ]);
  expect([3, 5, 9].map((id) => engine.isLive(id))).toEqual([true, true, true]);
});

test("prices and quantities that are not exact are refused, and a stop that names no price", () => {
  const engine = new MatchingEngine({ symbolCount: 1 });
  const exact = Number.MAX_SAFE_INTEGER;
  const reasonOf = (type: OrderType, price: number, quantity: number) => {
    engine.place(0, engine.sequence, Side.buy, type, gtc, price, quantity);
    return engine.events.reason(0);
  };
  expect(reasonOf(limit, exact, 1)).toBe(Reason.none);
  expect(reasonOf(limit, exact + 1, 1)).toBe(Reason.invalidPrice);
  expect(reasonOf(limit, 1, exact)).toBe(Reason.none);
  expect(reasonOf(limit, 1, exact + 1)).toBe(Reason.invalidQty);
  expect(reasonOf(limit, 1.5, 1)).toBe(Reason.tickSize);
  expect(reasonOf(OrderType.stop, 1, 1)).toBe(Reason.invalidPrice);
  expect(reasonOf(OrderType.trailingStop, 1, 1)).toBe(Reason.invalidPrice);
});

test("thousands of orders with every trait go in one command, each told, and their places serve again", () => {
  const engine = new MatchingEngine({ symbolCount: 1, ordersMax: 5000 });
  const { events } = engine;
  for (const from of [0, 5000]) {
    for (let id = from; id < from + 5000; id++) {
      const extras = { account: id % 3, display: 2 };
      engine.place(0, id, Side.sell, limit, gtc, 1 + id, 3 + (id % 5), extras);
    }
    engine.place(0, 20_000, Side.sell, limit, gtc, 1, 1);
    expect(events.reason(0)).toBe(Reason.riskMaxOpenOrders);
    expect(engine.shownAt(0, Side.sell, from + 4500)).toBe(2);
    engine.massCancel();
    const ids = Array.from({ length: 5000 }, (_, at) => from + at);
    expect(rowsOf(events).map((row) => events.orderId(row))).toEqual(ids);
    const quantities = ids.map((id) => 3 + (id % 5));
    expect(rowsOf(events).map((row) => events.quantity(row))).toEqual(quantities);
    expect(rowsOf(events).map((row) => events.price(row))).toEqual(ids.map((id) => 1 + id));
    expect(rowsOf(events).map((row) => events.reason(row))).toEqual(ids.map(() => Reason.mass));
    expect(engine.openOrderCount).toBe(0);
  }
});

test("an engine that had books of its own keeps nothing of them when it becomes another", () => {
  const options = { symbolCount: 2, config: { last: 100 } };
  const busy = new MatchingEngine(options);
  const stop = { account: 1, stopPrice: 110, expireAt: 50, reqId: 5 };
  busy.place(0, 1, Side.buy, limit, gtc, 90, 5, { account: 1, display: 2 });
  busy.place(0, 2, Side.sell, limit, gtc, 120, 5, { allOrNone: true });
  busy.place(0, 3, Side.buy, OrderType.stop, TimeInForce.gtd, 0, 5, stop);
  busy.place(1, 4, Side.sell, limit, gtc, 120, 5);
  busy.kill(9);
  const fresh = new MatchingEngine(options);
  fresh.place(1, 1, Side.sell, limit, gtc, 95, 7);
  const view = new DataView(new ArrayBuffer(fresh.byteLength()));
  fresh.write(view, 0);
  busy.read(view, 0, view.byteLength);
  expect(busy.stateHash()).toBe(fresh.stateHash());
  for (const engine of [busy, fresh]) {
    engine.setTime(60);
    engine.place(0, 2, Side.buy, limit, gtc, 130, 4, { account: 9 });
    engine.place(0, 3, Side.sell, OrderType.market, TimeInForce.ioc, 0, 1);
    engine.place(0, 4, Side.sell, limit, gtc, 80, 9, { reqId: 5 });
    expect([engine.openOrderCount, engine.shownAt(0, Side.sell, 80)]).toEqual([2, 6]);
  }
  expect(busy.byteLength()).toBe(fresh.byteLength());
  expect(busy.stateHash()).toBe(fresh.stateHash());
});

test("a record of no known kind is refused", () => {
  const engine = new MatchingEngine({ symbolCount: 1 });
  expect(() => engine.executeRecord(new Float64Array(12), 0)).toThrow("unknown kind 0");
  expect(engine.sequence).toBe(0);
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
    expect(copy.events.reason(0)).toBe(Reason.killSwitch);
    copy.place(0, 5, Side.buy, limit, gtc, 100, 1);
    expect(copy.events.reason(0)).toBe(Reason.duplicateOrderId);
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

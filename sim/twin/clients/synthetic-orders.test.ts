import { expect, test } from "vitest";
import { RequestTable, requestKind } from "../../components/fabric/requests.ts";
import { executeRequestOnce } from "../../components/matching-service/execute-request.ts";
import { Side, TimeInForce } from "../../engine/codes.ts";
import { MatchingEngine } from "../../engine/matching-engine.ts";
import { createKernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { SyntheticOrders } from "./synthetic-orders.ts";

const symbolCount = 3;

/** Orders and, in the stated share of requests, cancels; each executed and accepted at once. */
function flowOf(
  requestCount: number,
  cancelShare: number,
  mood?: (orders: SyntheticOrders) => void,
) {
  const kernel = createKernel({ seed: "orders", programVersion: "test" });
  const requests = new RequestTable(kernel, { requestsInitial: 64, requestsMax: 100_000 });
  const orders = new SyntheticOrders(kernel, requests, symbolCount);
  mood?.(orders);
  const engine = new MatchingEngine({ symbolCount, requestsMax: 131_072 });
  const choice = kernel.stream("test.choice");
  const seen = { cancels: 0, places: 0, traded: 0, immediate: 0, quantity: 0 };
  const cancelled = new Set<number>();
  for (let at = 0; at < requestCount; at += 1) {
    const request = requests.append();
    const column = requests.column;
    column.symbol[request] = choice.int(symbolCount);
    column.kind[request] = requestKind.cancelOrder;
    const cancels = choice.uniform() < cancelShare && orders.describeCancel(request);
    if (cancels) {
      seen.cancels += 1;
      expect(cancelled.has(column.orderId[request]!)).toBe(false);
      cancelled.add(column.orderId[request]!);
    } else {
      seen.places += 1;
      column.kind[request] = requestKind.placeOrder;
      orders.describePlace(request, request);
      if (column.timeInForce[request] === TimeInForce.ioc) seen.immediate += 1;
      seen.quantity += column.quantity[request]!;
    }
    const isPlace = column.kind[request] === requestKind.placeOrder;
    executeRequestOnce(engine, requests, request);
    const untouched = engine.leavesOf(request) === column.quantity[request];
    if (isPlace && !untouched && column.timeInForce[request] === TimeInForce.gtc) seen.traded += 1;
    orders.accepted(request);
  }
  return { seen, engine, requests, orders };
}

test("about nine in a hundred lasting orders trade at once, and one in twenty is immediate-or-cancel", () => {
  const { seen } = flowOf(20_000, 0.45);
  expect(seen.traded / seen.places).toBeGreaterThan(0.05);
  expect(seen.traded / seen.places).toBeLessThan(0.25);
  expect(Math.abs(seen.immediate / seen.places - 0.05)).toBeLessThan(0.01);
});

test("cancels name live orders that were accepted, each at most once", () => {
  const { seen } = flowOf(20_000, 0.45);
  // Only the very first requests find nothing to cancel.
  expect(Math.abs(seen.cancels / 20_000 - 0.45)).toBeLessThan(0.015);
});

test("with cancels nearly as frequent as orders, books keep a depth on both sides and never cross", () => {
  const { engine } = flowOf(20_000, 0.45);
  const [price, shown] = [new Float64Array(10), new Float64Array(10)];
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    expect(engine.levels(symbol, Side.buy, 10, price, shown)).toBe(10);
    const bestBid = price[0]!;
    expect(engine.levels(symbol, Side.sell, 10, price, shown)).toBe(10);
    expect(bestBid).toBeLessThan(price[0]!);
  }
});

test("most orders are small, some are large, and all are within bounds", () => {
  const { requests, seen } = flowOf(5000, 0);
  const quantities = [...requests.column.quantity.subarray(0, requests.count)];
  expect(Math.min(...quantities)).toBe(1);
  expect(Math.max(...quantities)).toBeGreaterThan(100);
  expect(Math.max(...quantities)).toBeLessThanOrEqual(1000);
  expect(seen.quantity / seen.places).toBeGreaterThan(2);
  const sorted = quantities.toSorted((a, b) => a - b);
  expect(sorted[2500]).toBeLessThanOrEqual(3);
});

test("immediate orders and orders that nobody was told of are not remembered for cancels", () => {
  const kernel = createKernel({ seed: "orders", programVersion: "test" });
  const requests = new RequestTable(kernel, { requestsInitial: 8, requestsMax: 100 });
  const orders = new SyntheticOrders(kernel, requests, 1);
  const silent = requests.append();
  orders.describePlace(silent, 0);
  const immediate = requests.append();
  orders.describePlace(immediate, 1);
  requests.column.timeInForce[immediate] = TimeInForce.ioc;
  orders.accepted(immediate);
  expect(orders.describeCancel(requests.append())).toBe(false);

  const lasting = requests.append();
  orders.describePlace(lasting, 2);
  requests.column.timeInForce[lasting] = TimeInForce.gtc;
  orders.accepted(lasting);
  const cancel = requests.append();
  expect(orders.describeCancel(cancel)).toBe(true);
  expect(requests.column.orderId[cancel]).toBe(2);
});

/** Share of buys among a symbol's new orders, and how far the last ones are priced from the first ones, in ticks. */
function flowIn(symbol: number, { requests }: ReturnType<typeof flowOf>) {
  const { column } = requests;
  const placed = Array.from({ length: requests.count }, (_, request) => request).filter(
    (each) => column.kind[each] === requestKind.placeOrder && column.symbol[each] === symbol,
  );
  const meanPrice = (some: number[]) =>
    some.reduce((sum, each) => sum + column.priceTicks[each]!, 0) / some.length;
  return {
    buyShare: placed.filter((each) => column.side[each] === Side.buy).length / placed.length,
    drift: meanPrice(placed.slice(-500)) - meanPrice(placed.slice(0, 500)),
  };
}

test("when nearly everybody sells, orders are sells in that share, prices fall and the bids are bought out", () => {
  const usual = flowOf(20_000, 0.45);
  const sided = flowOf(20_000, 0.45, (orders) => orders.setBuyShare(none, 0.1));
  expect(flowIn(0, usual).buyShare).toBeCloseTo(0.5, 1);
  expect(flowIn(0, sided).buyShare).toBeCloseTo(0.1, 1);
  // One order in ten moves the price, and four in five of those moves more go down than up: 0.08 ticks an order.
  expect(flowIn(0, sided).drift).toBeLessThan(-150);
  expect(Math.abs(flowIn(0, usual).drift)).toBeLessThan(100);
  const depth = ({ engine }: typeof sided, side: Side) => {
    const shown = new Float64Array(50);
    const count = engine.levels(0, side, 50, new Float64Array(50), shown);
    return shown.subarray(0, count).reduce((sum, each) => sum + each, 0);
  };
  expect(depth(sided, Side.buy) / depth(sided, Side.sell)).toBeLessThan(0.2);
  expect(depth(usual, Side.buy) / depth(usual, Side.sell)).toBeGreaterThan(0.4);
});

test("when prices step twenty times as far, more of the same orders meet quotes that are stale, and trade", () => {
  const calm = flowOf(20_000, 0.45).seen;
  const wild = flowOf(20_000, 0.45, (orders) => orders.setPriceSteps(none, 20)).seen;
  expect(wild.traded).toBeGreaterThan(1.3 * calm.traded);
});

test("a mood that is about one symbol leaves the others as they were", () => {
  const usual = flowOf(6000, 0.45);
  const moved = flowOf(6000, 0.45, (orders) => {
    orders.setBuyShare(1, 0.9);
    orders.setPriceSteps(1, 30);
  });
  expect(flowIn(1, moved).buyShare).toBeCloseTo(0.9, 1);
  expect(flowIn(1, moved).drift).toBeGreaterThan(500);
  for (const symbol of [0, 2]) expect(flowIn(symbol, moved)).toEqual(flowIn(symbol, usual));
});

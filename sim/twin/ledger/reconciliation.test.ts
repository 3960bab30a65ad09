import { expect, test } from "vitest";
import { Side } from "../../engine/codes.ts";
import { invariant } from "./invariants.ts";
import { LedgerBed } from "./ledger-bed.ts";
import { told } from "./ledger-rows.ts";
import type { Reconciliation } from "./reconciliation.ts";

/** A ledger with so many accepted and durable buy orders at falling prices. */
function bedWith(count: number) {
  const bed = new LedgerBed();
  const orders = Array.from({ length: count }, (_, at) => bed.place(Side.buy, 100 - at, 10 + at));
  bed.accept(...orders);
  bed.makeDurable(...orders);
  return { bed, orders };
}

function declared(result: Reconciliation) {
  return result.rpo.find((each) => each.declared)!;
}

const nothing = { lostCount: 0, doubledCount: 0, reorderedCount: 0, strandedCount: 0 };

test("a platform that holds all it promised has no differences, and its books are equal", () => {
  const { bed } = bedWith(5);
  const result = bed.reconcile();
  expect(result.differences).toEqual([]);
  expect(result.books).toMatchObject({ equal: true, openOrders: 5, differingOrderIds: [] });
  expect(declared(result)).toMatchObject({ acceptedCount: 5, ...nothing });
  expect(bed.violationCount).toBe(0);
});

test("an accepted order that is neither held nor waiting is lost, with its place, age and notional", () => {
  const { bed } = bedWith(2);
  bed.passSeconds(10);
  const lost = bed.place(Side.buy, 200, 7);
  bed.accept(lost);
  const result = bed.reconcile({}, "queue", 26_000_000);
  expect(result.differences).toEqual([
    {
      kind: "lost",
      what: "order",
      orderId: lost,
      symbol: 0,
      quantity: 7,
      notional: 1400,
      acceptedUs: 11_000_000,
      lastPlace: "order queue",
    },
  ]);
  expect(declared(result)).toMatchObject({
    ...nothing,
    lostCount: 1,
    lostNotional: 1400,
    oldestLostSeconds: 15,
  });
});

test("what lies in a dead-letter queue is stranded there, and what is in the queue again waits", () => {
  const { bed } = bedWith(1);
  const [dead, redriven] = [bed.place(Side.buy, 200, 7), bed.place(Side.buy, 201, 7)];
  bed.accept(dead, redriven);
  const result = bed.reconcile({
    isStranded: (request) => request === dead,
    isDeadLettered: (request) => request === dead,
    isWaiting: (request) => request === redriven,
  });
  expect(result.differences).toMatchObject([
    { kind: "stranded", orderId: dead, lastPlace: "dead-letter queue" },
  ]);
  expect([declared(result).strandedCount, result.waitingCount]).toEqual([1, 1]);
});

test("what was lost with the journal is missed from the books, and its trades are missing too", () => {
  const bed = new LedgerBed();
  const [sell, buy] = [bed.place(Side.sell, 100, 5), bed.place(Side.buy, 100, 5)];
  const kept = bed.place(Side.buy, 90, 1);
  bed.accept(sell, buy, kept);
  bed.makeDurable(kept, sell, buy);
  bed.ledger.truncated(1, 0);
  const result = bed.reconcile();
  expect(result.differences.map(({ kind, what, orderId }) => [kind, what, orderId])).toEqual([
    ["lost", "order", sell],
    ["lost", "order", buy],
    ["lost", "trade", sell],
  ]);
  expect(result.differences[0]!.lastPlace).toBe("matching journal");
  expect(result.books).toMatchObject({ equal: false, trades: 0, tradesReference: 1 });
  // The recovery itself is right: the books are what is left of the history.
  expect(bed.violations(invariant.recoveredBooksEqualHistory)).toBe(0);
});

test("a lost order differs alone: those that stood behind it are as they were", () => {
  const { bed, orders } = bedWith(6);
  bed.ledger.truncated(0, 0);
  bed.makeDurable(...orders.slice(1));
  const result = bed.reconcile();
  expect(result.books.differingOrderIds).toEqual([orders[0]]);
  expect(declared(result)).toMatchObject({ ...nothing, lostCount: 1 });
});

test("what waits in the queue is not lost", () => {
  const { bed } = bedWith(2);
  const waiting = bed.place(Side.buy, 50, 1);
  bed.accept(waiting);
  const result = bed.reconcile({ isWaiting: (request) => request === waiting });
  expect(result.waitingCount).toBe(1);
  expect(result.differences).toEqual([]);
});

test("what the engine has executed and the journal not yet taken is held", () => {
  const { bed } = bedWith(2);
  const fresh = bed.place(Side.buy, 50, 1);
  bed.accept(fresh);
  const result = bed.reconcile({ executedNotDurable: [fresh] });
  expect(result.differences).toEqual([]);
  expect(result.books).toMatchObject({ equal: true, openOrders: 3 });
  expect(result.rpo.map(({ acceptance, acceptedCount }) => [acceptance, acceptedCount])).toEqual([
    ["queue", 3],
    ["journal", 2],
  ]);
});

test("a command held twice is doubled", () => {
  const { bed, orders } = bedWith(3);
  bed.makeDurable(orders[1]!);
  const result = bed.reconcile();
  expect(result.differences.map(({ kind, orderId }) => [kind, orderId])).toEqual([
    ["doubled", orders[1]],
  ]);
  expect(declared(result)).toMatchObject({ ...nothing, doubledCount: 1 });
});

test("a command that comes back behind others is reordered, those that passed it are not, and the line differs", () => {
  const bed = new LedgerBed();
  const orders = [1, 2, 3, 4].map((quantity) => bed.place(Side.buy, 100, quantity));
  bed.accept(...orders);
  bed.makeDurable(...orders);
  bed.ledger.truncated(1, 0);
  bed.makeDurable(orders[2]!, orders[3]!, orders[1]!);
  const history = [orders[0]!, orders[2]!, orders[3]!, orders[1]!];
  const result = bed.reconcile({ engine: bed.booksOf(...history) });
  expect(result.differences.map(({ kind, orderId }) => [kind, orderId])).toEqual([
    ["reordered", orders[1]],
  ]);
  // All have the same price: the fewest that could be moved to mend the line is one.
  expect(result.books).toMatchObject({ equal: false, differingOrderIds: [orders[1]] });
  expect(bed.violations(invariant.recoveredBooksEqualHistory)).toBe(0);
});

test("one command that comes back last is the only one reordered, however many have followed it meanwhile", () => {
  const bed = new LedgerBed();
  const orders = Array.from({ length: 200 }, (_, at) => bed.place(Side.buy, 100 + at, 1));
  bed.accept(...orders);
  bed.makeDurable(...orders.slice(0, 20));
  bed.ledger.truncated(19, 0);
  bed.makeDurable(...orders.slice(20), orders[19]!);
  const result = bed.reconcile();
  expect(result.differences.map(({ kind, orderId }) => [kind, orderId])).toEqual([
    ["reordered", orders[19]],
  ]);
  expect(declared(result)).toMatchObject({ ...nothing, reorderedCount: 1 });
});

test("sequence matters within a symbol: what overtakes in another is not reordered", () => {
  const bed = new LedgerBed();
  const orders = [1, 2, 3].map((quantity) => bed.place(Side.buy, 100, quantity));
  bed.requests.column.symbol[orders[0]!] = 1;
  bed.accept(...orders);
  bed.makeDurable(...orders);
  bed.ledger.truncated(0, 0);
  bed.makeDurable(orders[1]!, orders[2]!, orders[0]!);
  const result = bed.reconcile({ engine: bed.booksOf(orders[1]!, orders[2]!, orders[0]!) });
  expect(result.differences).toEqual([]);
  expect(result.books.equal).toBe(true);
});

test("a trade is lost that had happened; one that would have happened, had nothing been lost, is not", () => {
  const bed = new LedgerBed();
  const [sell, buy] = [bed.place(Side.sell, 100, 5), bed.place(Side.buy, 100, 2)];
  bed.accept(sell, buy);
  bed.makeDurable(sell, buy);
  bed.passSeconds(5);
  bed.ledger.truncated(0, 0);
  bed.passSeconds(5);
  const later = bed.place(Side.buy, 100, 3);
  bed.accept(later);
  bed.makeDurable(later);
  const result = bed.reconcile();
  // With the sell order in the book, the later order would have traded with it.
  expect(result.books).toMatchObject({ trades: 0, tradesReference: 2 });
  const trades = result.differences.filter(({ what }) => what === "trade");
  expect(trades.map(({ orderId, quantity }) => [orderId, quantity])).toEqual([[sell, 2]]);
});

test("what a journal holds that nobody can reach is stranded, not lost", () => {
  const { bed } = bedWith(3);
  const result = bed.reconcile({ journalReachable: false, engine: undefined });
  expect(declared(result)).toMatchObject({ ...nothing, strandedCount: 3 });
  expect(result.books.equal).toBe(false);
});

test("in doubt never counts as lost; in-doubt commands that took effect are listed apart and belong to the books", () => {
  const { bed, orders } = bedWith(1);
  const [effective, without] = [bed.place(Side.buy, 80, 1), bed.place(Side.buy, 81, 1)];
  bed.ledger.tell(effective, told.inDoubt);
  bed.ledger.tell(without, told.inDoubt);
  bed.makeDurable(effective);
  const result = bed.reconcile();
  expect(result.inDoubtTookEffect).toEqual([effective]);
  expect(result.differences).toEqual([]);
  expect(result.books).toMatchObject({ equal: true, openOrders: 2 });
  expect(declared(result).acceptedCount).toBe(orders.length);
});

test("cancels and amendments are lost as what they are", () => {
  const { bed, orders } = bedWith(2);
  const cancel = bed.cancel(orders[0]!);
  const amend = bed.amend(orders[1]!, 99, 3);
  bed.accept(cancel, amend);
  const result = bed.reconcile();
  expect(result.differences.map(({ what, orderId }) => [what, orderId])).toEqual([
    ["cancel", orders[0]],
    ["amend", orders[1]],
  ]);
});

test("books in which one order has another quantity differ in that order, and the recovery is at fault", () => {
  const { bed, orders } = bedWith(4);
  const wrong = bed.amend(orders[2]!, 98, 1);
  const result = bed.reconcile({ engine: bed.booksOf(...orders, wrong) });
  expect(result.books).toMatchObject({ equal: false, differingOrderIds: [orders[2]] });
  expect(declared(result)).toMatchObject(nothing);
  expect(bed.violations(invariant.recoveredBooksEqualHistory)).toBe(1);
});

test("an order that nobody sent differs", () => {
  const { bed, orders } = bedWith(2);
  const foreign = bed.place(Side.sell, 500, 1);
  const result = bed.reconcile({ engine: bed.booksOf(...orders, foreign) });
  expect(result.books.differingOrderIds).toEqual([foreign]);
});

test("two orders that have changed places count as one out of line", () => {
  const bed = new LedgerBed();
  const orders = [1, 2, 3, 4, 5].map(() => bed.place(Side.sell, 100, 1));
  bed.accept(...orders);
  bed.makeDurable(...orders);
  const [a, b, c, d, e] = orders as [number, number, number, number, number];
  const result = bed.reconcile({ engine: bed.booksOf(a, c, b, d, e) });
  expect(result.books.differingOrderIds).toHaveLength(1);
  expect([b, c]).toContain(result.books.differingOrderIds[0]);
});

test("by the declared point of acceptance counts what clients were told, by the other what had got there too", () => {
  const { bed, orders } = bedWith(3);
  const early = bed.place(Side.buy, 10, 1);
  bed.accept(early);
  const queuedUs = (request: number) => (request === orders[0] ? 0 : 1_500_000);
  // Told before it was durable, and never so: the platform broke its word, and the count must show it.
  expect(bed.reconcile({ queuedUs }, "journal").rpo).toMatchObject([
    { acceptance: "queue", declared: false, acceptedCount: 3, lostCount: 1 },
    { acceptance: "journal", declared: true, acceptedCount: 4, lostCount: 1 },
  ]);
  expect(bed.reconcile({ queuedUs }, "queue").rpo).toMatchObject([
    { acceptance: "queue", declared: true, acceptedCount: 4, lostCount: 1 },
    { acceptance: "journal", declared: false, acceptedCount: 3, lostCount: 0 },
  ]);
});

test("orders that rested before the run began were accepted, whichever way one counts", () => {
  const { bed, orders } = bedWith(2);
  bed.ledger.column.toldUs[orders[0]!] = 0;
  bed.ledger.column.durableUs[orders[0]!] = 0;
  const result = bed.reconcile({ queuedUs: (request) => (request === orders[0] ? 0 : 1) });
  expect(result.rpo.map(({ acceptedCount }) => acceptedCount)).toEqual([2, 2]);
});

import { expect, test } from "vitest";
import { requestKind } from "../../components/fabric/requests.ts";
import { Phase, Side, TimeInForce } from "../../engine/codes.ts";
import { none } from "../../kernel/none.ts";
import { invariant } from "./invariants.ts";
import { LedgerBed } from "./ledger-bed.ts";
import { told, treatment } from "./ledger-rows.ts";

test("only order commands that their clients were told of count as accepted", () => {
  const bed = new LedgerBed();
  const [accepted, refused, doubtful] = [1, 2, 3].map((price) => bed.place(Side.buy, price, 1));
  const query = bed.place(Side.buy, 4, 1);
  bed.requests.column.kind[query] = requestKind.queryBook;
  bed.accept(accepted!, query);
  bed.ledger.tell(refused!, told.failure);
  bed.ledger.tell(doubtful!, told.inDoubt);
  const all = [accepted!, refused!, doubtful!, query];
  expect(all.map((request) => bed.ledger.isAccepted(request))).toEqual([true, false, false, false]);
});

test("the reference engine executes a command at the moment it becomes durable", () => {
  const bed = new LedgerBed();
  const sell = bed.place(Side.sell, 100, 5);
  const buy = bed.place(Side.buy, 101, 8);
  bed.makeDurable(sell);
  bed.passSeconds(2);
  expect(bed.ledger.engine.leavesOf(sell)).toBe(5);
  bed.makeDurable(buy);
  expect(bed.ledger.engine.leavesOf(sell)).toBe(0);
  expect(bed.ledger.engine.leavesOf(buy)).toBe(3);
  expect(bed.ledger.tradeCount).toBe(1);
  expect(bed.ledger.column.durableUs[buy]).toBe(3_000_000);
  expect([sell, buy].map((request) => bed.ledger.column.position[request])).toEqual([0, 1]);
});

test("partial fills, cancels, amendments up and down and immediate orders leave every account balanced", () => {
  const bed = new LedgerBed();
  const resting = bed.place(Side.sell, 100, 50);
  const commands = [
    resting,
    bed.place(Side.buy, 100, 20),
    bed.amend(resting, 100, 25),
    bed.amend(resting, 100, 60),
    bed.place(Side.buy, 100, 90, TimeInForce.ioc),
    bed.place(Side.buy, 90, 10),
  ];
  const last = commands.at(-1)!;
  bed.makeDurable(...commands, bed.cancel(last), bed.cancel(last));
  bed.ledger.checkEveryOrder();
  expect(bed.violationCount).toBe(0);
  const balances = bed.ledger.invariants.results()[invariant.quantityBalances]!;
  expect(balances.checks).toBe(4);
});

test("a command that becomes durable twice is found, and is executed once", () => {
  const bed = new LedgerBed();
  const order = bed.place(Side.buy, 100, 5);
  bed.makeDurable(order, order);
  expect(bed.ledger.doubledCount).toBe(1);
  expect(bed.violations(invariant.onePlaceInHistory)).toBe(1);
  expect(bed.ledger.engine.openOrderCount).toBe(1);
  expect(bed.ledger.invariants.results()[invariant.onePlaceInHistory]!.firstViolation).toBe(
    `request ${order} became durable 2 times`,
  );
});

test("a history with a gap is found", () => {
  const bed = new LedgerBed();
  const [first, second] = [bed.place(Side.buy, 100, 5), bed.place(Side.buy, 101, 5)];
  bed.ledger.durable(first, 0, 0);
  bed.ledger.durable(second, 2, 0);
  expect(bed.violations(invariant.sequenceWithoutGap)).toBe(1);
});

test("an account that does not balance is found when every order is checked", () => {
  const bed = new LedgerBed();
  const order = bed.place(Side.buy, 100, 5);
  bed.makeDurable(order);
  // Behind the ledger's back: the reference engine loses the order.
  bed.ledger.engine.cancel(0, order, 9_999);
  bed.ledger.checkEveryOrder();
  expect(bed.violations(invariant.quantityBalances)).toBe(1);
});

test("a truncated history forgets what came after, and goes on from what is left", () => {
  const bed = new LedgerBed();
  const sell = bed.place(Side.sell, 100, 5);
  const buy = bed.place(Side.buy, 100, 5);
  const later = bed.place(Side.buy, 99, 3);
  bed.makeDurable(sell, buy, later);
  bed.ledger.truncated(1, 0);
  expect(bed.ledger.historyLength).toBe(1);
  expect(bed.ledger.tradeCount).toBe(0);
  expect([sell, buy, later].map((each) => bed.ledger.column.position[each])).toEqual([
    0,
    none,
    none,
  ]);
  expect(bed.ledger.engine.leavesOf(sell)).toBe(5);

  // The queue brings one of them again: it takes its new place, and is no duplicate.
  bed.makeDurable(later);
  expect(bed.ledger.column.position[later]).toBe(1);
  bed.ledger.checkEveryOrder();
  expect(bed.violationCount).toBe(0);
});

test("history keeps the order in which commands first took effect", () => {
  const bed = new LedgerBed();
  const [a, b, c] = [1, 2, 3].map((price) => bed.place(Side.buy, price, 1));
  bed.makeDurable(b!, a!, c!);
  expect(bed.ledger.history(() => true)).toEqual([b, a, c]);
  expect(bed.ledger.history((request) => request !== a)).toEqual([b, c]);
});

test("books may cross while an auction collects, and what it collects or turns away is told apart", () => {
  const bed = new LedgerBed();
  const enter = (phase: number) => bed.makeDurable(bed.requests.appendMarketStep(0, phase));
  enter(Phase.cancelOnly);
  const turnedAway = bed.place(Side.buy, 100, 5);
  bed.makeDurable(turnedAway);
  enter(Phase.auction);
  const [buyer, seller] = [bed.place(Side.buy, 102, 5), bed.place(Side.sell, 100, 5)];
  bed.makeDurable(buyer, seller);
  expect(bed.ledger.tradeCount).toBe(0);
  enter(Phase.continuous);
  expect(bed.ledger.tradeCount).toBe(1);
  const late = bed.place(Side.buy, 90, 1);
  bed.makeDurable(late);
  const { treatment: found } = bed.ledger.column;
  expect([turnedAway, buyer, seller, late].map((request) => found[request])).toEqual([
    treatment.turnedAway,
    treatment.collected,
    treatment.collected,
    treatment.carriedOut,
  ]);
  bed.ledger.checkEveryOrder();
  expect(bed.violationCount).toBe(0);
  // The journal loses the last step and what followed: the auction is on again, and nothing has traded.
  bed.ledger.truncated(5, 0);
  expect(bed.ledger.tradeCount).toBe(0);
  expect(bed.ledger.engine.phaseOf(0)).toBe(Phase.auction);
  expect(bed.ledger.engine.leavesOf(seller)).toBe(5);
});

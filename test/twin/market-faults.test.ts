import { expect, test } from "vitest";
import { Side } from "../../sim/engine/codes.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

const faults: Scenario["faults"] = [
  {
    id: "sells",
    kind: "one-sided-flow",
    side: "sell",
    share: 0.9,
    atSeconds: 30,
    durationSeconds: 60,
  },
  {
    id: "falls",
    kind: "volatility-burst",
    factor: 20,
    symbol: 2,
    atSeconds: 35,
    durationSeconds: 60,
  },
  { id: "breaker", kind: "trading-halt", atSeconds: 60, durationSeconds: 40 },
];

function stressed(...more: Scenario["faults"]) {
  const scenario = smallScenario({
    durationSeconds: 200,
    ratePerSecond: 60,
    faults: [...faults, ...more],
  });
  return assemble(scenario, "market");
}

test("in a market that is sold off and halted every accepted command is held, and what the halt turns away is told apart from what is lost", () => {
  const simulation = stressed();
  const { kernel, fabric } = simulation;
  kernel.runUntil(59_000_000);
  const before = fabric.requests.count;
  const { column } = fabric.requests;
  const sold = Array.from({ length: before }, (_, request) => request).filter(
    (each) => column.intendedUs[each]! > 30_000_000 && column.orderId[each]! >= 0,
  );
  const sells = sold.filter((each) => column.side[each] === Side.sell).length;
  expect(sells / sold.length).toBeGreaterThan(0.75);

  const { results, entries } = finish(simulation);
  expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  const market = entries
    .filter(({ kind, atUs }) => /^(market\.|matching\.market-)/.test(kind) && atUs >= 30_000_000)
    .map(({ kind }) => kind);
  expect(market).toEqual([
    "market.one-sided",
    "market.volatile",
    "market.halted",
    "matching.market-halted",
    "market.both-sides-again",
    "market.calm-again",
    "market.halt-over",
    "matching.market-cancel-only",
    "matching.market-auction",
    "matching.market-continuous",
  ]);
  expect(results.rpo.every(({ lostCount }) => lostCount === 0)).toBe(true);
});

test.each([
  ["while orders come from one side", 33],
  ["while prices of a symbol fall", 50],
  ["while trading is halted", 70],
  ["while the market reopens", 110],
])("a simulation restored %s ends with the digest of one that was not interrupted", (_, second) => {
  const whole = stressed();
  whole.kernel.runUntil(second * 1_000_000);
  const restored = stressed();
  restored.kernel.restore(whole.kernel.snapshot(), { random: "same" });
  expect(finish(restored).digest).toBe(finish(whole).digest);
});

test("an engine that loses power during a halt finds its market halted, and nothing is lost", () => {
  const simulation = stressed({
    id: "engine",
    kind: "instance-kill",
    component: "matching",
    manner: "power",
    atSeconds: 65,
  });
  const { results, entries } = finish(simulation);
  expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  const [recovered] = entries.filter(
    ({ kind, atUs }) => kind === "matching.books-recovered" && atUs > 65_000_000,
  );
  expect(recovered).toBeDefined();
  expect(results.rpo.every(({ lostCount }) => lostCount === 0)).toBe(true);
});

test("of two halts that overlap the market reopens when the last one is over, and that is told once", () => {
  const halt = (id: string, atSeconds: number, durationSeconds: number) =>
    ({ id, kind: "trading-halt", atSeconds, durationSeconds }) as const;
  const scenario = smallScenario({
    durationSeconds: 200,
    ratePerSecond: 30,
    faults: [halt("everything", 30, 40), { ...halt("this-market", 50, 50), component: "matching" }],
  });
  const { entries } = finish(assemble(scenario, "halts"));
  const at = (wanted: string) =>
    entries.filter(({ kind }) => kind === wanted).map(({ atUs }) => Math.floor(atUs / 1_000_000));
  expect(at("market.halted")).toEqual([30, 50]);
  expect(at("market.halt-over")).toEqual([100]);
  expect(at("matching.market-cancel-only")).toEqual([100]);
});

test("a halt strikes a market that people have opened while another halt was in force", () => {
  const scenario = smallScenario({
    durationSeconds: 120,
    ratePerSecond: 30,
    faults: [
      { id: "first", kind: "trading-halt", atSeconds: 30, durationSeconds: 80 },
      { id: "second", kind: "trading-halt", atSeconds: 60, durationSeconds: 40 },
    ],
  });
  const simulation = assemble(scenario, "opened");
  const matching = simulation.partOf(0).matching;
  simulation.kernel.runUntil(45_000_000);
  expect(matching.leadMarket("continuous", -1)).toBe(true);
  simulation.kernel.runUntil(59_000_000);
  expect(matching.isMarketIn("continuous")).toBe(true);
  simulation.kernel.runUntil(62_000_000);
  expect(matching.isMarketIn("halted")).toBe(true);
});

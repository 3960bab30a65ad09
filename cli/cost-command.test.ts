import { expect, test } from "vitest";
import costTables from "../scenarios/strategy/cost-tables.json" with { type: "json" };
import { inconsistenciesOf } from "../sim/twin/cost/plan-inconsistencies.ts";
import { type CostOptions, costCommand } from "./cost-command.ts";

/** Stands in for the simulation: nothing may be simulated for a command line that is wrong. */
function refused(topology: string, options: Partial<CostOptions>): () => void {
  const neverRuns = () => {
    throw new Error("simulated");
  };
  return () => costCommand(neverRuns, topology, { assume: [], seed: "1", ...options });
}

test.each([
  ["an unknown switch", { with: "spot" }, "cost.switch-unknown"],
  ["two reservations at once", { with: "reserved-1y,reserved-3y" }, "two ways to pay"],
  ["a load of nothing", { rps: "0" }, "cost.number"],
  ["a load that is no number", { rps: "many" }, "cost.number"],
  ["a load factor below 0", { monthFactor: "-1" }, "cost.number"],
  ["an assumption without a number", { assume: ["logBytesPerRequest"] }, "cost.assumption-form"],
] as const)("%s is told before anything is simulated", (_what, options, told) => {
  expect(refused("current", options)).toThrow(told);
});

test("an unknown topology is told with those that are shipped", () => {
  expect(refused("currant", {})).toThrow("current");
});

test("a sound command line is simulated", () => {
  expect(refused("current", { rps: "500", with: "http-api" })).toThrow("simulated");
});

test("the strategy's own tables contradict themselves where its claims say so", () => {
  const found = inconsistenciesOf(costTables).map((each) => [
    each.phase,
    each.what,
    each.stated,
    Math.round(each.computed),
  ]);
  expect(found).toEqual([
    ["current", "summary", 3580, 3830],
    ["phase-1", "total", 32_500, 33_000],
    ["phase-1", "deltas", 28_670, 29_170],
    ["phase-2", "deltas", 250_500, 250_000],
    ["phase-2", "before", 32_500, 33_000],
    ["phase-2", "before of data-transfer", 500, 0],
    ["phase-2", "row other", 0, 500],
    ["current", "expected day", 120, 126],
  ]);
});

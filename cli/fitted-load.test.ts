import { expect, test } from "vitest";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { fittedLoad } from "./fitted-load.ts";
import { loadScenario } from "./scenario-files.ts";

const { scenario, topology } = loadScenario("baseline-500");

const partOf = (...ids: readonly string[]): Topology => ({
  ...topology,
  flows: topology.flows.filter(({ id }) => ids.includes(id)),
});
const kindsOf = ({ objectives }: Scenario) =>
  objectives.map((each) => ("function" in each ? `${each.kind} ${each.function}` : each.kind));

test("a platform that serves the whole load gets it as it is", () => {
  expect(fittedLoad(scenario, topology)).toBe(scenario);
});

test("a platform of reads gets reads alone, and is judged by them", () => {
  const reads = { ...partOf("query-book", "log-in"), components: [] };
  const fitted = fittedLoad(scenario, reads);
  expect(Object.keys(fitted.workload.mix).toSorted()).toEqual(["log-in", "query-book"]);
  const shares = Object.values(fitted.workload.mix);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(fitted.workload.mix["query-book"]! / fitted.workload.mix["log-in"]!).toBeCloseTo(
    scenario.workload.mix["query-book"]! / scenario.workload.mix["log-in"]!,
    12,
  );
  expect(kindsOf(fitted).filter((each) => /matching|order-entry|invariants/.test(each))).toEqual(
    [],
  );
  expect(kindsOf(fitted)).toContain("service market-data");
});

test("a platform with orders keeps the invariants", () => {
  expect(kindsOf(fittedLoad(scenario, partOf("place-order")))).toContain("invariants");
});

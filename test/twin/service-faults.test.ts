import { expect, test } from "vitest";
import { ScenarioRun } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Simulation } from "../../sim/twin/simulation.ts";
import { assemble, finish, shippedTopology, smallScenario } from "./small-drill.ts";

function drill(...faults: Scenario["faults"]): Simulation {
  return assemble(smallScenario({ durationSeconds: 150, ratePerSecond: 40, faults }), "faults");
}

/** Requests that clients meant to send in a span of seconds. */
function sentBetween(simulation: Simulation, from: number, to: number): number {
  simulation.kernel.runUntil(from * 1_000_000);
  const before = simulation.fabric.requests.count;
  simulation.kernel.runUntil(to * 1_000_000);
  return simulation.fabric.requests.count - before;
}

function channel(simulation: Simulation, component: string, name: string): number {
  return simulation.fabric
    .component(component)
    .channels()
    .find((each) => each.name === name)!
    .read();
}

test("a spike brings so many times the load, and the load is as before when it is over", () => {
  const simulation = drill({
    id: "spike",
    kind: "load-change",
    factor: 4,
    atSeconds: 40,
    durationSeconds: 30,
  });

  expect(sentBetween(simulation, 10, 40) / 30).toBeCloseTo(40, -1.2);
  expect(sentBetween(simulation, 40, 70) / 30 / 160).toBeCloseTo(1, 0);
  expect(sentBetween(simulation, 80, 110) / 30).toBeCloseTo(40, -1.2);
});

test("after a lull of next to nothing the load is back at once", () => {
  const simulation = drill({
    id: "lull",
    kind: "load-change",
    factor: 0.0001,
    atSeconds: 40,
    durationSeconds: 30,
  });

  expect(sentBetween(simulation, 42, 70)).toBeLessThan(5);
  expect(sentBetween(simulation, 70, 100) / 30 / 40).toBeCloseTo(1, 0);
});

test("a hot symbol gets its share of new requests", () => {
  const simulation = drill({
    id: "hot",
    kind: "hot-symbol",
    symbol: 7,
    share: 0.8,
    atSeconds: 40,
    durationSeconds: 60,
  });
  const sent = sentBetween(simulation, 40, 100);
  const { symbol } = simulation.fabric.requests.column;
  const { count } = simulation.fabric.requests;
  const hot = symbol.subarray(count - sent, count).filter((each) => each === 7).length;

  expect(hot / sent).toBeGreaterThan(0.75);
  expect(hot / sent).toBeLessThan(0.9);
});

test("a gateway with a cut quota turns requests away until the quota is whole again", () => {
  const simulation = drill({
    id: "cut",
    kind: "quota-cut",
    component: "api",
    share: 0.002,
    atSeconds: 40,
    durationSeconds: 30,
  });
  const { kernel } = simulation;
  kernel.runUntil(40_000_000);
  expect(channel(simulation, "api", "throttled")).toBe(0);
  kernel.runUntil(70_000_000);
  const throttled = channel(simulation, "api", "throttled");
  expect(throttled).toBeGreaterThan(100);
  kernel.runUntil(80_000_000);
  const before = channel(simulation, "api", "throttled");
  kernel.runUntil(140_000_000);
  expect(channel(simulation, "api", "throttled")).toBe(before);
});

test("a flushed cache sends its readers to the database until it has filled again", () => {
  const reads = (simulation: Simulation, from: number, to: number) => {
    const total = () =>
      simulation.fabric.sites
        .filter(({ path }) => path.startsWith("query-book") && path.endsWith("/database"))
        .reduce((sum, { index }) => sum + simulation.fabric.calls.siteCalls[index]!, 0);
    simulation.kernel.runUntil(from * 1_000_000);
    const before = total();
    simulation.kernel.runUntil(to * 1_000_000);
    return total() - before;
  };
  const flush = { id: "flush", kind: "cache-flush", component: "cache", atSeconds: 60 } as const;

  const usual = reads(drill(), 60, 62);
  const flushed = reads(drill(flush), 60, 62);

  expect(flushed).toBeGreaterThan(usual);
});

test("a silent name service is not felt while answers are cached, and is when they have expired", () => {
  const simulation = drill({
    id: "silence",
    kind: "name-service-outage",
    component: "dns",
    atSeconds: 30,
    durationSeconds: 110,
  });
  const { kernel, fabric } = simulation;
  kernel.runUntil(30_000_000);
  const failed = () => fabric.calls.siteFailures[fabric.flowSite("query-book")]!;
  const before = failed();
  kernel.runUntil(31_000_000);
  expect(failed()).toBe(before);
  kernel.runUntil(135_000_000);

  expect(failed()).toBeGreaterThan(before);
});

test("orders survive a slow database, a retry storm and a cut-off region: nothing accepted is lost", {
  timeout: 60_000,
}, () => {
  const { results } = finish(
    drill(
      {
        id: "slow",
        kind: "instance-slow",
        component: "database",
        factor: 20,
        atSeconds: 30,
        durationSeconds: 30,
      },
      {
        id: "storm",
        kind: "client-retries",
        retriesMax: 7,
        backoffMs: 0,
        atSeconds: 30,
        durationSeconds: 60,
      },
      {
        id: "region",
        kind: "region-partition",
        region: "us-east-1",
        atSeconds: 70,
        durationSeconds: 15,
        repeat: { count: 2, everySeconds: 30 },
      },
    ),
  );

  expect(results.invariants.every(({ violations }) => violations === 0)).toBe(true);
  expect(results.books.equal).toBe(true);
  expect(results.rpo.find(({ declared }) => declared)).toMatchObject({ lostCount: 0 });
});

test("a region that is cut off and comes back is named, and none of its zones is", () => {
  const fault = {
    id: "cut",
    kind: "region-partition",
    region: "us-east-1",
    atSeconds: 5,
    durationSeconds: 5,
  } as const;
  const run = new ScenarioRun({
    scenario: smallScenario({ durationSeconds: 12, ratePerSecond: 5, faults: [fault] }),
    topology: shippedTopology(),
    seed: "cut",
  });
  run.advance(11_000_000);
  const told = run.eventsFrom(0).filter(({ kind }) => kind.startsWith("region."));
  expect(told.map(({ kind, place, zone }) => [kind, place, zone])).toEqual([
    ["region.cut-off", "us-east-1", ""],
    ["region.rejoined", "us-east-1", ""],
  ]);
});

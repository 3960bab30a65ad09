import { expect, test } from "vitest";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Simulation } from "../../sim/twin/simulation.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

function drill(durationSeconds: number, ...faults: Scenario["faults"]): Simulation {
  return assemble(smallScenario({ durationSeconds, ratePerSecond: 40, faults }), "failing");
}

test("sessions that answer with errors stop order entry for as long as they do", () => {
  const simulation = drill(200, {
    id: "errors",
    kind: "service-errors",
    component: "sessions",
    share: 1,
    atSeconds: 60,
    durationSeconds: 40,
  });
  const { results } = finish(simulation);
  const [outage] = results.functions.find((each) => each.function === "order-entry")!.outages;
  expect(outage!.beganUs / 1_000_000).toBeGreaterThan(59);
  expect(outage!.beganUs / 1_000_000).toBeLessThan(70);
  expect(outage!.endedUs / 1_000_000).toBeGreaterThan(99);
  expect(results.invariants.every(({ violations }) => violations === 0)).toBe(true);
});

test("launches into a zone without capacity fail, elsewhere they succeed", () => {
  const simulation = drill(
    260,
    {
      id: "short",
      kind: "capacity-shortage",
      zone: "us-east-1a",
      atSeconds: 40,
      durationSeconds: 200,
    },
    { id: "kill", kind: "instance-kill", component: "order-service", count: 6, atSeconds: 50 },
  );
  const { entries } = finish(simulation);
  const zoneOf = (kind: string) =>
    new Set(entries.filter((entry) => entry.kind === kind).map(({ zone }) => zone));
  const short = simulation.fabric.zone("us-east-1a");
  expect([...zoneOf("ecs.placement-failed")]).toEqual([short]);
  expect(zoneOf("ecs.task-running").has(short)).toBe(false);
  expect(zoneOf("ecs.task-running").size).toBeGreaterThan(0);
});

test("without capacity anywhere nothing that was lost comes back, until there is some", () => {
  const simulation = drill(
    400,
    { id: "short", kind: "capacity-shortage", atSeconds: 40, durationSeconds: 160 },
    { id: "kill", kind: "instance-kill", component: "matching", atSeconds: 50 },
  );
  const { results, entries } = finish(simulation);
  const running = entries.filter((entry) => entry.kind === "ecs.task-running");
  expect(running.length).toBeGreaterThan(0);
  expect(running.every(({ atUs }) => atUs > 200_000_000)).toBe(true);
  expect(results.books.equal).toBe(true);
});

test("an engine whose release crashes takes over again and again and loses nothing", () => {
  const simulation = drill(500, {
    id: "bad",
    kind: "bad-deployment",
    component: "matching",
    crashAfterSeconds: 20,
    atSeconds: 60,
    durationSeconds: 200,
  });
  const { results, entries } = finish(simulation);
  const crashes = entries.filter((entry) => entry.kind === "instance.failed-by-crash");
  expect(crashes.length).toBeGreaterThan(1);
  expect(crashes.every(({ atUs }) => atUs < 350_000_000)).toBe(true);
  expect(results.books.equal).toBe(true);
  expect(results.invariants.every(({ violations }) => violations === 0)).toBe(true);
  expect(results.rpo.find(({ declared }) => declared)).toMatchObject({ lostCount: 0 });
});

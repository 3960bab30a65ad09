import { expect, test } from "vitest";
import type { RunbookSpec } from "../../sim/twin/runbooks/runbook-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

const roles = [{ id: "on-call", paging: { medianSeconds: 20 } }];

/** Somebody does one thing about an alarm: 20 s until they sit there, 40 s until they have decided, 5 s of work. */
function runbook(alarm: string, action: RunbookSpec["steps"][number]["action"]): RunbookSpec {
  return {
    id: `about-${alarm}`,
    onCall: "on-call",
    detection: [{ source: "alarm", alarm }],
    diagnosis: { medianSeconds: 30 },
    decision: { medianSeconds: 10 },
    steps: [{ id: "act", action, execution: { medianSeconds: 5 } }],
  };
}

function run(changes: Partial<Scenario>, durationSeconds: number) {
  const calm = smallScenario({ durationSeconds, ratePerSecond: 40, faults: [] });
  return finish(assemble({ ...calm, roles, ...changes }, "triggers"));
}

test("a bound on cost is passed by the bill, told when billing data is updated, and acted on by whoever is paged", () => {
  const { results } = run(
    {
      costAlarms: [{ id: "day", usdMax: 100, spentUsd: 99.99, updateAtSeconds: 120 }],
      runbooks: [runbook("day", { do: "inform" })],
    },
    300,
  );
  const day = results.triggers?.find(({ id }) => id === "day");
  const { usdPerHour } = results.cost!;
  // A cent is spent after 36 s over the dollars that an hour costs.
  const passedAt = 36 / usdPerHour;
  expect(day!.breachedUs / 1e6).toBeGreaterThan(passedAt * 0.5);
  expect(day!.breachedUs / 1e6).toBeLessThan(passedAt * 2);
  expect(day!.alarmed!.atUs).toBe(120_000_000);
  expect(day!.acted!.atUs / 1e6).toBeGreaterThanOrEqual(120 + 65);
  expect(day!.acted!.atUs / 1e6).toBeLessThan(120 + 70);
  expect(day!.effective!.atUs).toBe(day!.acted!.atUs);
});

test("a bound on one service's cost does not see what the others cost", () => {
  const { results } = run(
    {
      costAlarms: [
        { id: "all", usdMax: 100, spentUsd: 99.99, updateAtSeconds: 120 },
        { id: "few", services: ["s3"], usdMax: 100, spentUsd: 99.99, updateAtSeconds: 120 },
      ],
    },
    130,
  );
  expect(results.triggers?.map(({ id }) => id)).toContain("all");
  expect(results.triggers?.map(({ id }) => id)).not.toContain("few");
});

test("a table that is too small throttles until somebody raises its throughput", () => {
  const alarm = {
    id: "throttled",
    component: "sessions",
    metric: "ThrottledRequests",
    comparison: ">",
    threshold: 0,
    periods: 1,
  };
  const { results } = run(
    {
      componentOverrides: { observability: { alarms: [alarm] } },
      faults: [
        {
          id: "too-small",
          kind: "quota-cut",
          component: "sessions",
          share: 0.0005,
          atSeconds: 60,
          durationSeconds: 10_000,
        },
      ],
      runbooks: [
        runbook("throttled", { do: "raise-throughput", component: "sessions", factor: 1 }),
      ],
    },
    600,
  );
  const trigger = results.triggers?.find(({ id }) => id === "throttled");
  const stages = [trigger!.alarmed, trigger!.acted, trigger!.effective, trigger!.cleared];
  const instants = [trigger!.breachedUs, ...stages.map((stage) => stage!.atUs)];
  expect(instants).toEqual([...instants].sort((one, other) => one - other));
  expect(instants[0]).toBeGreaterThanOrEqual(60_000_000);
});

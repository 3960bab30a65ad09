import { expect, test } from "vitest";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

const quick = { medianSeconds: 1 };

function drill(more: Partial<Scenario> = {}): Scenario {
  return {
    ...smallScenario({
      durationSeconds: 400,
      ratePerSecond: 40,
      componentOverrides: {
        database: {
          parameters: {
            restoreUsP50: 60_000_000,
            restoreUsP95: 61_000_000,
            volumeGb: 1,
            latestRestorableUs: 5_000_000,
          },
        },
        matching: { snapshotIntervalSeconds: 10 },
      },
      faults: [
        {
          id: "wrong",
          kind: "data-corruption",
          component: "database",
          readShare: 1,
          atSeconds: 100,
        },
      ],
    }),
    roles: [{ id: "on-call", paging: quick }],
    runbooks: [
      {
        id: "restore",
        onCall: "on-call",
        detection: [{ source: "probe", function: "log-in", everySeconds: 5, failuresInARow: 2 }],
        diagnosis: quick,
        decision: quick,
        steps: [
          {
            id: "restore",
            action: { do: "restore-from-backup", component: "database", marginSeconds: 10 },
            execution: quick,
          },
          {
            id: "rewrite",
            action: { do: "rewrite-rows", component: "matching", database: "database" },
            execution: quick,
          },
        ],
      },
    ],
    ...more,
  };
}

test("wrong rows stay until people restore the database to a point before them", () => {
  const logIn = (scenario: Scenario) =>
    finish(assemble(scenario, "corruption")).results.functions.find(
      (each) => each.function === "log-in",
    )!;
  expect(logIn(drill({ runbooks: [] })).censored).toBe(true);

  const restored = logIn(drill());
  expect(restored.censored).toBe(false);
  // A minute of restoring, three seconds of copying, and the people.
  expect(restored.rtoSeconds).toBeGreaterThan(63);
});

test("a restore takes everything away that was written since its point, and the journal brings it back", () => {
  const simulation = assemble(drill(), "corruption");
  const { entries, results } = finish(simulation);
  const restored = entries.find(({ kind }) => kind === "aurora.restored")!;
  const began = entries.find(({ kind }) => kind === "aurora.restore-began")!;
  expect(restored.value).toBeGreaterThan(0);
  // The point is ten seconds before the first wrong row.
  expect(began.atUs / 1_000_000 - began.value).toBeCloseTo(90, 0);
  const rows = simulation.fabric
    .component("database")
    .channels()
    .find(({ name }) => name === "rows written")!
    .read();
  // Rows of more than a minute are written twice.
  expect(rows).toBeGreaterThan(simulation.ledger.historyLength + 60 * 15);
  expect(results.rpo.find(({ declared }) => declared)!.lostCount).toBe(0);
  expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
});

test("a restore to a point after the first wrong row leaves it there", () => {
  const scenario = drill();
  const [runbook] = scenario.runbooks!;
  const [restore, ...rest] = runbook!.steps;
  const late = {
    ...restore!,
    action: { do: "restore-from-backup", component: "database", marginSeconds: -20 } as const,
  };
  const { results } = finish(
    assemble({ ...scenario, runbooks: [{ ...runbook!, steps: [late, ...rest] }] }, "corruption"),
  );
  expect(results.functions.find((each) => each.function === "log-in")!.censored).toBe(true);
});

import { describe, expect, test, vi } from "vitest";
import type { RunbookSpec, RunbookStepSpec } from "../../sim/twin/runbooks/runbook-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { quickPeople } from "./quick-people.ts";
import { assemble, finish, shippedScenario, smallScenario } from "./small-drill.ts";

vi.setConfig({ testTimeout: 240_000 });

/** The shipped way there and back with people who take no time; us-east-1 is dark from 90 to 290 seconds. */
function thereAndBack(
  stepsOf: (runbook: RunbookSpec) => readonly RunbookStepSpec[] = ({ steps }) => steps,
  more: Partial<Scenario> = {},
): Scenario {
  const shipped = shippedScenario("dr-region-active-active-failback");
  return {
    ...smallScenario({ durationSeconds: 520, ratePerSecond: 40, faults: [] }),
    topology: shipped.topology,
    // Five gigabytes, so that the copy takes a quarter of a minute.
    componentOverrides: { database: { parameters: { volumeGb: 5 } } },
    faults: [
      {
        id: "dark",
        kind: "region-power-loss",
        region: "us-east-1",
        atSeconds: 90,
        durationSeconds: 200,
      },
    ],
    ...quickPeople(shipped, stepsOf),
    ...more,
  };
}

function expectHome({ scenario, seed }: { scenario: Scenario; seed: string }) {
  const simulation = assemble(scenario, seed);
  const { entries, results } = finish(simulation);
  const rpo = results.rpo.find(({ declared }) => declared)!;
  expect(entries.map(({ kind }) => kind)).toContain("runbook.failback.completed");
  expect(rpo.lostCount + rpo.doubledCount + rpo.strandedCount).toBe(0);
  expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  for (const { matching } of simulation.parts) {
    const isStandby = matching.id.endsWith("-standby");
    expect({ id: matching.id, owns: matching.isOwner }).toEqual({
      id: matching.id,
      owns: !isStandby,
    });
  }
  expect(simulation.fabric.homes.areSymbolsMoved).toBe(false);
  for (const { function: name, censored } of results.functions) {
    expect({ name, censored }).toEqual({ name, censored: false });
  }
  return { simulation, entries, results };
}

describe("Of two active regions the one that was lost gets its half back", () => {
  test("all at once: nothing is lost or held twice, and the other half was never led or halted", () => {
    const { entries, simulation } = expectHome({ scenario: thereAndBack(), seed: "half" });
    const other = simulation.fabric.component("matching-eu-west-1").index;
    const touched = entries.filter(
      ({ component, atUs, kind }) =>
        component === other && atUs > 90e6 && kind.startsWith("matching.market"),
    );
    expect(touched).toEqual([]);
    // Users at home in eu-west-1 stay there, and so do its symbols.
    const { homes } = simulation.fabric;
    const [us, eu] = [homes.regions.indexOf("us-east-1"), homes.regions.indexOf("eu-west-1")];
    expect([homes.usersAt(homes.turn, us), homes.usersAt(homes.turn, eu)]).toEqual([us, eu]);
  });

  test("that everything goes where the other half lives is what an unbounded re-point does", () => {
    const unbounded = thereAndBack(({ steps }) =>
      steps.map((step) => {
        if (step.action.do !== "re-point" && step.action.do !== "fail-over-dns") return step;
        const { homeRegion: _, ...action } = step.action;
        return { ...step, action };
      }),
    );
    const simulation = assemble(unbounded, "half");
    finish(simulation);
    expect(simulation.fabric.homes.areSymbolsMoved).toBe(true);
  });

  test("one engine after the other, where each has a part of the symbols", () => {
    const number = [1, 2, 3, 4, 5];
    const oneByOne = thereAndBack(
      ({ id, steps }) => {
        if (id !== "failback") return steps;
        const perEngine = [
          "halt",
          "re-point",
          "hand-over",
          "cancel-only",
          "open-auction",
          "open-market",
        ];
        const before = steps.filter(
          (step) => step.id.endsWith("follow") || step.id.endsWith("follows"),
        );
        const after = steps.filter(
          (step) => !perEngine.includes(step.id) && !before.includes(step),
        );
        return [
          ...before,
          ...number.flatMap((each) =>
            steps
              .filter((step) => perEngine.includes(step.id))
              .map((step): RunbookStepSpec => {
                const named = `${step.id}-${each}`;
                const { action } = step;
                if (action.do === "re-point") {
                  return {
                    ...step,
                    id: named,
                    action: { ...action, partition: { number: each, of: 5 } },
                  };
                }
                if (!("component" in action)) return { ...step, id: named };
                const component = action.component.endsWith("-standby")
                  ? action.component.replace("-standby", `-${each}-standby`)
                  : `${action.component}-${each}`;
                return { ...step, id: named, action: { ...action, component } as typeof action };
              }),
          ),
          ...after,
        ];
      },
      { topology: "phase-1-active-active", durationSeconds: 620 },
    );
    const { entries } = expectHome({ scenario: oneByOne, seed: "parts" });
    const handed = entries.filter(({ kind }) => /failback\.hand-over-\d\.effective/.test(kind));
    expect(handed.map(({ kind }) => kind.at(-".effective".length - 1))).toEqual([
      "1",
      "2",
      "3",
      "4",
      "5",
    ]);
    const spanUs = handed.at(-1)!.atUs - handed[0]!.atUs;
    expect(spanUs).toBeGreaterThan(10e6);
  });
});

/** What is replicated asynchronously stands still or is late, and nothing else fails: what that costs when a copy is needed. */
import { describe, expect, test } from "vitest";
import type { FaultSpec } from "../../sim/twin/faults/fault-types.ts";
import { told } from "../../sim/twin/ledger/ledger-rows.ts";
import { runResults } from "../../sim/twin/results/run-results.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Simulation } from "../../sim/twin/simulation.ts";
import { assemble, shippedScenario } from "./small-drill.ts";

const lagFrom = 40;
const regionLostAt = 100;

type Lag = Omit<
  Extract<FaultSpec, { kind: "replication-lag" }>,
  "id" | "kind" | "fromPlace" | "toPlace"
>;

/** A region is lost for good, with what it replicates late or stopped before; no one is slow to react. */
function lost(lag: Lag | undefined, isLost = true): Simulation {
  const shipped = shippedScenario("dr-region-replication-stopped");
  const places = { fromPlace: "us-east-1", toPlace: "eu-west-1" } as const;
  const quick = { medianSeconds: 1 };
  const faults: FaultSpec[] = [
    ...(lag === undefined
      ? []
      : [{ id: "lag", kind: "replication-lag", ...places, ...lag } as const]),
    ...(isLost
      ? ([
          {
            id: "dark",
            kind: "region-power-loss",
            region: "us-east-1",
            atSeconds: regionLostAt,
            durationSeconds: 1000,
          },
        ] as const)
      : []),
  ];
  const scenario: Scenario = {
    ...shipped,
    componentOverrides: {},
    warmUpSeconds: 10,
    durationSeconds: 170,
    workload: { ...shipped.workload, ratePerSecond: 40, userCount: 200, symbolCount: 8 },
    faults,
    roles: shipped.roles!.map((role) => ({ ...role, paging: quick })),
    runbooks: shipped.runbooks!.map((runbook) => ({
      ...runbook,
      diagnosis: quick,
      decision: quick,
      approvals: [],
      detection: [{ source: "probe", function: "order-entry", everySeconds: 5, failuresInARow: 2 }],
      steps: runbook.steps.map((step) => ({
        ...step,
        action: step.action.do === "scale-out" ? { ...step.action, taskCount: 2 } : step.action,
        execution: quick,
        failShare: 0,
      })),
    })),
  };
  const simulation = assemble(scenario, "replication");
  simulation.kernel.runUntil(simulation.durationUs);
  return simulation;
}

function strandedOf(simulation: Simulation): number {
  const { fabric } = simulation;
  const entries = Array.from({ length: fabric.log.count }, (_, seq) => fabric.log.entry(seq));
  const declared = runResults(simulation, entries).rpo.find((each) => each.declared)!;
  return declared.strandedCount + declared.lostCount;
}

/** Commands whose clients were told of success between two instants. */
function acceptedBetween({ ledger }: Simulation, from: number, to: number): number {
  let count = 0;
  for (let request = 0; request < ledger.requestCount; request += 1) {
    const at = ledger.column.toldUs[request]! / 1_000_000;
    const isAccepted = ledger.column.told[request] === told.success;
    if (isAccepted && ledger.isCommand(request) && at > from && at < to) count += 1;
  }
  return count;
}

function level(simulation: Simulation, component: string, name: string): number {
  const found = simulation.fabric
    .component(component)
    .channels()
    .find((each) => each.name === name);
  if (found === undefined) throw new Error(`${component} has no channel ${name}`);
  return found.read();
}

/** What a region that is lost takes along when nothing was wrong before. */
const usual = strandedOf(lost(undefined));

describe("When a region is lost", () => {
  test("what it accepted since replication stood still is what the other one lacks", () => {
    const stopped = lost({ atSeconds: lagFrom, durationSeconds: 1000 });
    const accepted = acceptedBetween(stopped, lagFrom, regionLostAt);
    expect(accepted).toBeGreaterThan(600);
    expect(usual).toBeLessThan(0.2 * accepted);
    expect(strandedOf(stopped)).toBeGreaterThan(0.95 * accepted);
    expect(strandedOf(stopped)).toBeLessThan(1.1 * accepted + usual);
  });

  test("replication that is late by some seconds costs so many seconds of orders", () => {
    const late = lost({ atSeconds: lagFrom, durationSeconds: 1000, addedSeconds: 20 });
    const accepted = acceptedBetween(late, regionLostAt - 20, regionLostAt);
    expect(strandedOf(late)).toBeGreaterThan(0.9 * accepted);
    expect(strandedOf(late)).toBeLessThan(1.2 * accepted + usual);
  });

  test("replication that has caught up in time costs nothing more than usual", () => {
    const mended = lost({ atSeconds: lagFrom, durationSeconds: 50 });
    expect(strandedOf(mended)).toBe(usual);
  });
});

describe("While replication stands still", () => {
  test("nothing else fails: clients are told what they would have been told, and copies fall behind", () => {
    const plain = lost(undefined, false);
    const stopped = lost({ atSeconds: lagFrom, durationSeconds: 1000 }, false);
    const goodCounts = ({ levels }: Simulation) =>
      levels.objectives.map((_, at) => levels.goodCount(at));
    expect(goodCounts(stopped)).toEqual(goodCounts(plain));
    for (const [component, name] of [
      ["journal-eu-west-1", "records not yet arrived"],
      ["database-eu-west-1", "commits not yet arrived"],
      ["sessions-eu-west-1", "writes not yet arrived"],
    ] as const) {
      expect(level(stopped, component, name), component).toBeGreaterThan(
        10 + 5 * level(plain, component, name),
      );
    }
  });
});

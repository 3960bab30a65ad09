/**
 * Runs of the shipped scenarios of metastable behaviour: as they are, with the load cut for a while, or with a defence;
 * each as the share of requests answered well, second by second.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { requireValid, validateScenarioText } from "../../../scenarios/validate-text.ts";
import type { Scenario } from "../../../sim/twin/scenario-types.ts";
import { Simulation } from "../../../sim/twin/simulation.ts";
import { withOverrides } from "../../../sim/twin/topology-variants.ts";
import { shippedTopology } from "../small-drill.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "scenarios", "metastable");

export function metastableScenario(id: string): Scenario {
  const path = join(folder, `${id}.yaml`);
  const validated = validateScenarioText(readFileSync(path, "utf8"), path, {
    loadTopology: shippedTopology,
  });
  return requireValid(validated, path).scenario;
}

/** What an arm changes about the scenario. */
export interface Arm {
  /** Fields of components, by id; laid over the scenario's own, field by field. */
  readonly overrides?: NonNullable<Scenario["componentOverrides"]>;
  readonly client?: Partial<Scenario["workload"]["client"]>;
  /** Requests a second all the time. */
  readonly ratePerSecond?: number;
  /** Further faults: the load cut for a while, the gate lowered. */
  readonly faults?: Scenario["faults"];
  /** Other numbers for the scenario's own faults, by their id. */
  readonly changedFaults?: Readonly<Record<string, object>>;
  /** Without the scenario's faults: what the platform does when nothing sets it off. */
  readonly undisturbed?: true;
  readonly durationSeconds?: number;
  readonly seed?: string;
}

/** How a run went: outcomes of the scenario's first service objective by second. */
export interface Course {
  readonly simulation: Simulation;
  /** Share of good outcomes among those judged in these seconds; 0 when nothing was judged. */
  goodShare(fromSecond: number, toSecond: number): number;
  /** Good outcomes a second. */
  goodput(fromSecond: number, toSecond: number): number;
}

export function run(scenario: Scenario, arm: Arm = {}): Course {
  const changed = changedBy(scenario, arm);
  const simulation = new Simulation({
    scenario: changed,
    topology: withOverrides(shippedTopology(changed.topology), changed.componentOverrides),
    seed: arm.seed ?? "1",
  });
  const good: number[] = [0];
  const bad: number[] = [0];
  for (let second = 1; second <= changed.durationSeconds; second += 1) {
    simulation.kernel.runUntil(second * 1_000_000);
    good.push(simulation.levels.goodCount(0));
    bad.push(simulation.levels.badCount(0));
  }
  const between = (counts: readonly number[], from: number, to: number) =>
    (counts[to] ?? Number.NaN) - (counts[from] ?? Number.NaN);
  return {
    simulation,
    goodShare(from, to) {
      const well = between(good, from, to);
      const judged = well + between(bad, from, to);
      return judged === 0 ? 0 : well / judged;
    },
    goodput: (from, to) => between(good, from, to) / (to - from),
  };
}

function changedBy(scenario: Scenario, arm: Arm): Scenario {
  const { ratePerSecond, changedFaults = {} } = arm;
  const overrides: Record<string, Readonly<Record<string, unknown>>> = {
    ...scenario.componentOverrides,
  };
  for (const [id, fields] of Object.entries(arm.overrides ?? {})) {
    const before = overrides[id];
    const parameters = { ...(before?.["parameters"] ?? {}), ...(fields["parameters"] ?? {}) };
    overrides[id] = { ...before, ...fields, parameters };
  }
  return {
    ...scenario,
    componentOverrides: overrides,
    durationSeconds: arm.durationSeconds ?? scenario.durationSeconds,
    workload: {
      ...scenario.workload,
      ratePerSecond: ratePerSecond ?? scenario.workload.ratePerSecond,
      client: { ...scenario.workload.client, ...arm.client },
    },
    faults: [
      ...(arm.undisturbed === true
        ? []
        : scenario.faults.map((fault) => ({ ...fault, ...changedFaults[fault.id] }))),
      ...(arm.faults ?? []),
    ],
  };
}

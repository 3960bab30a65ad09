/** Drills small enough for tests: the shipped topology and scenarios at a rate and length of the test's own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { topologyLoading } from "../../scenarios/load-topology.ts";
import { requireValid, validateScenarioText } from "../../scenarios/validate-text.ts";
import type { LogEntry } from "../../sim/components/fabric/event-log.ts";
import { runResults } from "../../sim/twin/results/run-results.ts";
import type { RunResults } from "../../sim/twin/results-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { Simulation } from "../../sim/twin/simulation.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { withOverrides } from "../../sim/twin/topology-variants.ts";

const scenarioFolder = join(import.meta.dirname, "..", "..", "scenarios");

const loadTopology = topologyLoading("a test", (id) => {
  const fileName = join(scenarioFolder, "topologies", `${id}.yaml`);
  return { text: readFileSync(fileName, "utf8"), fileName };
});

export function shippedTopology(id = "current"): Topology {
  return loadTopology(id);
}

export function shippedScenario(id: string): Scenario {
  const path = join(scenarioFolder, `${id}.yaml`);
  const validated = validateScenarioText(readFileSync(path, "utf8"), path, {
    loadTopology: shippedTopology,
  });
  return requireValid(validated, path).scenario;
}

/** What a small drill may choose; everything else is as the shipped scenario has it. */
export interface SmallDrill {
  readonly durationSeconds: number;
  readonly ratePerSecond: number;
  readonly faults: Scenario["faults"];
  readonly componentOverrides?: NonNullable<Scenario["componentOverrides"]>;
}

/** The shipped zone loss with fewer clients, users and symbols, and the test's own faults. */
export function smallScenario(drill: SmallDrill): Scenario {
  const { workload, ...shipped } = shippedScenario("az-power-loss");
  const { ratePerSecond, ...rest } = drill;
  return {
    ...shipped,
    warmUpSeconds: 10,
    componentOverrides: {},
    ...rest,
    id: "small-drill",
    workload: { ...workload, ratePerSecond, userCount: 200, symbolCount: 8 },
  };
}

export function assemble(scenario: Scenario, seed: string): Simulation {
  const topology = withOverrides(shippedTopology(scenario.topology), scenario.componentOverrides);
  return new Simulation({ scenario, topology, seed });
}

/** How a run ended, as a test compares it. */
export interface Ending {
  readonly digest: string;
  readonly entries: readonly LogEntry[];
  readonly results: RunResults;
}

/** Runs a simulation from where it stands to its end. */
export function finish(simulation: Simulation): Ending {
  const { kernel, fabric } = simulation;
  kernel.runUntil(simulation.durationUs);
  const entries: LogEntry[] = [];
  for (let seq = 0; seq < fabric.log.count; seq += 1) entries.push(fabric.log.entry(seq));
  return { digest: kernel.digest(), entries, results: runResults(simulation, entries) };
}

import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { shippedTopology, smallScenario } from "../twin/small-drill.ts";

export interface SmallLoad {
  readonly ratePerSecond: number;
  readonly durationSeconds: number;
  readonly componentOverrides?: NonNullable<Scenario["componentOverrides"]>;
}

/** A run of the shipped topology at a load that a test can afford, nothing failing. */
export function smallPlatformRun(load: SmallLoad, seed: string): Recording {
  const scenario = smallScenario({ ...load, faults: [] });
  const recording = runScenario({ scenario, topology: shippedTopology(), seed });
  if (recording === undefined) throw new Error("nothing asked the run to end early");
  return recording;
}

/**
 * Whether a stored verdict is still what a run would give. A scenario's own inputs are compared exactly; the simulation by
 * a fingerprint: the digests of a few short, thin runs that meet every topology's components and faults. Another fingerprint
 * means another simulation; the same one is a strong sign and no proof, since what the short runs never reach may differ.
 */
import { loadScenario } from "../cli/scenario-files.ts";
import { runScenario } from "../sim/twin/run-scenario.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import { hashOf } from "./stored-verdicts.ts";

/** One for each family of topologies. */
const probed = ["az-power-loss", "phase-1-az-power-loss", "phase-2-az-power-loss", "dr-region"];
const probeSeconds = 75;
const probeWarmUpSeconds = 15;
const probeFaultSeconds = 30;
/** Requests a second. */
const probeRate = 20;

/** Sixteen hexadecimal digits; takes a few seconds. */
export function simulationFingerprint(): string {
  return hashOf(probed.map(probeDigest).join(" "));
}

function probeDigest(id: string): string {
  const { scenario, topology } = loadScenario(id);
  const probe: Scenario = {
    ...scenario,
    durationSeconds: probeSeconds,
    warmUpSeconds: probeWarmUpSeconds,
    workload: { ...scenario.workload, ratePerSecond: probeRate },
    faults: scenario.faults.map((fault) => ({ ...fault, atSeconds: probeFaultSeconds })),
  };
  const recording = runScenario({ scenario: probe, topology, seed: "1" });
  if (recording === undefined) throw new Error(`${id} ended early though nothing asked it to`);
  return recording.head.digest;
}

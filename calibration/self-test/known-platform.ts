/** A platform whose parameters are known because they were drawn: it runs, and what CloudWatch saw is calibrated back. */
import { Stream } from "../../sim/kernel/random/stream.ts";
import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";

export interface KnownPlatform {
  readonly recording: Recording;
  readonly workload: WorkloadSpec;
  /** True values by the name of the parameter. */
  readonly truth: Readonly<Record<string, number>>;
}

/** Sigma of the CPU times of the drawn platform, as the shipped topology has it. */
const cpuSigma = 0.5;

/** Runs the topology with drawn load and CPU times; the same seed draws the same platform. */
export function runKnownPlatform(
  topology: Topology,
  seed: string,
  options: { readonly durationSeconds: number },
): KnownPlatform {
  const draw = new Stream(seed, "calibration.self-test");
  const between = (low: number, high: number) => low + (high - low) * draw.uniform();
  const orders = between(0.4, 0.7);
  const others = 1 - orders;
  const workload: WorkloadSpec = {
    ratePerSecond: between(8, 16),
    mix: {
      place: orders * 0.55,
      cancel: orders * 0.45,
      "query-book": others * 0.8,
      "order-status": others * 0.14,
      "log-in": others * 0.06,
    },
    userCount: 200,
    symbolCount: 10,
    symbolSkew: 0.8,
    selfExcitation: between(0.1, 0.6),
    excitationDecaySeconds: 0.5,
    client: { retriesMax: 2, backoffMs: 500 },
  };
  const orderMs = between(20, 60);
  const bookMs = between(20, 60);
  const cpuMs = (mean: number) => ({ median: mean / Math.exp(cpuSigma ** 2 / 2), sigma: cpuSigma });
  const scenario: Scenario = {
    id: "calibration-self-test",
    title: "A platform with known parameters",
    description: "Load and CPU times are drawn; nothing fails.",
    topology: topology.id,
    componentOverrides: {
      "order-service": {
        operations: ["place", "status", "log-in"].map((name) => ({ name, cpuMs: cpuMs(orderMs) })),
      },
      "market-data-service": { operations: [{ name: "book", cpuMs: cpuMs(bookMs) }] },
    },
    warmUpSeconds: 30,
    durationSeconds: options.durationSeconds,
    workload,
    faults: [],
    objectives: [{ id: "invariants", kind: "invariants" }],
  };
  const recording = runScenario({ scenario, topology, seed });
  if (recording === undefined) throw new Error("nothing asked the run to end early");
  return {
    recording,
    workload,
    truth: {
      "workload.rate-per-second": workload.ratePerSecond,
      "workload.self-excitation": workload.selfExcitation,
      "workload.order-share": orders,
      "order-service.cpu-ms": orderMs,
      "market-data-service.cpu-ms": bookMs,
    },
  };
}

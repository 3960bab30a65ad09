/** Platforms as they may be, too: each parameter drawn from what is known of it, for bands that hold how unsure it is. */
import { requireValid, validateTopologyText } from "../../scenarios/validate-text.ts";
import { Stream } from "../../sim/kernel/random/stream.ts";
import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { calibratedTopologyText } from "./calibrated-topology.ts";
import { calibratedWorkload } from "./calibrated-workload.ts";
import type { Parameter } from "./parameter.ts";

export interface CalibratedPlatform {
  /** The calibrated topology, as a file. */
  readonly topologyText: string;
  readonly topologyFile: string;
  readonly workload: WorkloadSpec;
  readonly parameters: readonly Parameter[];
}

/** Deviations of a normal variable at the edges of a 90 % interval. */
const edgeDeviations = 1.645;
/** Least share of its value that a parameter is drawn at: CPU times and rates stay above 0. */
const shareMin = 0.05;

/** One platform for each seed; the estimates are taken as independent of one another. */
export function drawnPlatform(
  { topologyText, topologyFile, workload, parameters }: CalibratedPlatform,
  seed: string,
): { readonly topology: Topology; readonly workload: WorkloadSpec } {
  const stream = new Stream(seed, "calibration.parameters");
  const drawn = parameters.map((each) => drawnParameter(each, stream.normal()));
  const text = calibratedTopologyText(topologyText, drawn);
  return {
    topology: requireValid(validateTopologyText(text, topologyFile), topologyFile),
    workload: calibratedWorkload(workload, drawn),
  };
}

/** Two half-normal sides, since intervals need not be symmetric. Spreads of CPU times stay: they move means along. */
function drawnParameter(parameter: Parameter, deviations: number): Parameter {
  const { estimate, name, sets } = parameter;
  const { state, value, interval } = estimate;
  const [low = null, high = null] = interval ?? [];
  if (state !== "identified" || value === null || low === null || high === null) return parameter;
  // The file holds the value already, so that factors start from it.
  const base = { ...parameter, before: value };
  if (name.endsWith(".cpu-sigma") || !(value > 0)) return base;
  const side = deviations < 0 ? value - low : high - value;
  const moved = Math.max(shareMin * value, value + (side * deviations) / edgeDeviations);
  return {
    ...base,
    estimate: {
      ...estimate,
      value: name === "workload.self-excitation" ? Math.min(0.95, moved) : moved,
    },
    ...(sets === undefined
      ? {}
      : { sets: sets.map((each) => ({ ...each, value: (each.value * moved) / value })) }),
  };
}

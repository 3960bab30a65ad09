/** New exports against a calibration: what was predicted, what came, and which parameter has moved. */

import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { estimateParameters } from "../calibrate/estimate-parameters.ts";
import type { Observations } from "../calibrate/observations.ts";
import type { Parameter } from "../calibrate/parameter.ts";

/** Smallest change that counts, however sure it is. */
const effectMin = 0.1;

export interface ParameterChange {
  readonly name: string;
  readonly unit: string;
  readonly calibrated: number;
  readonly now: number;
  readonly interval: readonly (number | null)[];
  /** now / calibrated - 1. */
  readonly change: number;
  readonly moved: boolean;
}

export interface WatchVerdict {
  readonly periods: number;
  readonly moved: readonly string[];
  /** Parameters known then and now. */
  readonly parameters: readonly ParameterChange[];
  /** Known at calibration, not to be told from the new exports. */
  readonly unknown: readonly string[];
}

/**
 * A parameter has moved when its 90 % interval then and now do not touch and it changed by 10 % or more.
 * The calibrated demand of a request, times the requests that came, is the utilisation that was predicted, so a demand
 * that holds is a prediction that holds.
 */
export function judgeNewData(
  topology: Topology,
  workload: WorkloadSpec,
  calibrated: readonly Parameter[],
  observations: Observations,
): WatchVerdict {
  const now = new Map(
    estimateParameters({ topology, workload, observations }).map((each) => [each.name, each]),
  );
  const known = calibrated.filter(({ estimate }) => estimate.state === "identified");
  const parameters = known.flatMap(({ name, estimate }) => {
    const fresh = now.get(name)?.estimate;
    if (fresh?.state !== "identified" || fresh.value === null || estimate.value === null) return [];
    const change = fresh.value / estimate.value - 1;
    const [low, high] = fresh.interval ?? [null, null];
    const [lowBefore, highBefore] = estimate.interval ?? [null, null];
    const apart =
      (low !== null && highBefore !== null && low > highBefore) ||
      (high !== null && lowBefore !== null && high < lowBefore);
    return [
      {
        name,
        unit: estimate.unit,
        calibrated: estimate.value,
        now: fresh.value,
        interval: [low, high],
        change,
        moved: apart && Math.abs(change) >= effectMin,
      },
    ];
  });
  return {
    periods: observations.periods,
    moved: parameters.filter(({ moved }) => moved).map(({ name }) => name),
    parameters,
    unknown: known
      .map(({ name }) => name)
      .filter((name) => !parameters.some((each) => each.name === name)),
  };
}

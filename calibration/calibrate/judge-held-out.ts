/** The calibrated twin on the time that the fit has not seen: what it says against what was measured. */
import { studentQuantile } from "../../sim/kernel/math/student.ts";
import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import { recordingCloudWatch } from "../../sim/twin/recording/export/cloudwatch.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { importMetricData } from "../importers/get-metric-data.ts";
import { type MetricRole, proposeMapping } from "../mapping/propose-mapping.ts";
import { mean, standardDeviation } from "../statistics/descriptive.ts";
import { pointErrors } from "../statistics/goodness.ts";
import { loadAsSeen } from "./calibrated-workload.ts";
import { type Observations, observe, slice } from "./observations.ts";

/** One figure over the held-out periods. */
export interface HeldOutFigure {
  readonly component: string;
  readonly role: MetricRole;
  readonly observed: readonly number[];
  readonly predicted: readonly number[];
  /** 90 % band of a new run, from the spread of the seeds. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Share of the observed points that lie in the band. */
  readonly coverage90: number;
  /** Mean absolute error in percent of the observed mean. */
  readonly errorPercent: number | null;
}

export interface HeldOutOptions {
  readonly topology: Topology;
  readonly workload: WorkloadSpec;
  readonly heldOut: Observations;
  readonly seeds: number;
}

/** Periods of one minute, as the twin's CloudWatch has them, and at most so many: a run takes time. */
const twinPeriodSeconds = 60;
const heldOutPeriodsMax = 30;

/** Coverage of the 90 % band below which a figure is said not to be predicted. */
export const coverageMin = 0.7;

const judgedRoles: readonly MetricRole[] = [
  "requests",
  "orders",
  "cpu-percent",
  "latency-p50",
  "latency-p90",
  "latency-p99",
  "queue-depth",
  "cache-hits",
];

/** `undefined` where it cannot be judged: other periods than minutes, or no count of requests. */
export function judgeHeldOut(options: HeldOutOptions): readonly HeldOutFigure[] | undefined {
  const { topology, heldOut } = options;
  const counts = countsOf(options);
  if (counts === undefined) return undefined;
  const periods = Math.min(heldOutPeriodsMax, heldOut.periods);
  // The first period is run twice: once to warm up, once to be judged.
  const load = [counts[0]!, ...counts.subarray(0, periods)];
  const runs = Array.from({ length: options.seeds }, (_, seed) =>
    runOnce(options, load, `held-out-${seed + 1}`),
  );
  return topology.components.flatMap(({ id }) =>
    judgedRoles.flatMap((role) => {
      const observed = heldOut.of(id, role)?.subarray(0, periods);
      const predictions = runs.map((run) => run.of(id, role)?.subarray(1, 1 + periods));
      if (observed === undefined || predictions.some((each) => each === undefined)) return [];
      const figure = figureOf(id, role, observed, predictions as readonly Float64Array[]);
      // Where no period knows both there is nothing to judge.
      return figure.observed.length === 0 ? [] : [figure];
    }),
  );
}

/** One run at the load of the first periods, what it published; `undefined` where that load is not known by the minute. */
export function runAsSeen(
  options: Omit<HeldOutOptions, "seeds">,
  periodsMax: number,
  seed: string,
): Observations | undefined {
  const counts = countsOf(options);
  if (counts === undefined) return undefined;
  const periods = Math.min(periodsMax, options.heldOut.periods);
  const run = runOnce(options, [counts[0]!, ...counts.subarray(0, periods)], seed);
  return slice(run, 1, 1 + periods);
}

/** Requests by minute at the entry. */
function countsOf({ topology, heldOut }: Omit<HeldOutOptions, "seeds">): Float64Array | undefined {
  if (heldOut.periodSeconds !== twinPeriodSeconds) return undefined;
  const gateway = topology.components.find(({ service }) => service === "api-gateway");
  return gateway && heldOut.of(gateway.id, "requests");
}

function runOnce(
  { topology, workload, heldOut }: Omit<HeldOutOptions, "seeds">,
  load: readonly number[],
  seed: string,
): Observations {
  const scenario: Scenario = {
    id: "held-out",
    title: "The held-out period",
    description: "Load as it was measured, nothing failing.",
    topology: topology.id,
    componentOverrides: tasksAtStart(topology, heldOut),
    warmUpSeconds: twinPeriodSeconds,
    durationSeconds: load.length * twinPeriodSeconds,
    workload,
    faults: loadAsSeen(load, twinPeriodSeconds, workload.ratePerSecond),
    objectives: [{ id: "invariants", kind: "invariants" }],
  };
  const recording = runScenario({ scenario, topology, seed });
  if (recording === undefined) throw new Error("nothing asked the run to end early");
  const document: unknown = JSON.parse(recordingCloudWatch(recording));
  const series = importMetricData([document], document, seed, []);
  return observe(series, proposeMapping(series, topology));
}

/** Tasks are configuration: as many as ran when the period began. */
function tasksAtStart(topology: Topology, heldOut: Observations) {
  return Object.fromEntries(
    topology.components.flatMap(({ id, service }) => {
      const taskCount = heldOut.of(id, "task-count")?.find((each) => each > 0);
      return service === "ecs-fargate" && taskCount !== undefined
        ? [[id, { taskCount: Math.round(taskCount) }]]
        : [];
    }),
  );
}

function figureOf(
  component: string,
  role: MetricRole,
  observed: Float64Array,
  predictions: readonly Float64Array[],
): HeldOutFigure {
  const seeds = predictions.length;
  const factor = studentQuantile(0.95, Math.max(1, seeds - 1)) * Math.sqrt(1 + 1 / seeds);
  const at = (i: number) => predictions.map((each) => each[i]!).filter(Number.isFinite);
  const predicted = Array.from(observed, (_, i) => mean(at(i)));
  const half = Array.from(observed, (_, i) => factor * standardDeviation(at(i)));
  const known = Array.from(observed, (_, i) => i).filter(
    (i) => Number.isFinite(observed[i]!) && Number.isFinite(half[i]!),
  );
  const pick = (values: ArrayLike<number>) => known.map((i) => values[i]!);
  const low = known.map((i) => predicted[i]! - half[i]!);
  const high = known.map((i) => predicted[i]! + half[i]!);
  const seen = pick(observed);
  const inside = seen.filter((value, i) => value >= low[i]! && value <= high[i]!).length;
  const { wape } = pointErrors(seen, pick(predicted));
  return {
    component,
    role,
    observed: seen,
    predicted: pick(predicted),
    low,
    high,
    coverage90: inside / known.length,
    errorPercent: wape === null ? null : 100 * wape,
  };
}

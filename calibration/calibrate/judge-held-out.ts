/** The calibrated twin on the time that the fit has not seen: what it says against what was measured. */
import { studentQuantile } from "../../sim/kernel/math/student.ts";
import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import { recordingCloudWatch } from "../../sim/twin/recording/export/cloudwatch.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { importMetricData } from "../importers/get-metric-data.ts";
import { type MetricRole, proposeMapping } from "../mapping/propose-mapping.ts";
import { mean, standardDeviation, sum } from "../statistics/descriptive.ts";
import { pointErrors } from "../statistics/goodness.ts";
import { loadAsSeen } from "./calibrated-workload.ts";
import { type Observations, observe, slice } from "./observations.ts";

/** One figure over the held-out periods. */
export interface HeldOutFigure {
  readonly component: string;
  readonly role: MetricRole;
  readonly observed: readonly number[];
  readonly predicted: readonly number[];
  /** 90 % band of a new run, from the spread of the seeds and of what the parameters may be. */
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
  /** The platform that the run of one seed is of; the one above when left out. */
  readonly drawn?: (seed: string) => Pick<HeldOutOptions, "topology" | "workload">;
}

/** Periods of the twin's CloudWatch, and how much is run at most: that takes time. */
const twinPeriodSeconds = 60;
const heldOutPeriodsMax = 30;
const heldOutSecondsMax = 7200;

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

/** `undefined` where it cannot be judged: periods that are no whole minutes, or no count of requests. */
export function judgeHeldOut(options: HeldOutOptions): readonly HeldOutFigure[] | undefined {
  const { topology, heldOut, drawn } = options;
  const minutes = minutesOf(options, periodsJudged(heldOut, heldOutPeriodsMax));
  if (minutes === undefined) return undefined;
  const runs = Array.from({ length: options.seeds }, (_, at) => {
    const seed = `held-out-${at + 1}`;
    return runOnce({ ...options, ...drawn?.(seed) }, minutes, seed);
  });
  return topology.components.flatMap(({ id }) =>
    judgedRoles.flatMap((role) => {
      const predictions = runs.map((run) => run.of(id, role));
      const observed = heldOut.of(id, role)?.subarray(0, minutes.periods);
      if (observed === undefined || predictions.some((each) => each === undefined)) return [];
      const figure = figureOf(id, role, observed, predictions as readonly Float64Array[]);
      // Where no period knows both there is nothing to judge.
      return figure.observed.length === 0 ? [] : [figure];
    }),
  );
}

/** One run at the load of the first periods, what it published; `undefined` where that load is not known. */
export function runAsSeen(
  options: Omit<HeldOutOptions, "seeds" | "drawn">,
  periodsMax: number,
  seed: string,
): Observations | undefined {
  const minutes = minutesOf(options, periodsJudged(options.heldOut, periodsMax));
  return minutes && runOnce(options, minutes, seed);
}

/** As many whole periods as a run has time for, one at least. */
function periodsJudged({ periods, periodSeconds }: Observations, most: number): number {
  return Math.min(periods, most, Math.max(1, Math.floor(heldOutSecondsMax / periodSeconds)));
}

/** The load by the minute: a longer period has it evenly over its minutes. */
interface MinuteLoad {
  readonly counts: readonly number[];
  readonly periods: number;
  readonly minutesPerPeriod: number;
}

function minutesOf(
  { topology, heldOut }: Omit<HeldOutOptions, "seeds" | "drawn">,
  periods: number,
): MinuteLoad | undefined {
  const gateway = topology.components.find(({ service }) => service === "api-gateway");
  const counts = gateway && heldOut.of(gateway.id, "requests");
  const minutesPerPeriod = heldOut.periodSeconds / twinPeriodSeconds;
  if (counts === undefined || !Number.isInteger(minutesPerPeriod)) return undefined;
  const byMinute = Array.from(counts.subarray(0, periods)).flatMap((count) =>
    new Array<number>(minutesPerPeriod).fill(count / minutesPerPeriod),
  );
  return { counts: byMinute, periods, minutesPerPeriod };
}

/** What a run published, in the periods that were observed. */
function runOnce(
  { topology, workload, heldOut }: Omit<HeldOutOptions, "seeds" | "drawn">,
  { counts, periods, minutesPerPeriod }: MinuteLoad,
  seed: string,
): Observations {
  // The first minute is run twice: once to warm up, once to be judged.
  const load = [counts[0]!, ...counts];
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
  const run = slice(observe(series, proposeMapping(series, topology)), 1, 1 + counts.length);
  return minutesPerPeriod === 1 ? run : inPeriods(run, periods, minutesPerPeriod);
}

/** Minutes put together: counts are added, shares and depths averaged. Percentiles can be neither, and are left out. */
function inPeriods(run: Observations, periods: number, minutesPerPeriod: number): Observations {
  return {
    startMs: run.startMs,
    periodSeconds: run.periodSeconds * minutesPerPeriod,
    periods,
    of: (component, role) => {
      const minutes = role.startsWith("latency-") ? undefined : run.of(component, role);
      const isCount = !averagedRoles.includes(role);
      return (
        minutes &&
        Float64Array.from({ length: periods }, (_, at) => {
          const part = minutes.subarray(at * minutesPerPeriod, (at + 1) * minutesPerPeriod);
          return isCount ? sum(part) : mean(part);
        })
      );
    },
  };
}

const averagedRoles: readonly MetricRole[] = ["cpu-percent", "task-count", "queue-depth"];

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

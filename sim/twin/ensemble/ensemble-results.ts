import { type Interval, replicationInterval } from "../../kernel/statistics/intervals.ts";
import type { EnsembleSample, RpoResult } from "../results-types.ts";
import type { BusinessFunction } from "../topology-types.ts";
import {
  nearestRank,
  type Observation,
  type PercentileEstimate,
  percentileOf,
} from "./order-statistics.ts";
import type { RunSummary, SharedWarmUp } from "./run-summary.ts";
import { type ShareEstimate, wilsonInterval } from "./wilson-interval.ts";

/** Confidence of every interval of an ensemble. */
export const confidence = 0.95;

/** Percentiles that are quoted of what the runs measured. */
const percentiles = [50, 95, 99] as const;

/** Quantities of one scenario over many seeds. */
export interface EnsembleResults {
  readonly scenario: string;
  readonly seedCount: number;
  readonly confidence: number;
  /** Requests simulated in all. */
  readonly requests: number;
  /** Present when the runs share one warm-up and differ only in their luck after it. */
  readonly warmUp?: SharedWarmUp;
  /** Runs whose platform was healthy before the fault; no recovery time is quoted of the others. */
  readonly healthy: ShareEstimate;
  /** Runs that met all that one run can judge. */
  readonly allMet: ShareEstimate;
  readonly objectives: readonly ObjectiveShare[];
  /** Objectives over many seeds. */
  readonly ensembleObjectives: readonly EnsembleObjective[];
  readonly functions: readonly FunctionEnsemble[];
  readonly rpo: readonly RpoEnsemble[];
}

/** How often an objective was met. */
export interface ObjectiveShare {
  readonly id: string;
  readonly kind: string;
  readonly unit: string;
  readonly limit: number;
  readonly met: ShareEstimate;
}

/** An objective on a percentile of what many runs measured. */
export interface EnsembleObjective {
  readonly id: string;
  readonly kind: "rto" | "rpo";
  readonly unit: string;
  readonly limit: number;
  readonly percentile: number;
  readonly seedsNeeded: number;
  /** `undefined` when there were too few seeds to judge it. */
  readonly met: boolean | undefined;
  /** Left out when no run measured anything. */
  readonly estimate?: PercentileEstimate;
  readonly because: string;
}

export interface FunctionEnsemble {
  readonly function: BusinessFunction;
  /** Runs that ended before the function was back; their times are lower bounds. */
  readonly censoredCount: number;
  /** Longest recovery, seconds, over the healthy runs; empty when there was none. */
  readonly rtoSeconds: readonly PercentileEstimate[];
  readonly latencyMsP50: Interval;
  readonly latencyMsP99: Interval;
  readonly goodputPerSecond: Interval;
}

export interface RpoEnsemble {
  readonly acceptance: RpoResult["acceptance"];
  readonly declared: boolean;
  /** Runs that lost nothing. */
  readonly lossless: ShareEstimate;
  /** Accepted commands lost. */
  readonly lostCount: readonly PercentileEstimate[];
  readonly lostCountMax: number;
  readonly doubledCountMax: number;
  readonly reorderedCountMax: number;
  readonly strandedCountMax: number;
  readonly oldestLostSecondsMax: number;
}

/** Sums up runs of one scenario that differ in their seeds. Throws when there is none. */
export function ensembleOf(runs: readonly RunSummary[]): EnsembleResults {
  const [first] = runs;
  if (first === undefined) throw new Error("An ensemble needs a run");
  const healthy = runs.filter(({ baseline }) => baseline.healthy);
  return {
    scenario: first.scenario,
    seedCount: runs.length,
    confidence,
    requests: runs.reduce((sum, { totals }) => sum + totals.requests, 0),
    ...(first.warmUp === undefined ? {} : { warmUp: first.warmUp }),
    healthy: shareOf(runs, ({ baseline }) => baseline.healthy),
    allMet: shareOf(
      runs,
      ({ baseline, objectives }) => baseline.healthy && objectives.every(({ met }) => met),
    ),
    objectives: first.objectives.map(({ id, kind, unit, limit }, at) => ({
      id,
      kind,
      unit,
      limit,
      met: shareOf(runs, (run) => run.objectives[at]!.met),
    })),
    ensembleObjectives: first.ensembleSamples.map((_, at) =>
      judgeEnsemble(runs.map((run) => run.ensembleSamples[at]!)),
    ),
    functions: first.functions.map((_, at) => functionEnsemble(runs, healthy, at)),
    rpo: first.rpo.map((_, at) => rpoEnsemble(runs.map((run) => run.rpo[at]!))),
  };
}

/** Values of several runs at the percentiles that are quoted. */
function percentilesOf(values: readonly Observation[]): readonly PercentileEstimate[] {
  if (values.length === 0) return [];
  return percentiles.map((percentile) => percentileOf(values, percentile, confidence));
}

function shareOf(runs: readonly RunSummary[], isHit: (run: RunSummary) => boolean): ShareEstimate {
  return wilsonInterval(runs.filter(isHit).length, runs.length, confidence);
}

function functionEnsemble(
  runs: readonly RunSummary[],
  healthy: readonly RunSummary[],
  at: number,
): FunctionEnsemble {
  const all = runs.map((run) => run.functions[at]!);
  const judged = healthy.map((run) => run.functions[at]!);
  const interval = (values: readonly number[]) => replicationInterval(values, { confidence });
  return {
    function: all[0]!.function,
    censoredCount: judged.filter(({ censored }) => censored).length,
    rtoSeconds: percentilesOf(
      judged.map(({ rtoSeconds, censored }) => ({ value: rtoSeconds, censored })),
    ),
    latencyMsP50: interval(all.map(({ latencyMsP50 }) => latencyMsP50)),
    latencyMsP99: interval(all.map(({ latencyMsP99 }) => latencyMsP99)),
    goodputPerSecond: interval(all.map(({ goodputPerSecond }) => goodputPerSecond)),
  };
}

function rpoEnsemble(results: readonly RpoResult[]): RpoEnsemble {
  const first = results[0]!;
  const most = (read: (result: RpoResult) => number) =>
    results.reduce((max, result) => Math.max(max, read(result)), 0);
  const lossless = results.filter(({ lostCount }) => lostCount === 0).length;
  return {
    acceptance: first.acceptance,
    declared: first.declared,
    lossless: wilsonInterval(lossless, results.length, confidence),
    lostCount: percentilesOf(
      results.map(({ lostCount }) => ({ value: lostCount, censored: false })),
    ),
    lostCountMax: most(({ lostCount }) => lostCount),
    doubledCountMax: most(({ doubledCount }) => doubledCount),
    reorderedCountMax: most(({ reorderedCount }) => reorderedCount),
    strandedCountMax: most(({ strandedCount }) => strandedCount),
    oldestLostSecondsMax: most(({ oldestLostSeconds }) => oldestLostSeconds),
  };
}

/**
 * A run that could not be measured (its baseline was unhealthy) counts as beyond any bound: leaving it out would make a
 * platform look better that fails before it is even struck.
 */
function judgeEnsemble(samples: readonly EnsembleSample[]): EnsembleObjective {
  const { id, kind, unit, limit, over } = samples[0]!;
  const base = { id, kind, unit, limit, percentile: over.percentile, seedsNeeded: over.seeds };
  const values = samples.map(
    ({ measured, censored }): Observation => ({
      value: measured ?? 0,
      censored: censored || measured === null,
    }),
  );
  const unmeasured = samples.filter(({ measured }) => measured === null).length;
  const estimate = percentileOf(values, over.percentile, confidence);
  if (samples.length < over.seeds) {
    return {
      ...base,
      met: undefined,
      estimate,
      because: `It asks for ${over.seeds} seeds and there were ${samples.length}: give --seeds ${over.seeds}.`,
    };
  }
  const rank = nearestRank(samples.length, over.percentile);
  const within = values.filter(({ value, censored }) => !censored && value <= limit).length;
  const met = within >= rank;
  const isSure = met
    ? estimate.high !== null && estimate.high <= limit
    : estimate.low !== null && estimate.low > limit;
  const told = [
    `${within} of ${samples.length} runs kept ${limit} ${unit}, and p${over.percentile} needs ${rank}`,
    ...(unmeasured > 0 ? [`${unmeasured} could not be measured and count against it`] : []),
    ...(isSure ? [] : ["the interval holds the limit, so more seeds may turn it"]),
  ];
  return { ...base, met, estimate, because: `${told.join("; ")}.` };
}

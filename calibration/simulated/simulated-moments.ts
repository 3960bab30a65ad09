/**
 * Simulated method of moments: the twin runs at the load that was measured, with the same seeds for every guess, until
 * means and percentiles of what it publishes are those that were observed; then approximate Bayesian computation says how
 * wide the guesses are that would do as well.
 */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { runAsSeen } from "../calibrate/judge-held-out.ts";
import type { Observations } from "../calibrate/observations.ts";
import { type Estimate, identified, isNarrow, unsettled } from "../estimate.ts";
import type { MetricRole } from "../mapping/propose-mapping.ts";
import { type Posterior, posteriorQuantile, sampleNear } from "../statistics/abc-smc.ts";
import { evolve } from "../statistics/cma-es.ts";
import { mean, variance } from "../statistics/descriptive.ts";
import { minimise } from "../statistics/nelder-mead.ts";
import { isoTime } from "../tables/parse-time.ts";
import type { LeftoverParameter, Platform } from "./leftover-parameters.ts";

export interface MomentsOptions {
  readonly platform: Platform;
  readonly parameters: readonly LeftoverParameter[];
  readonly observations: Observations;
  /** Runs of the twin in all, for search and posterior together. */
  readonly simulationsMax: number;
  readonly onSimulation?: (done: number) => void;
}

export interface MomentsFit {
  readonly estimates: ReadonlyMap<string, Estimate>;
  readonly platform: Platform;
  readonly simulations: number;
  /** Mean square of the standardised distances at the best guess; about 1 where the twin can look like production. */
  readonly misfit: number;
  readonly moments: readonly {
    readonly name: string;
    readonly observed: number;
    readonly simulated: number;
    /** Difference in standard deviations of one run. */
    readonly off: number;
  }[];
}

interface Moment {
  readonly component: string;
  readonly role: MetricRole;
}

/** What a moment is the mean logarithm of; queue depths may be 0, so one is added. */
const momentRoles: readonly MetricRole[] = [
  "latency-p50",
  "latency-p90",
  "latency-p99",
  "cpu-percent",
  "queue-depth",
  "cache-hits",
];
/** Periods that a run takes at most: it costs time, and the moments are means. */
const periodsMax = 10;
const searchSeeds = 2;
const noiseSeeds = 6;
/** Most parameters for the simplex, and for a posterior. */
const simplexMax = 4;
const posteriorMax = 4;
/** Standardised misfit above which the twin cannot be made to look like production. */
const misfitMax = 9;

/** Throws `calibrate.no-moments` where nothing was observed that a run also gives. */
export function fitSimulatedMoments(options: MomentsOptions): MomentsFit {
  const { platform, parameters, observations } = options;
  const known = momentsOf(platform, observations);
  if (known.length === 0) {
    throw new TwinError({
      code: "calibrate.no-moments",
      problem:
        "No latency, utilisation, queue depth or cache figure in periods of whole minutes was mapped, with a count of requests",
      remedy: "Export Latency p50, p90 and p99, CPUUtilization and Count with a period of 60 s",
    });
  }
  const scale = (at: readonly number[]) =>
    parameters.map(({ low, high }, i) => low + (high - low) * Math.min(1, Math.max(0, at[i]!)));
  let simulations = 0;
  const simulate = (at: readonly number[], seed: string) => {
    simulations += 1;
    options.onSimulation?.(simulations);
    const values = scale(at);
    const guess = parameters.reduce(
      (each, parameter, i) => parameter.apply(each, values[i]!),
      platform,
    );
    const run = runAsSeen({ ...guess, heldOut: observations }, periodsMax, seed);
    return run === undefined
      ? known.map(() => Number.NaN)
      : known.map((each) => momentOf(run, each));
  };
  const start = parameters.map(({ low, high, before }) => (before - low) / (high - low));
  const target = known.map((each) => momentOf(observations, each));
  const deviations = noiseOf(simulate, start, known.length);
  const misfitOf = (moments: readonly number[]) =>
    mean(moments.map((each, i) => ((each - target[i]!) / deviations[i]!) ** 2));
  const cost = (at: readonly number[]) => {
    const outside = at.reduce((sum, each) => sum + Math.max(0, -each, each - 1), 0);
    const runs = Array.from({ length: searchSeeds }, (_, seed) => simulate(at, `search-${seed}`));
    return (
      misfitOf(known.map((_, i) => mean(runs.map((run) => run[i]!)))) * (1 + outside) + outside
    );
  };
  const searches = Math.floor((options.simulationsMax * 0.4) / searchSeeds);
  const best = search(cost, start, searches);
  const at = best.at.map((each) => Math.min(1, Math.max(0, each)));
  const posterior =
    parameters.length > posteriorMax
      ? undefined
      : sampleNear((guess, draw) => Math.sqrt(misfitOf(simulate(guess, `posterior-${draw}`))), {
          dimensions: parameters.length,
          particles: Math.max(20, Math.floor(options.simulationsMax / 8)),
          rounds: 5,
          simulationsMax: Math.max(20, options.simulationsMax - simulations),
          seed: "1",
          around: { at, half: 0.3 },
        });
  const simulated = known.map((_, i) =>
    mean(Array.from({ length: searchSeeds }, (_each, seed) => simulate(at, `search-${seed}`)[i]!)),
  );
  const values = scale(at);
  return {
    estimates: new Map(
      parameters.map((parameter, i) => [
        parameter.name,
        estimateOf(parameter, values[i]!, at[i]!, i, {
          posterior,
          observations,
          misfit: misfitOf(simulated),
        }),
      ]),
    ),
    platform: parameters.reduce(
      (each, parameter, i) => parameter.apply(each, values[i]!),
      platform,
    ),
    simulations,
    misfit: misfitOf(simulated),
    moments: known.map(({ component, role }, i) => ({
      name: `${component} ${role}`,
      observed: Math.exp(target[i]!),
      simulated: Math.exp(simulated[i]!),
      off: (simulated[i]! - target[i]!) / deviations[i]!,
    })),
  };
}

function search(cost: (at: readonly number[]) => number, start: readonly number[], most: number) {
  if (start.length > simplexMax)
    return evolve(cost, { start, step: 0.2, evaluationsMax: most, tolerance: 1e-3, seed: "1" });
  return minimise(cost, {
    start,
    steps: start.map((each) => (each > 0.6 ? -0.2 : 0.2)),
    evaluationsMax: most,
    tolerance: 1e-3,
  });
}

/** Moments that production and the twin both give. */
function momentsOf({ topology }: Platform, observations: Observations): readonly Moment[] {
  return topology.components.flatMap(({ id }) =>
    momentRoles
      .filter((role) => Number.isFinite(momentOf(observations, { component: id, role })))
      .map((role) => ({ component: id, role })),
  );
}

function momentOf(observations: Observations, { component, role }: Moment): number {
  const values = observations.of(component, role)?.subarray(0, periodsMax);
  const known = Array.from(values ?? []).filter(Number.isFinite);
  return known.length === 0 ? Number.NaN : Math.log(mean(known) + (role === "queue-depth" ? 1 : 0));
}

/** How much each moment differs from run to run, at least half a percent: nothing is known better than that. */
function noiseOf(
  simulate: (at: readonly number[], seed: string) => readonly number[],
  at: readonly number[],
  count: number,
): readonly number[] {
  const runs = Array.from({ length: noiseSeeds }, (_, seed) => simulate(at, `noise-${seed}`));
  return Array.from({ length: count }, (_, i) =>
    Math.max(0.005, Math.sqrt(variance(runs.map((run) => run[i]!)))),
  );
}

function estimateOf(
  { unit, low, high }: LeftoverParameter,
  value: number,
  position: number,
  axis: number,
  found: {
    readonly posterior: Posterior | undefined;
    readonly observations: Observations;
    readonly misfit: number;
  },
): Estimate {
  const { startMs, periods, periodSeconds } = found.observations;
  const n = Math.min(periods, periodsMax);
  const about = {
    n,
    unit,
    period: { from: isoTime(startMs), to: isoTime(startMs + n * periodSeconds * 1000) },
  };
  const settledBy = "Spans or an access log of an hour: single times tell what means leave open";
  if (found.posterior === undefined) {
    return unsettled(
      "not-identified",
      { value },
      {
        ...about,
        why: `simulated moments; an interval is sought for at most ${posteriorMax} parameters at once`,
        settledBy: "Simulate fewer parameters at once",
      },
    );
  }
  const edge = (p: number) => low + (high - low) * posteriorQuantile(found.posterior!, axis, p);
  const interval = [edge(0.05), edge(0.95)] as const;
  const why = `simulated moments with common random numbers; interval by approximate Bayesian computation (${found.posterior.particles.length} of ${found.posterior.simulations} runs)`;
  if (found.misfit > misfitMax) {
    return unsettled(
      "not-identified",
      { value, interval },
      {
        ...about,
        why: `${why}; even the best guess is ${Math.sqrt(found.misfit).toPrecision(2)} deviations from what was observed: something else of the twin is wrong`,
        settledBy: "Look at which figure is off, and calibrate what it depends on first",
      },
    );
  }
  const isAtEdge = position < 0.01 || position > 0.99;
  if (isAtEdge || !isNarrow(value, interval)) {
    return unsettled(
      "not-identified",
      { value, interval },
      {
        ...about,
        why: `${why}; ${isAtEdge ? "the search stopped on a bound" : "the interval spans more than a factor of 3 either way"}`,
        settledBy,
      },
    );
  }
  return identified(value, interval, { ...about, why });
}

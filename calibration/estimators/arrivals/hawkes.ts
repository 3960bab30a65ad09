/**
 * Self-exciting arrivals with an exponential kernel: each arrival brings `branching` others on average, after times of
 * mean `memorySeconds`. Likelihood by Ogata's recursion, one pass over the events.
 */

import { sorted } from "../../statistics/descriptive.ts";
import { ksDistance, ksPValue } from "../../statistics/goodness.ts";
import { minimise } from "../../statistics/nelder-mead.ts";

export interface HawkesFit {
  readonly basePerSecond: number;
  readonly branching: number;
  readonly memorySeconds: number;
  readonly logLikelihood: number;
  /** What it gains over a Poisson process of the same mean, less what two more parameters gain by chance (BIC). */
  readonly gain: number;
  /** Distance of the rescaled gaps from the exponential that they must follow, and its p. */
  readonly residualKs: number;
  readonly residualP: number;
}

/** Times in seconds, ascending from 0; `length` is the time observed. */
export function fitHawkes(times: Float64Array, length: number): HawkesFit {
  const rate = times.length / length;
  const cost = (at: readonly number[]) => -logLikelihood(times, length, ...unpack(at));
  const starts = [0.1, 1, 10, 60].map((memory) => [Math.log(rate / 2), 0, Math.log(memory)]);
  const best = starts
    .map((start) =>
      minimise(cost, { start, steps: [0.5, 0.5, 0.5], evaluationsMax: 300, tolerance: 1e-9 }),
    )
    .reduce((a, b) => (b.value < a.value ? b : a));
  const [basePerSecond, branching, memorySeconds] = unpack(best.at);
  const residuals = sorted(rescaledGaps(times, basePerSecond, branching, memorySeconds));
  const residualKs = ksDistance(residuals, (x) => 1 - Math.exp(-x));
  return {
    basePerSecond,
    branching,
    memorySeconds,
    logLikelihood: -best.value,
    gain: -best.value - times.length * (Math.log(rate) - 1) - Math.log(times.length),
    residualKs,
    residualP: ksPValue(residualKs, residuals.length),
  };
}

/** Half of the 90 % point of chi-square with one degree of freedom. */
const dropMax = 1.353;

/** 90 % interval of the branching by profile likelihood; the base and the memory give way. */
export function branchingInterval(
  times: Float64Array,
  length: number,
  fit: HawkesFit,
): readonly [number, number] {
  const centre = logit(Math.min(fit.branching, 0.998) / 0.999);
  const edges = profileEdges(times, length, fit, { centre, step: 0.25, at: 1 });
  return [0.999 * logistic(edges[0]), 0.999 * logistic(edges[1])];
}

/** 90 % interval of the memory in seconds, in the same way; the base and the branching give way. */
export function memoryInterval(
  times: Float64Array,
  length: number,
  fit: HawkesFit,
): readonly [number, number] {
  const centre = Math.log(fit.memorySeconds);
  const edges = profileEdges(times, length, fit, { centre, step: 0.1, at: 2 });
  return [Math.exp(edges[0]), Math.exp(edges[1])];
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const logit = (share: number) => Math.log(share / (1 - share));

/** Where the likelihood has dropped too far, in the free coordinates: base, branching, memory. */
function profileEdges(
  times: Float64Array,
  length: number,
  { basePerSecond, branching, memorySeconds, logLikelihood: best }: HawkesFit,
  { centre, step, at }: { readonly centre: number; readonly step: number; readonly at: 1 | 2 },
): readonly [number, number] {
  const free = [
    Math.log(basePerSecond),
    logit(Math.min(branching, 0.998) / 0.999),
    Math.log(memorySeconds),
  ].filter((_, index) => index !== at);
  const dropAt = (held: number) => {
    const cost = (others: readonly number[]) => {
      const all = [...others];
      all.splice(at, 0, held);
      return -logLikelihood(times, length, ...unpack(all));
    };
    return (
      best +
      minimise(cost, { start: free, steps: [0.2, 0.2], evaluationsMax: 60, tolerance: 1e-6 }).value
    );
  };
  const edge = (sign: 1 | -1) => {
    let [inside, outside] = [centre, centre + sign * step];
    while (dropAt(outside) < dropMax && Math.abs(outside - centre) < 8) {
      inside = outside;
      outside = centre + 2 * (outside - centre);
    }
    for (let halving = 0; halving < 6; halving += 1) {
      const middle = (inside + outside) / 2;
      if (dropAt(middle) < dropMax) inside = middle;
      else outside = middle;
    }
    return (inside + outside) / 2;
  };
  return [edge(-1), edge(1)];
}

function unpack(at: readonly number[]): [number, number, number] {
  return [Math.exp(at[0]!), 0.999 / (1 + Math.exp(-at[1]!)), Math.exp(at[2]!)];
}

function logLikelihood(
  times: Float64Array,
  length: number,
  base: number,
  branching: number,
  memory: number,
): number {
  const decay = 1 / memory;
  let total = -base * length;
  let excitement = 0;
  let before = 0;
  for (const [i, at] of times.entries()) {
    if (i > 0) excitement = Math.exp(-decay * (at - before)) * (1 + excitement);
    before = at;
    total +=
      Math.log(base + branching * decay * excitement) -
      branching * (1 - Math.exp(-decay * (length - at)));
  }
  return total;
}

/** Integrals of the intensity between events: exponential of mean 1 when the model holds. */
function rescaledGaps(
  times: Float64Array,
  base: number,
  branching: number,
  memory: number,
): Float64Array {
  const decay = 1 / memory;
  const gaps = new Float64Array(Math.max(0, times.length - 1));
  let excitement = 1;
  for (let i = 1; i < times.length; i += 1) {
    const gap = times[i]! - times[i - 1]!;
    const faded = Math.exp(-decay * gap);
    gaps[i - 1] = base * gap + branching * excitement * (1 - faded);
    excitement = 1 + faded * excitement;
  }
  return gaps;
}

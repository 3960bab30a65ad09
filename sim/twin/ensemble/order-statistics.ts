import { exp } from "../../kernel/math/exp.ts";
import { lnGamma } from "../../kernel/math/gamma.ts";
import { ln } from "../../kernel/math/ln.ts";

/** One measured value; a censored one is only known to be at least this. */
export interface Observation {
  readonly value: number;
  readonly censored: boolean;
}

/** A percentile of a sample, with an interval for that of the population. */
export interface PercentileEstimate {
  /** 0 to 100, exclusive. */
  readonly percentile: number;
  /** The sample's percentile is at least this. */
  readonly atLeast: number;
  /** And at most this: the same number, unless censored runs leave it open; `null` when they leave it without bound. */
  readonly atMost: number | null;
  /** Lower end of the interval; `null` when there are too few values for one. */
  readonly low: number | null;
  /** Upper end of the interval; `null` when there are too few values, or censored ones leave it without bound. */
  readonly high: number | null;
  /** Values it rests on. */
  readonly count: number;
}

/** Ranks, from 1, of the order statistics between which a percentile lies; 0 and count + 1 stand for no bound. */
export interface RankInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * The percentile of a sample by the nearest-rank rule, and a distribution-free interval: how many values lie below the
 * population's percentile is binomial, whatever the distribution. Each side errs with at most half of 1 - confidence.
 *
 * A run that ended before it had recovered stays in: its value is a lower bound, so every order statistic is known to
 * lie between the one with its bound and the one with infinity in its place. Throws on an empty sample.
 */
export function percentileOf(
  observations: readonly Observation[],
  percentile: number,
  confidence: number,
): PercentileEstimate {
  const count = observations.length;
  if (count === 0) throw new Error("An empty sample has no percentile");
  const lower = sorted(observations.map(({ value }) => value));
  const upper = sorted(
    observations.map(({ value, censored }) => (censored ? Number.POSITIVE_INFINITY : value)),
  );
  const rank = nearestRank(count, percentile);
  const ranks = rankInterval(count, percentile, confidence);
  return {
    percentile,
    atLeast: lower[rank - 1]!,
    atMost: finite(upper[rank - 1]!),
    low: ranks.low === 0 ? null : lower[ranks.low - 1]!,
    high: ranks.high > count ? null : finite(upper[ranks.high - 1]!),
    count,
  };
}

/** Rank, from 1, of the smallest value that at least `percentile` % of `count` values do not exceed. */
export function nearestRank(count: number, percentile: number): number {
  // A hair below, so that 95 % of 200 is rank 190 however the product rounds.
  return Math.min(count, Math.max(1, Math.ceil((count * percentile) / 100 - 1e-9)));
}

/** Between which order statistics of `count` independent values the population's percentile lies. */
export function rankInterval(count: number, percentile: number, confidence: number): RankInterval {
  const part = percentile / 100;
  const tail = (1 - confidence) / 2;
  // Summed from either end, so that neither tail is what is left of 1.
  let low = 0;
  for (let below = 0; low < count; low += 1) {
    below += binomial(count, low, part);
    if (below > tail) break;
  }
  let high = count + 1;
  for (let above = 0; high > 1; high -= 1) {
    above += binomial(count, high - 1, part);
    if (above > tail) break;
  }
  return { low, high };
}

/** Probability of exactly `hits` in `count` trials. */
function binomial(count: number, hits: number, part: number): number {
  const ways = lnGamma(count + 1) - lnGamma(hits + 1) - lnGamma(count - hits + 1);
  return exp(ways + hits * ln(part) + (count - hits) * ln(1 - part));
}

function sorted(values: number[]): number[] {
  return values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function finite(value: number): number | null {
  return value === Number.POSITIVE_INFINITY ? null : value;
}

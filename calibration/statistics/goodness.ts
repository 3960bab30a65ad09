/** How well predictions meet what was observed. */
import { mean, type Numbers, sum } from "./descriptive.ts";

/** Errors of point predictions; shares, not percent. */
export interface PointErrors {
  /** Mean absolute error over the observed value, where that is not 0; `null` when it is 0 everywhere. */
  readonly mape: number | null;
  /** Symmetric form, which zeros cannot make explode. */
  readonly smape: number;
  /** Sum of absolute errors over the sum of observed values. */
  readonly wape: number | null;
  readonly meanAbsoluteError: number;
  /** 1 - residual over total variation; `null` when nothing varies. */
  readonly r2: number | null;
  readonly n: number;
}

export function pointErrors(observed: Numbers, predicted: Numbers): PointErrors {
  const n = observed.length;
  const centre = mean(observed);
  let relative = 0;
  let relativeCount = 0;
  let symmetric = 0;
  let absolute = 0;
  let residual = 0;
  let total = 0;
  for (let i = 0; i < n; i += 1) {
    const y = observed[i]!;
    const error = Math.abs(y - predicted[i]!);
    absolute += error;
    residual += error * error;
    total += (y - centre) ** 2;
    if (y !== 0) {
      relative += error / Math.abs(y);
      relativeCount += 1;
    }
    const size = Math.abs(y) + Math.abs(predicted[i]!);
    if (size > 0) symmetric += (2 * error) / size;
  }
  const level = Math.abs(sum(observed));
  return {
    mape: relativeCount > 0 ? relative / relativeCount : null,
    smape: n > 0 ? symmetric / n : 0,
    wape: level > 0 ? absolute / level : null,
    meanAbsoluteError: n > 0 ? absolute / n : 0,
    r2: total > 0 ? 1 - residual / total : null,
    n,
  };
}

/** Greatest distance between the empirical distribution of ascending values and a cdf. */
export function ksDistance(ascending: Numbers, cdf: (x: number) => number): number {
  const n = ascending.length;
  let distance = 0;
  for (let i = 0; i < n; i += 1) {
    const at = cdf(ascending[i]!);
    distance = Math.max(distance, Math.abs((i + 1) / n - at), Math.abs(at - i / n));
  }
  return distance;
}

/** Asymptotic p-value of a Kolmogorov distance whose distribution was known before (Stephens' correction). */
export function ksPValue(distance: number, n: number): number {
  const root = Math.sqrt(n);
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  if (lambda < 0.2) return 1;
  let p = 0;
  for (let k = 1; k <= 100; k += 1) {
    const term = 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda);
    p += term;
    if (Math.abs(term) < 1e-12) break;
  }
  return Math.min(1, Math.max(0, p));
}

/** Anderson-Darling statistic of ascending values against a cdf. */
export function andersonDarling(ascending: Numbers, cdf: (x: number) => number): number {
  const n = ascending.length;
  const clip = (p: number) => Math.min(1 - 1e-12, Math.max(1e-12, p));
  let total = 0;
  for (let i = 0; i < n; i += 1) {
    total +=
      (2 * i + 1) *
      (Math.log(clip(cdf(ascending[i]!))) + Math.log(1 - clip(cdf(ascending[n - 1 - i]!))));
  }
  return -n - total / n;
}

/**
 * Mean continuous ranked probability score of observations under a forecast given by its quantile function: the
 * quantile loss, averaged over levels. In the unit of the data; smaller is better.
 */
export function crps(observed: Numbers, quantileAt: (p: number) => number, levels = 99): number {
  const predicted = Float64Array.from({ length: levels }, (_, i) => quantileAt((i + 0.5) / levels));
  let total = 0;
  for (let j = 0; j < observed.length; j += 1) {
    const y = observed[j]!;
    for (let i = 0; i < levels; i += 1) {
      const gap = y - predicted[i]!;
      total += gap * ((i + 0.5) / levels - (gap < 0 ? 1 : 0));
    }
  }
  return (2 * total) / (levels * Math.max(1, observed.length));
}

/** Share of observations inside bands, and how wide these are on average. */
export function coverage(
  observed: Numbers,
  low: Numbers,
  high: Numbers,
): { readonly share: number; readonly meanWidth: number } {
  let inside = 0;
  let width = 0;
  for (let i = 0; i < observed.length; i += 1) {
    if (observed[i]! >= low[i]! && observed[i]! <= high[i]!) inside += 1;
    width += high[i]! - low[i]!;
  }
  return { share: inside / observed.length, meanWidth: width / observed.length };
}

/** Hit ratio from counts of hits and misses: Beta-binomial, since intervals differ by more than chance. */
import { lnGamma } from "../../../sim/kernel/math/gamma.ts";
import { studentQuantile } from "../../../sim/kernel/math/student.ts";
import { minimise } from "../../statistics/nelder-mead.ts";

export interface HitRatioFit {
  readonly ratio: number;
  readonly interval: readonly [number, number];
  /** Correlation of requests within one interval: 0 is plain binomial. */
  readonly overdispersion: number;
  /** Change of the ratio over the whole time, by a straight line through the intervals. */
  readonly drift: number;
  readonly driftInterval: readonly [number, number];
  readonly intervals: number;
}

export function fitHitRatio(hits: readonly number[], requests: readonly number[]): HitRatioFit {
  const total = requests.reduce((sum, each) => sum + each, 0);
  const ratio = hits.reduce((sum, each) => sum + each, 0) / total;
  const start = [Math.log((ratio + 1e-6) / (1 - ratio + 1e-6)), Math.log(0.01)];
  const { at } = minimise((p) => -logLikelihood(hits, requests, p), {
    start,
    steps: [0.5, 1],
    evaluationsMax: 600,
    tolerance: 1e-12,
  });
  const mean = 1 / (1 + Math.exp(-at[0]!));
  const rho = 1 / (1 + Math.exp(-at[1]!));
  const n = hits.length;
  const variance = requests.reduce(
    (sum, each) => sum + (mean * (1 - mean) * (1 + (each - 1) * rho)) / each,
    0,
  );
  const half = n > 1 ? studentQuantile(0.95, n - 1) * Math.sqrt(variance / n / n) : 1;
  return {
    ratio: mean,
    interval: [Math.max(0, mean - half), Math.min(1, mean + half)],
    overdispersion: rho,
    ...driftOf(hits, requests),
    intervals: n,
  };
}

function logLikelihood(
  hits: readonly number[],
  requests: readonly number[],
  at: readonly number[],
): number {
  const mean = 1 / (1 + Math.exp(-at[0]!));
  const rho = 1 / (1 + Math.exp(-at[1]!));
  const size = (1 - rho) / rho;
  const [a, b] = [mean * size, (1 - mean) * size];
  if (!(a > 0) || !(b > 0)) return Number.NEGATIVE_INFINITY;
  const constant = lnGamma(a + b) - lnGamma(a) - lnGamma(b);
  let total = 0;
  for (const [i, h] of hits.entries()) {
    const n = requests[i]!;
    total += constant + lnGamma(a + h) + lnGamma(b + n - h) - lnGamma(a + b + n);
  }
  return total;
}

function driftOf(hits: readonly number[], requests: readonly number[]) {
  const n = hits.length;
  if (n < 3) return { drift: 0, driftInterval: [-1, 1] as const };
  const x = hits.map((_, i) => i / (n - 1) - 0.5);
  const y = hits.map((h, i) => h / requests[i]!);
  const centre = y.reduce((sum, each) => sum + each, 0) / n;
  const xx = x.reduce((sum, each) => sum + each * each, 0);
  const slope = x.reduce((sum, each, i) => sum + each * (y[i]! - centre), 0) / xx;
  const rss = y.reduce((sum, each, i) => sum + (each - centre - slope * x[i]!) ** 2, 0);
  const half = studentQuantile(0.95, n - 2) * Math.sqrt(rss / (n - 2) / xx);
  return { drift: slope, driftInterval: [slope - half, slope + half] as const };
}

/** A total over a total (busy time over requests, orders over requests), with an interval that knows of few periods. */
import { studentQuantile } from "../../sim/kernel/math/student.ts";
import { autocorrelation } from "../statistics/descriptive.ts";

export interface RatioFit {
  readonly value: number;
  /** 90 %. */
  readonly interval: readonly [number, number];
  /** Periods in which both are known. */
  readonly n: number;
}

/**
 * Sum of `tops` over sum of `bottoms`. The interval is Student's, on the residuals of the periods; where neighbours
 * resemble each other there are fewer independent ones than periods, and the interval widens. `undefined` when fewer than
 * four periods know both.
 */
export function fitRatio(
  tops: ArrayLike<number>,
  bottoms: ArrayLike<number>,
): RatioFit | undefined {
  const rows = Array.from(
    { length: tops.length },
    (_, i) => [tops[i]!, bottoms[i]!] as const,
  ).filter(([top, bottom]) => Number.isFinite(top) && bottom > 0);
  const n = rows.length;
  if (n < 4) return undefined;
  const top = rows.reduce((total, row) => total + row[0], 0);
  const bottom = rows.reduce((total, row) => total + row[1], 0);
  const value = top / bottom;
  const residuals = rows.map((row) => row[0] - value * row[1]);
  const squares = residuals.reduce((total, each) => total + each * each, 0);
  const freedom = n / varianceInflation(residuals) - 1;
  const half =
    (studentQuantile(0.95, Math.max(1, freedom)) *
      Math.sqrt((squares * n * varianceInflation(residuals)) / (n - 1))) /
    bottom;
  return { value, interval: [value - half, value + half], n };
}

/** (1 + r) / (1 - r) for a first autocorrelation r that is significant; 1 otherwise, at most a third of the periods. */
function varianceInflation(residuals: readonly number[]): number {
  const r = autocorrelation(residuals, 1);
  const n = residuals.length;
  if (!(r > 1.96 / Math.sqrt(n))) return 1;
  return Math.min(n / 3, (1 + r) / (1 - r));
}

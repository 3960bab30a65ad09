/** Variance over mean of counts, with a 90 % interval from the chi-square law of a variance. */
import { normalQuantile } from "../../sim/kernel/math/normal-quantile.ts";
import { mean, variance } from "../statistics/descriptive.ts";

export function chiSquareInterval(counts: readonly number[]): {
  readonly dispersion: number;
  readonly interval: readonly [number, number];
} {
  const freedom = counts.length - 1;
  const dispersion = variance(counts) / mean(counts);
  return {
    dispersion,
    interval: [
      (dispersion * freedom) / chiSquareQuantile(0.95, freedom),
      (dispersion * freedom) / chiSquareQuantile(0.05, freedom),
    ],
  };
}

/** Wilson and Hilferty's approximation, within 1 % from seven degrees of freedom on. */
function chiSquareQuantile(p: number, freedom: number): number {
  const part = 2 / (9 * freedom);
  return freedom * (1 - part + normalQuantile(p) * Math.sqrt(part)) ** 3;
}

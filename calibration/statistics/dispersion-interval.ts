/** Variance over mean of counts, with a 90 % interval from the chi-square law of a variance. */
import { chiSquareQuantile } from "./chi-square.ts";
import { mean, variance } from "./descriptive.ts";

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

/**
 * A distribution of a non-negative quantity (in most uses microseconds), as data: it can be written in a scenario,
 * fitted by calibration, printed, compared. What can be computed from it is in the files beside this one.
 */
export type Distribution =
  | { readonly kind: "deterministic"; readonly value: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "exponential"; readonly mean: number }
  /** Sum of `shape` (whole) exponentials; the mean is that of the sum. */
  | { readonly kind: "erlang"; readonly shape: number; readonly mean: number }
  | { readonly kind: "gamma"; readonly shape: number; readonly scale: number }
  /** e to the power of a normal variable whose mean is ln(median) and whose standard deviation is sigma. */
  | { readonly kind: "lognormal"; readonly median: number; readonly sigma: number }
  | { readonly kind: "weibull"; readonly shape: number; readonly scale: number }
  /** Pareto's law of index `shape` between `low` and `high` (which may be Infinity). */
  | {
      readonly kind: "pareto";
      readonly shape: number;
      readonly low: number;
      readonly high: number;
    }
  /** One exponential of several, chosen by weight. */
  | {
      readonly kind: "hyperexponential";
      readonly means: readonly number[];
      readonly weights: readonly number[];
    }
  /** Observed values; quantiles are interpolated between the sorted values (type 7, as in R and NumPy). */
  | { readonly kind: "empirical"; readonly values: readonly number[] }
  | { readonly kind: "mixture"; readonly parts: readonly MixturePart[] }
  /** Ranks 0 to count - 1, rank k with weight 1 / (k + 1)^exponent. */
  | { readonly kind: "zipf"; readonly count: number; readonly exponent: number }
  | {
      readonly kind: "discrete";
      readonly values: readonly number[];
      readonly weights: readonly number[];
    }
  /** Given that the value lies between low and high. */
  | {
      readonly kind: "truncated";
      readonly of: Distribution;
      readonly low: number;
      readonly high: number;
    }
  | { readonly kind: "shifted"; readonly of: Distribution; readonly by: number };

/** One of the distributions of a mixture; weights need not add up to 1. */
export interface MixturePart {
  /** 0 or more. */
  readonly weight: number;
  /** What is drawn from when this part is chosen. */
  readonly of: Distribution;
}

/** The families of the ladder: how many parameters each has, where to start, and the distribution they stand for. */
import type { Distribution } from "../../../sim/kernel/distributions/distribution.ts";
import { mean, quantileOfSorted, variance } from "../../statistics/descriptive.ts";

export interface Family {
  readonly name: string;
  readonly parameters: number;
  /** Start in the free coordinates (logarithms and logits). */
  readonly start: (sample: Sample) => readonly number[];
  readonly distribution: (at: readonly number[]) => Distribution;
  /** The likeliest member in closed form, where values were not rounded. */
  readonly closedForm?: (ascending: Float64Array) => Distribution;
}

/** What starts need to know of the sample. */
export interface Sample {
  readonly mean: number;
  readonly variation: number;
  readonly median: number;
  readonly logDeviation: number;
  readonly p90: number;
  readonly p95: number;
  readonly p10: number;
}

export function describeSample(ascending: Float64Array): Sample {
  const average = mean(ascending);
  const at = (p: number) => Math.max(quantileOfSorted(ascending, p), average * 1e-6);
  const logs = ascending.map((value) => Math.log(Math.max(value, average * 1e-3)));
  return {
    mean: average,
    variation: Math.max(1e-3, Math.sqrt(variance(ascending)) / average),
    median: at(0.5),
    logDeviation: Math.max(1e-3, Math.sqrt(variance(logs))),
    p90: at(0.9),
    p95: at(0.95),
    p10: at(0.1),
  };
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

export const families: readonly Family[] = [
  {
    name: "exponential",
    parameters: 1,
    start: (s) => [Math.log(s.mean)],
    distribution: ([m]) => ({ kind: "exponential", mean: Math.exp(m!) }),
  },
  {
    name: "lognormal",
    parameters: 2,
    start: (s) => [Math.log(s.median), Math.log(s.logDeviation)],
    distribution: ([m, d]) => ({ kind: "lognormal", median: Math.exp(m!), sigma: Math.exp(d!) }),
    closedForm: (ascending) => {
      const logs = ascending.map((value) => Math.log(Math.max(value, 1e-12)));
      const n = logs.length;
      return {
        kind: "lognormal",
        median: Math.exp(mean(logs)),
        sigma: Math.max(1e-6, Math.sqrt((variance(logs) * (n - 1)) / n)),
      };
    },
  },
  {
    name: "weibull",
    parameters: 2,
    start: (s) => [Math.log(Math.min(20, 1.2 / s.variation)), Math.log(s.mean)],
    distribution: ([k, x]) => ({ kind: "weibull", shape: Math.exp(k!), scale: Math.exp(x!) }),
  },
  {
    name: "gamma",
    parameters: 2,
    start: (s) => [Math.log(Math.min(1e4, s.variation ** -2)), Math.log(s.mean)],
    distribution: ([k, m]) => ({ kind: "gamma", shape: Math.exp(k!), scale: Math.exp(m! - k!) }),
  },
  {
    name: "shifted lognormal",
    parameters: 3,
    start: (s) => [
      Math.log(s.p10 * 0.7),
      Math.log(Math.max(s.median - s.p10 * 0.7, s.median * 0.05)),
      0,
    ],
    distribution: ([by, m, d]) => ({
      kind: "shifted",
      by: Math.exp(by!),
      of: { kind: "lognormal", median: Math.exp(m!), sigma: Math.exp(d!) },
    }),
  },
  {
    name: "hyperexponential (2 phases)",
    parameters: 3,
    start: (s) => [1.4, Math.log(s.median), Math.log(s.p95)],
    distribution: ([w, a, b]) => ({
      kind: "hyperexponential",
      means: [Math.exp(a!), Math.exp(b!)],
      weights: [logistic(w!), 1 - logistic(w!)],
    }),
  },
  {
    name: "lognormal with Pareto tail",
    parameters: 4,
    start: (s) => [Math.log(s.median), Math.log(s.logDeviation), -2.5, Math.log(2)],
    distribution: (at) => lognormalPareto(at),
  },
  {
    name: "two lognormals",
    parameters: 5,
    start: (s) => [
      0.5,
      Math.log(s.p10 * 1.1),
      Math.log(s.logDeviation / 2),
      Math.log(s.p90),
      Math.log(s.logDeviation / 2),
    ],
    distribution: ([w, a, da, b, db]) => ({
      kind: "mixture",
      parts: [
        {
          weight: logistic(w!),
          of: { kind: "lognormal", median: Math.exp(a!), sigma: Math.exp(da!) },
        },
        {
          weight: 1 - logistic(w!),
          of: { kind: "lognormal", median: Math.exp(b!), sigma: Math.exp(db!) },
        },
      ],
    }),
  },
];

/** A body, and from its 90 % point on a share of values that follow Pareto's law. */
function lognormalPareto([m, d, w, shape]: readonly number[]): Distribution {
  const sigma = Math.exp(d!);
  const median = Math.exp(m!);
  const tailShare = logistic(w!) * 0.5;
  return {
    kind: "mixture",
    parts: [
      { weight: 1 - tailShare, of: { kind: "lognormal", median, sigma } },
      {
        weight: tailShare,
        of: {
          kind: "pareto",
          shape: Math.exp(shape!),
          low: median * Math.exp(1.2816 * sigma),
          high: Number.POSITIVE_INFINITY,
        },
      },
    ],
  };
}

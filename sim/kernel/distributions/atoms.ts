import { pow } from "../math/pow.ts";
import type { Distribution } from "./distribution.ts";

/** The values of a discrete distribution, ascending, and the probability of being at most each. */
export interface Atoms {
  readonly values: Float64Array;
  readonly cumulative: Float64Array;
}

/** Sorts and sums once what a discrete distribution says. Equal values keep their order; the last sum is exactly 1. */
export function atomsOf(distribution: Extract<Distribution, { kind: "discrete" | "zipf" }>): Atoms {
  const { values, weights } =
    distribution.kind === "discrete" ? distribution : zipfWeights(distribution);
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]! || i - j);
  const sorted = Float64Array.from(order, (i) => values[i]!);
  const cumulative = Float64Array.from(order, (i) => weights[i]!);
  let sum = 0;
  for (let i = 0; i < cumulative.length; i += 1) {
    sum += cumulative[i]!;
    cumulative[i] = sum;
  }
  for (let i = 0; i < cumulative.length; i += 1) cumulative[i]! /= sum;
  return { values: sorted, cumulative };
}

function zipfWeights({ count, exponent }: Extract<Distribution, { kind: "zipf" }>) {
  return {
    values: Array.from({ length: count }, (_, rank) => rank),
    weights: Array.from({ length: count }, (_, rank) => pow(rank + 1, -exponent)),
  };
}

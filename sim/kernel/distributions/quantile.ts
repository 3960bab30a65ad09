import { assertNever } from "../assert.ts";
import { exp } from "../math/exp.ts";
import { ln } from "../math/ln.ts";
import { normalQuantile } from "../math/normal-quantile.ts";
import { pow } from "../math/pow.ts";
import type { Distribution } from "./distribution.ts";

/** The value not exceeded with probability u, for u in [0, 1). Exact to rounding, and as slow as that takes. */
export function quantile(distribution: Distribution, u: number): number {
  switch (distribution.kind) {
    case "deterministic":
      return distribution.value;
    case "uniform":
      return distribution.low + u * (distribution.high - distribution.low);
    case "exponential":
      return -distribution.mean * ln(1 - u);
    case "lognormal":
      return u === 0 ? 0 : distribution.median * exp(distribution.sigma * normalQuantile(u));
    case "weibull":
      return distribution.scale * pow(-ln(1 - u), 1 / distribution.shape);
    case "pareto":
      return paretoQuantile(distribution, u);
    case "empirical":
      return empiricalQuantile(distribution.values, u);
    case "discrete":
      return discreteQuantile(distribution.values, distribution.weights, u);
    case "zipf":
      return zipfQuantile(distribution.count, distribution.exponent, u);
    case "shifted":
      return distribution.by + quantile(distribution.of, u);
    case "erlang":
    case "gamma":
    case "hyperexponential":
    case "mixture":
    case "truncated":
      throw new Error(`Quantiles of "${distribution.kind}" are not there yet`);
    default:
      return assertNever(distribution, "distribution");
  }
}

type Pareto = Extract<Distribution, { kind: "pareto" }>;

function paretoQuantile({ shape, low, high }: Pareto, u: number): number {
  const kept = high === Number.POSITIVE_INFINITY ? 1 : 1 - pow(low / high, shape);
  return low * pow(1 - u * kept, -1 / shape);
}

function empiricalQuantile(values: readonly number[], u: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = u * (sorted.length - 1);
  const below = Math.floor(at);
  const value = sorted[below]!;
  return below + 1 < sorted.length ? value + (at - below) * (sorted[below + 1]! - value) : value;
}

function discreteQuantile(
  values: readonly number[],
  weights: readonly number[],
  u: number,
): number {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]! || i - j);
  let total = 0;
  for (const i of order) total += weights[i]!;
  let left = u * total;
  for (const i of order) {
    left -= weights[i]!;
    if (left < 0) return values[i]!;
  }
  return values[order[order.length - 1]!]!;
}

function zipfQuantile(count: number, exponent: number, u: number): number {
  let total = 0;
  for (let k = 1; k <= count; k += 1) total += pow(k, -exponent);
  let left = u * total;
  for (let k = 1; k < count; k += 1) {
    left -= pow(k, -exponent);
    if (left < 0) return k - 1;
  }
  return count - 1;
}

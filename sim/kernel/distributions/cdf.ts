import { assertNever } from "../assert.ts";
import { exp, expm1 } from "../math/exp.ts";
import { gammaP } from "../math/gamma.ts";
import { ln } from "../math/ln.ts";
import { normalCdf } from "../math/normal-cdf.ts";
import { pow } from "../math/pow.ts";
import { atomsOf } from "./atoms.ts";
import type { Distribution } from "./distribution.ts";

/** Probability of a value at most x. */
export function cdf(distribution: Distribution, x: number): number {
  return cdfFunction(distribution)(x);
}

/** The same for many x: what can be sorted or summed beforehand is done once. */
export function cdfFunction(distribution: Distribution): (x: number) => number {
  switch (distribution.kind) {
    case "deterministic":
      return (x) => (x >= distribution.value ? 1 : 0);
    case "uniform":
      return distribution.low === distribution.high
        ? (x) => (x >= distribution.low ? 1 : 0)
        : (x) => unit((x - distribution.low) / (distribution.high - distribution.low));
    case "exponential":
      return (x) => (x > 0 ? -expm1(-x / distribution.mean) : 0);
    case "erlang": {
      const scale = distribution.mean / distribution.shape;
      return (x) => gammaP(distribution.shape, x / scale);
    }
    case "gamma":
      return (x) => gammaP(distribution.shape, x / distribution.scale);
    case "lognormal":
      if (distribution.sigma === 0) return (x) => (x >= distribution.median ? 1 : 0);
      return (x) => (x > 0 ? normalCdf(ln(x / distribution.median) / distribution.sigma) : 0);
    case "weibull":
      return (x) => (x > 0 ? -expm1(-pow(x / distribution.scale, distribution.shape)) : 0);
    case "pareto":
      return paretoCdf(distribution);
    case "hyperexponential":
      return hyperexponentialCdf(distribution);
    case "empirical":
      return empiricalCdf(distribution.values);
    case "discrete":
    case "zipf":
      return atomCdf(distribution);
    case "mixture":
      return mixtureCdf(distribution);
    case "truncated":
      return truncatedCdf(distribution);
    case "shifted": {
      const inner = cdfFunction(distribution.of);
      return (x) => inner(x - distribution.by);
    }
    default:
      return assertNever(distribution, "distribution");
  }
}

type Of<K extends Distribution["kind"]> = Extract<Distribution, { kind: K }>;

function unit(p: number): number {
  return p > 0 ? Math.min(p, 1) : 0;
}

function paretoCdf({ shape, low, high }: Of<"pareto">): (x: number) => number {
  const kept = high === Number.POSITIVE_INFINITY ? 1 : 1 - pow(low / high, shape);
  return (x) => (x > low ? unit((1 - pow(low / x, shape)) / kept) : 0);
}

function hyperexponentialCdf({ means, weights }: Of<"hyperexponential">): (x: number) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (x) => {
    if (!(x > 0)) return 0;
    let survival = 0;
    for (let i = 0; i < means.length; i += 1) {
      survival += (weights[i]! / total) * exp(-x / means[i]!);
    }
    return 1 - survival;
  };
}

/** The inverse of the interpolated quantile, so that the two agree. */
function empiricalCdf(values: readonly number[]): (x: number) => number {
  const sorted = Float64Array.from(values).sort();
  const last = sorted.length - 1;
  return (x) => {
    if (x < sorted[0]!) return 0;
    if (x >= sorted[last]!) return 1;
    const above = firstAbove(sorted, x);
    const below = sorted[above - 1]!;
    return (above - 1 + (x - below) / (sorted[above]! - below)) / last;
  };
}

function atomCdf(distribution: Of<"discrete" | "zipf">): (x: number) => number {
  const { values, cumulative } = atomsOf(distribution);
  return (x) => {
    const above = firstAbove(values, x);
    return above === 0 ? 0 : cumulative[above - 1]!;
  };
}

function mixtureCdf({ parts }: Of<"mixture">): (x: number) => number {
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  const inner = parts.map((part) => ({ cdf: cdfFunction(part.of), share: part.weight / total }));
  return (x) => inner.reduce((sum, part) => sum + part.share * part.cdf(x), 0);
}

function truncatedCdf({ of, low, high }: Of<"truncated">): (x: number) => number {
  const inner = cdfFunction(of);
  const lowPart = inner(low);
  const kept = inner(high) - lowPart;
  return (x) => (x < low ? 0 : x >= high ? 1 : unit((inner(x) - lowPart) / kept));
}

/** Index of the first value greater than x. */
function firstAbove(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

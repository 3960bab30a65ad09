import { assertNever } from "../assert.ts";
import { exp } from "../math/exp.ts";
import { ln, ln1p } from "../math/ln.ts";
import { normalQuantile } from "../math/normal-quantile.ts";
import { pow } from "../math/pow.ts";
import { atomsOf } from "./atoms.ts";
import { cdfFunction } from "./cdf.ts";
import type { Distribution } from "./distribution.ts";
import { invertCdf } from "./invert-cdf.ts";

/** The value not exceeded with probability u, for u in [0, 1). Exact to rounding, and as slow as that takes. */
export function quantile(distribution: Distribution, u: number): number {
  return quantileFunction(distribution)(u);
}

/** The same for many u: what can be sorted or summed beforehand is done once. */
export function quantileFunction(distribution: Distribution): (u: number) => number {
  switch (distribution.kind) {
    case "deterministic":
      return () => distribution.value;
    case "uniform":
      return (u) => distribution.low + u * (distribution.high - distribution.low);
    case "exponential":
      return (u) => -distribution.mean * ln1p(-u);
    case "lognormal":
      return (u) =>
        u === 0 ? 0 : distribution.median * exp(distribution.sigma * normalQuantile(u));
    case "weibull":
      return (u) => distribution.scale * pow(-ln1p(-u), 1 / distribution.shape);
    case "pareto":
      return paretoQuantile(distribution);
    case "hyperexponential":
      return hyperexponentialQuantile(distribution);
    case "empirical":
      return empiricalQuantile(distribution.values);
    case "discrete":
    case "zipf":
      return atomQuantile(distribution);
    case "erlang":
    case "gamma":
    case "mixture": {
      const cdf = cdfFunction(distribution);
      const tolerance = distribution.kind === "mixture" ? 0 : 1e-14;
      return (u) => invertCdf(cdf, u, tolerance);
    }
    case "truncated":
      return truncatedQuantile(distribution);
    case "shifted": {
      const inner = quantileFunction(distribution.of);
      return (u) => distribution.by + inner(u);
    }
    default:
      return assertNever(distribution, "distribution");
  }
}

type Of<K extends Distribution["kind"]> = Extract<Distribution, { kind: K }>;

function paretoQuantile({ shape, low, high }: Of<"pareto">): (u: number) => number {
  const kept = high === Number.POSITIVE_INFINITY ? 1 : 1 - pow(low / high, shape);
  return (u) => low * pow(1 - u * kept, -1 / shape);
}

/** Newton's steps on the logarithm of the survival function, which is convex, so they come from one side. */
function hyperexponentialQuantile({ means, weights }: Of<"hyperexponential">) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (u: number): number => {
    let x = 0;
    const target = ln1p(-u);
    for (let step = 0; step < 200; step += 1) {
      let survival = 0;
      let density = 0;
      for (let i = 0; i < means.length; i += 1) {
        const part = (weights[i]! / total) * exp(-x / means[i]!);
        survival += part;
        density += part / means[i]!;
      }
      const next = x + ((ln(survival) - target) * survival) / density;
      if (!(next > x * (1 + 1e-15))) return x;
      x = next;
    }
    return x;
  };
}

function empiricalQuantile(values: readonly number[]): (u: number) => number {
  const sorted = Float64Array.from(values).sort();
  return (u) => {
    const at = u * (sorted.length - 1);
    const below = Math.floor(at);
    const value = sorted[below]!;
    return below + 1 < sorted.length ? value + (at - below) * (sorted[below + 1]! - value) : value;
  };
}

function atomQuantile(distribution: Of<"discrete" | "zipf">): (u: number) => number {
  const { values, cumulative } = atomsOf(distribution);
  return (u) => {
    let low = 0;
    let high = values.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > u) high = middle;
      else low = middle + 1;
    }
    return values[low]!;
  };
}

function truncatedQuantile({ of, low, high }: Of<"truncated">): (u: number) => number {
  const cdf = cdfFunction(of);
  const inner = quantileFunction(of);
  const lowPart = cdf(low);
  const kept = cdf(high) - lowPart;
  return (u) => Math.min(high, Math.max(low, inner(Math.min(lowPart + u * kept, 1 - 1e-16))));
}

import { assertNever } from "../assert.ts";
import { exp } from "../math/exp.ts";
import { gamma } from "../math/gamma.ts";
import { ln } from "../math/ln.ts";
import { pow } from "../math/pow.ts";
import { atomsOf } from "./atoms.ts";
import type { Distribution } from "./distribution.ts";
import { quantileFunction } from "./quantile.ts";

/** The first two moments: mean and mean of the square. Infinity where they do not exist. */
export interface Moments {
  readonly mean: number;
  readonly square: number;
}

/** Mean, in the distribution's own unit. */
export function mean(distribution: Distribution): number {
  return moments(distribution).mean;
}

/** Variance, in the square of the distribution's own unit; 0 where rounding would leave it a little below. */
export function variance(distribution: Distribution): number {
  const { mean: first, square } = moments(distribution);
  return square === Number.POSITIVE_INFINITY ? square : Math.max(0, square - first * first);
}

/** Both moments, by formula; for truncated distributions by integrating the quantiles. */
function moments(distribution: Distribution): Moments {
  switch (distribution.kind) {
    case "deterministic":
      return { mean: distribution.value, square: distribution.value * distribution.value };
    case "uniform":
      return uniformMoments(distribution.low, distribution.high);
    case "exponential":
      return { mean: distribution.mean, square: 2 * distribution.mean * distribution.mean };
    case "erlang":
      return gammaMoments(distribution.shape, distribution.mean / distribution.shape);
    case "gamma":
      return gammaMoments(distribution.shape, distribution.scale);
    case "lognormal": {
      const { median, sigma } = distribution;
      const half = exp(0.5 * sigma * sigma);
      return { mean: median * half, square: median * median * half * half * half * half };
    }
    case "weibull": {
      const { shape, scale } = distribution;
      return { mean: scale * gamma(1 + 1 / shape), square: scale * scale * gamma(1 + 2 / shape) };
    }
    case "pareto":
      return { mean: paretoMoment(distribution, 1), square: paretoMoment(distribution, 2) };
    case "hyperexponential":
      return weighted(
        distribution.weights,
        distribution.means.map((of) => ({ mean: of, square: 2 * of * of })),
      );
    case "empirical":
      return empiricalMoments(distribution.values);
    case "discrete":
    case "zipf":
      return atomMoments(distribution);
    case "mixture":
      return weighted(
        distribution.parts.map((part) => part.weight),
        distribution.parts.map((part) => moments(part.of)),
      );
    case "truncated":
      return integratedMoments(distribution);
    case "shifted": {
      const { mean: first, square } = moments(distribution.of);
      const { by } = distribution;
      return { mean: first + by, square: square + 2 * by * first + by * by };
    }
    default:
      return assertNever(distribution, "distribution");
  }
}

function uniformMoments(low: number, high: number): Moments {
  return { mean: (low + high) / 2, square: (low * low + low * high + high * high) / 3 };
}

function gammaMoments(shape: number, scale: number): Moments {
  return { mean: shape * scale, square: shape * (shape + 1) * scale * scale };
}

function paretoMoment(
  { shape, low, high }: Extract<Distribution, { kind: "pareto" }>,
  order: number,
): number {
  const base = order === 1 ? low : low * low;
  if (high === Number.POSITIVE_INFINITY) {
    return shape > order ? (base * shape) / (shape - order) : Number.POSITIVE_INFINITY;
  }
  const kept = 1 - pow(low / high, shape);
  const gap = shape - order;
  // Near gap 0 the formula is 0/0; its limit is the logarithm.
  const part = gap < 1e-9 && gap > -1e-9 ? ln(high / low) : (1 - pow(low / high, gap)) / gap;
  return (base * shape * part) / kept;
}

function weighted(weights: readonly number[], parts: readonly Moments[]): Moments {
  let total = 0;
  let first = 0;
  let square = 0;
  for (const [i, part] of parts.entries()) {
    total += weights[i]!;
    first += weights[i]! * part.mean;
    square += weights[i]! * part.square;
  }
  return { mean: first / total, square: square / total };
}

/** Between neighbours of the sorted values the interpolated quantile is uniform. */
function empiricalMoments(values: readonly number[]): Moments {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 1) return { mean: sorted[0]!, square: sorted[0]! * sorted[0]! };
  const segments = Array.from({ length: sorted.length - 1 }, (_, i) =>
    uniformMoments(sorted[i]!, sorted[i + 1]!),
  );
  return weighted(new Array<number>(segments.length).fill(1), segments);
}

function atomMoments(distribution: Extract<Distribution, { kind: "discrete" | "zipf" }>): Moments {
  const { values, cumulative } = atomsOf(distribution);
  let first = 0;
  let square = 0;
  for (let i = 0; i < values.length; i += 1) {
    const share = cumulative[i]! - (i === 0 ? 0 : cumulative[i - 1]!);
    first += share * values[i]!;
    square += share * values[i]! * values[i]!;
  }
  return { mean: first, square };
}

/** Nodes and weights of Gauss's rule with five points on [-1, 1]. */
const gauss = [
  [0, 0.5688888888888889],
  [-0.5384693101056831, 0.47862867049936647],
  [0.5384693101056831, 0.47862867049936647],
  [-0.906179845938664, 0.23692688505618908],
  [0.906179845938664, 0.23692688505618908],
] as const;

/** Integrates quantile and its square over u, in panels that halve towards both ends, where quantiles run away. */
function integratedMoments(distribution: Distribution): Moments {
  const quantileAt = quantileFunction(distribution);
  let first = 0;
  let square = 0;
  const addPanel = (from: number, to: number) => {
    for (const [node, weight] of gauss) {
      const value = quantileAt(0.5 * (from + to) + 0.5 * (to - from) * node);
      first += 0.5 * (to - from) * weight * value;
      square += 0.5 * (to - from) * weight * value * value;
    }
  };
  let edge = 0.5;
  for (let level = 0; level < 50; level += 1) {
    const middle = edge * 0.75;
    addPanel(edge * 0.5, middle);
    addPanel(middle, edge);
    addPanel(1 - edge, 1 - middle);
    addPanel(1 - middle, 1 - edge * 0.5);
    edge *= 0.5;
  }
  return { mean: first, square };
}

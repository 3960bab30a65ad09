/**
 * Intervals by profile likelihood. With seven load levels the parameters are bent against one another, and symmetric
 * intervals would reach below 0.
 */
import { studentQuantile } from "../../../sim/kernel/math/student.ts";
import type { EstimateInterval } from "../../estimate.ts";
import { type LeastSquaresFit, leastSquares } from "../../statistics/levenberg-marquardt.ts";
import type { UslCoordinates } from "./usl-coordinates.ts";
import { type UslParameters, uslThroughput } from "./usl-curve.ts";

export interface UslPoints {
  readonly load: ArrayLike<number>;
  readonly throughput: ArrayLike<number>;
}

/** A coordinate that is not fitted, and its value. */
export type Held = readonly [index: number, value: number];

/** Fits with some coordinates held. */
export function fitCurve(
  data: UslPoints,
  coordinates: UslCoordinates,
  start: readonly number[],
  held: readonly Held[],
): LeastSquaresFit {
  const from = [...start];
  const low = [...coordinates.low];
  const high = [...coordinates.high];
  for (const [index, value] of held) {
    from[index] = value;
    low[index] = value;
    high[index] = value;
  }
  const { load, throughput } = data;
  return leastSquares({
    start: from,
    low,
    high,
    residuals: (at) => {
      const parameters = coordinates.parameters(at);
      return Float64Array.from(
        { length: load.length },
        (_, i) => uslThroughput(parameters, load[i]!) - throughput[i]!,
      );
    },
  });
}

interface Best {
  readonly parameters: UslParameters;
  readonly squares: number;
  /** Parameters that were fitted: 3, or 2 with lambda pinned. */
  readonly free: number;
}

/**
 * Where the sum of squares with this coordinate held, and the others fitted again, exceeds the least by what Student's
 * t allows; undefined without degrees of freedom.
 */
export function profileInterval(
  data: UslPoints,
  best: Best,
  coordinates: UslCoordinates,
  index: number,
  pinned: readonly Held[] = [],
): EstimateInterval | undefined {
  const freedom = data.load.length - best.free;
  if (freedom < 1) return undefined;
  const allowed = best.squares * (1 + studentQuantile(0.95, freedom) ** 2 / freedom);
  const start = coordinates.at(best.parameters);
  const value = start[index]!;
  if (!Number.isFinite(value)) return undefined;
  const squaresAt = (at: number) =>
    fitCurve(data, coordinates, start, [...pinned, [index, at]]).squares;
  return [
    edge(squaresAt, value, coordinates.low[index]!, allowed),
    edge(squaresAt, value, outsideAbove(squaresAt, value, allowed), allowed),
  ];
}

/** A value so far above the best that it is not allowed, or the largest that is tried. */
function outsideAbove(squaresAt: (value: number) => number, best: number, allowed: number): number {
  const limit = Math.max(1, best * 100);
  for (let value = Math.max(best * 1.5, 1e-8); value < limit; value *= 2) {
    if (squaresAt(value) > allowed) return value;
  }
  return limit;
}

/** The crossing between the best value and a limit, by halving; `null` where the limit itself is still allowed. */
function edge(
  squaresAt: (value: number) => number,
  best: number,
  limit: number,
  allowed: number,
): number | null {
  if (squaresAt(limit) <= allowed) return null;
  let inside = best;
  let outside = limit;
  for (let step = 0; step < 40 && Math.abs(outside - inside) > 1e-5 * Math.abs(inside); step += 1) {
    const middle = (inside + outside) / 2;
    if (squaresAt(middle) <= allowed) inside = middle;
    else outside = middle;
  }
  return inside;
}

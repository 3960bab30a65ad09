/** Fits the Universal Scalability Law by least squares, and says which of its parameters the data hold. */
import { mean } from "../../statistics/descriptive.ts";
import { type PointErrors, pointErrors } from "../../statistics/goodness.ts";
import type { LeastSquaresFit } from "../../statistics/levenberg-marquardt.ts";
import { ownCoordinates } from "./usl-coordinates.ts";
import { type UslParameters, uslThroughput } from "./usl-curve.ts";
import { estimatesOf, type UslData, type UslEstimates } from "./usl-estimates.ts";
import { fitCurve, type Held } from "./usl-interval.ts";
import { shapeOf, type UslShape } from "./usl-shape.ts";

export interface UslFit {
  readonly parameters: UslParameters;
  readonly standardErrors: UslParameters | null;
  readonly estimates: UslEstimates;
  readonly shape: UslShape;
  readonly errors: PointErrors;
  readonly converged: boolean;
  readonly isPinned: boolean;
}

/** Fits with a free scale, or with lambda pinned to the throughput per unit of load at the least load measured. */
export function fitUsl(data: UslData, options: { readonly pinScale: boolean }): UslFit {
  const pin = options.pinScale ? pinnedLambda(data) : undefined;
  const held: readonly Held[] = pin === undefined ? [] : [[0, pin]];
  const start = startOf(data);
  const coordinates = ownCoordinates(start[0]! * 1000);
  const fit = fitCurve(data, coordinates, start, held);
  const parameters = coordinates.parameters(fit.parameters);
  const free = 3 - held.length;
  const shape = shapeOf(
    data,
    pin === undefined ? fit.squares : fitCurve(data, coordinates, start, []).squares,
  );
  return {
    parameters,
    standardErrors: standardErrors(fit, free, data.load.length),
    estimates: estimatesOf({ data, parameters, squares: fit.squares, free, shape, pin }),
    shape,
    errors: pointErrors(
      data.throughput,
      Array.from(data.load, (n) => uslThroughput(parameters, n)),
    ),
    converged: fit.converged,
    isPinned: pin !== undefined,
  };
}

/** Mean throughput at the least load, over that load. */
function pinnedLambda({ load, throughput }: UslData): number {
  const least = Math.min(...Array.from(load));
  const there = Array.from(throughput).filter((_, i) => load[i] === least);
  return mean(there) / least;
}

/** The least load seen gives the scale; the greatest throughput, how far from linear it stays. */
function startOf({ load, throughput }: UslData): number[] {
  const perUnit = Array.from(throughput, (x, i) => x / load[i]!);
  const nMax = Math.max(...Array.from(load));
  return [Math.max(...perUnit), Math.min(0.5, 1 / nMax), Math.min(0.1, 0.1 / (nMax * nMax))];
}

function standardErrors(fit: LeastSquaresFit, free: number, n: number): UslParameters | null {
  if (fit.covariance === undefined || n <= free) return null;
  // The fit counts three parameters; a pinned one costs no degree of freedom.
  const scale = (n - 3) / (n - free);
  const [lambda, sigma, kappa] = [0, 1, 2].map((i) =>
    Math.sqrt(Math.max(0, (fit.covariance?.get(i, i) ?? 0) * scale)),
  ) as [number, number, number];
  return { lambda, sigma, kappa };
}

/**
 * Fits the Universal Scalability Law by least squares. Intervals come from profile likelihood: with seven load levels
 * the three parameters are bent against one another, and symmetric intervals would reach below 0.
 */
import { studentQuantile } from "../../../sim/kernel/math/student.ts";
import {
  type Estimate,
  type EstimateInterval,
  type Evidence,
  identified,
  isNarrow,
  unsettled,
} from "../../estimate.ts";
import { distinct, mean } from "../../statistics/descriptive.ts";
import { type PointErrors, pointErrors } from "../../statistics/goodness.ts";
import { type LeastSquaresFit, leastSquares } from "../../statistics/levenberg-marquardt.ts";
import { type UslParameters, uslPeakLoad, uslThroughput } from "./usl-curve.ts";

export interface UslData {
  readonly load: ArrayLike<number>;
  readonly throughput: ArrayLike<number>;
  readonly throughputUnit: string;
}

export interface UslFit {
  readonly parameters: UslParameters;
  readonly standardErrors: UslParameters | null;
  readonly estimates: Readonly<
    Record<"lambda" | "sigma" | "kappa" | "peakLoad" | "peakThroughput", Estimate>
  >;
  readonly errors: PointErrors;
  readonly converged: boolean;
  readonly isPinned: boolean;
}

const names = ["lambda", "sigma", "kappa"] as const;

/** Fits with a free scale, or with lambda pinned to the throughput per unit of load at the least load measured. */
export function fitUsl(data: UslData, options: { readonly pinScale: boolean }): UslFit {
  const pin = options.pinScale ? pinnedLambda(data) : undefined;
  const fit = leastSquares(problemOf(data, pin === undefined ? [] : [[0, pin]]));
  const parameters = parametersOf(fit.parameters);
  const free = pin === undefined ? 3 : 2;
  return {
    parameters,
    standardErrors: standardErrors(fit, free, data.load.length),
    estimates: estimatesOf(data, fit, parameters, pin),
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

/** Held parameters have equal bounds on both sides. */
function problemOf(data: UslData, held: readonly (readonly [index: number, value: number])[]) {
  const start = startOf(data);
  const lambdaMax = start[0]! * 1000;
  const low = [0, 0, 0];
  const high = [lambdaMax, 1, 10];
  for (const [index, value] of held) {
    start[index] = value;
    low[index] = value;
    high[index] = value;
  }
  const { load, throughput } = data;
  return {
    start,
    low,
    high,
    residuals: (at: readonly number[]) => {
      const parameters = parametersOf(at);
      return Float64Array.from(
        { length: load.length },
        (_, i) => uslThroughput(parameters, load[i]!) - throughput[i]!,
      );
    },
  };
}

/** The least load seen gives the scale; the greatest throughput, how far from linear it stays. */
function startOf({ load, throughput }: UslData): number[] {
  const perUnit = Array.from(throughput, (x, i) => x / load[i]!);
  const lambda = Math.max(...perUnit);
  const nMax = Math.max(...Array.from(load));
  return [lambda, Math.min(0.5, 1 / nMax), Math.min(0.1, 0.1 / (nMax * nMax))];
}

function parametersOf(at: readonly number[]): UslParameters {
  return { lambda: at[0]!, sigma: at[1]!, kappa: at[2]! };
}

function standardErrors(fit: LeastSquaresFit, free: number, n: number): UslParameters | null {
  if (fit.covariance === undefined || n <= free) return null;
  // The fit counts three parameters; a pinned one costs no degree of freedom.
  const scale = (n - 3) / (n - free);
  const [lambda, sigma, kappa] = names.map((_, i) =>
    Math.sqrt(Math.max(0, (fit.covariance?.get(i, i) ?? 0) * scale)),
  ) as [number, number, number];
  return { lambda, sigma, kappa };
}

function estimatesOf(
  data: UslData,
  fit: LeastSquaresFit,
  parameters: UslParameters,
  pin: number | undefined,
): UslFit["estimates"] {
  const levels = distinct(data.load);
  const about: Evidence = { n: data.load.length, period: null };
  const intervalOf = (index: number) => profileInterval(data, fit, index, pin);
  const scale =
    pin === undefined
      ? scaleEstimate(data, parameters, intervalOf(0), levels, about)
      : pinnedEstimate(data, pin, about);
  return {
    lambda: scale,
    sigma: shareEstimate("sigma", parameters.sigma, intervalOf(1), levels, about),
    kappa: shareEstimate("kappa", parameters.kappa, intervalOf(2), levels, about),
    ...peakEstimates(data, parameters, intervalOf(2), levels, about),
  };
}

const moreLevels =
  "Measure throughput at more load levels, from 1 to beyond the load at which it stops growing";
const levelsMin = 4;

function scaleEstimate(
  data: UslData,
  { lambda }: UslParameters,
  interval: EstimateInterval | undefined,
  levels: readonly number[],
  about: Evidence,
): Estimate {
  const unit = `${data.throughputUnit} per unit of load`;
  if (interval !== undefined && levels.length >= levelsMin && isNarrow(lambda, interval)) {
    return identified(lambda, interval, {
      ...about,
      unit,
      why: "least squares with a free scale; interval by profile likelihood",
    });
  }
  return unsettled("not-identified", withInterval(lambda, interval), {
    ...about,
    unit,
    why: reasonOf(
      levels,
      "the interval spans more than a factor of 3 either way: scale and contention trade against each other",
    ),
    settledBy: moreLevels,
  });
}

function pinnedEstimate(data: UslData, pin: number, about: Evidence): Estimate {
  const least = Math.min(...Array.from(data.load));
  return identified(pin, null, {
    ...about,
    n: Array.from(data.load).filter((n) => n === least).length,
    unit: `${data.throughputUnit} per unit of load`,
    why: `pinned, not fitted: the throughput measured at load ${least}, divided by it. Its error goes into the other parameters; without --pin-scale it is fitted`,
  });
}

function shareEstimate(
  name: "sigma" | "kappa",
  value: number,
  interval: EstimateInterval | undefined,
  levels: readonly number[],
  about: Evidence,
): Estimate {
  const meaning = name === "sigma" ? "contention" : "coherency cost";
  const base = { ...about, unit: name === "sigma" ? "share" : "share per pair" };
  if (levels.length >= levelsMin && interval !== undefined && isNarrow(value, interval)) {
    return identified(value, interval, {
      ...base,
      why: `${meaning}; least squares, interval by profile likelihood`,
    });
  }
  const [low, high] = interval ?? [null, null];
  const atBound = !(value > 1e-12);
  if (levels.length >= levelsMin && high !== null && (atBound || !((low ?? 0) > 0))) {
    return unsettled(
      "only-a-bound",
      { value, interval: [null, high] },
      {
        ...base,
        why: atBound
          ? `the best fit puts ${meaning} on its bound of 0; the data only say that it is below ${high.toPrecision(3)}`
          : `${meaning} may be 0: the data only say that it is below ${high.toPrecision(3)}`,
        settledBy:
          name === "kappa" ? "Measure beyond the load at which throughput falls" : moreLevels,
      },
    );
  }
  return unsettled("not-identified", withInterval(value, interval), {
    ...base,
    why: reasonOf(levels, "the interval spans more than a factor of 3 either way"),
    settledBy: moreLevels,
  });
}

function peakEstimates(
  data: UslData,
  parameters: UslParameters,
  kappaInterval: EstimateInterval | undefined,
  levels: readonly number[],
  about: Evidence,
): { peakLoad: Estimate; peakThroughput: Estimate } {
  const nMax = levels.at(-1)!;
  const seenMax = Math.max(...Array.from(data.throughput));
  const peak = uslPeakLoad(parameters);
  const load = { ...about, unit: "load" };
  const rate = { ...about, unit: data.throughputUnit };
  const isReached = peak <= nMax && levels.length >= levelsMin && (kappaInterval?.[0] ?? 0) > 0;
  if (isReached) {
    const low = uslPeakLoad({ ...parameters, kappa: kappaInterval?.[1] ?? parameters.kappa });
    const high = uslPeakLoad({ ...parameters, kappa: kappaInterval?.[0] ?? parameters.kappa });
    const why = "where the fitted curve turns; the measured loads reach beyond it";
    return {
      peakLoad: identified(peak, [low, high], {
        ...load,
        why: `${why}. Interval over kappa alone`,
      }),
      peakThroughput: identified(uslThroughput(parameters, peak), null, { ...rate, why }),
    };
  }
  const why = `throughput still grew, or did not clearly fall, at the greatest load measured (${nMax}): the peak is not inside the data`;
  const settledBy = `Measure at loads above ${nMax}, until throughput falls`;
  return {
    peakLoad: unsettled("only-a-bound", { interval: [nMax, null] }, { ...load, why, settledBy }),
    peakThroughput: unsettled(
      "only-a-bound",
      { interval: [seenMax, null] },
      { ...rate, why, settledBy },
    ),
  };
}

function reasonOf(levels: readonly number[], otherwise: string): string {
  return levels.length < levelsMin
    ? `only ${levels.length} distinct load levels for three parameters`
    : otherwise;
}

function withInterval(value: number, interval: EstimateInterval | undefined) {
  return interval === undefined ? { value } : { value, interval };
}

/**
 * Where the sum of squares with this parameter held, and the others fitted again, exceeds the least by what Student's
 * t allows; undefined without degrees of freedom.
 */
function profileInterval(
  data: UslData,
  best: LeastSquaresFit,
  index: number,
  pin: number | undefined,
): EstimateInterval | undefined {
  const free = pin === undefined ? 3 : 2;
  const freedom = data.load.length - free;
  if (freedom < 1) return undefined;
  const allowed = best.squares * (1 + studentQuantile(0.95, freedom) ** 2 / freedom);
  const held = pin === undefined ? [] : [[0, pin] as const];
  const squaresAt = (value: number) =>
    leastSquares({
      ...problemOf(data, [...held, [index, value]]),
      start: startWith(best, index, value),
    }).squares;
  const value = best.parameters[index]!;
  return [
    edge(squaresAt, value, 0, allowed),
    edge(squaresAt, value, outsideAbove(squaresAt, value, allowed), allowed),
  ];
}

function startWith(best: LeastSquaresFit, index: number, value: number): number[] {
  return best.parameters.map((each, i) => (i === index ? value : each));
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

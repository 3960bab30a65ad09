/** What a fit of the law says of each parameter: its number, or why the data do not hold it. */
import {
  type Estimate,
  type EstimateInterval,
  type Evidence,
  identified,
  isNarrow,
  unsettled,
} from "../../estimate.ts";
import { distinct, mean, standardDeviation } from "../../statistics/descriptive.ts";
import {
  ownCoordinates,
  peakLoadCoordinates,
  peakThroughputCoordinates,
  pinnedPeakThroughputCoordinates,
  plateauCoordinates,
} from "./usl-coordinates.ts";
import { type UslParameters, uslPeakLoad, uslPeakThroughput } from "./usl-curve.ts";
import { profileInterval, type UslPoints } from "./usl-interval.ts";
import type { UslShape } from "./usl-shape.ts";

export interface UslData extends UslPoints {
  readonly throughputUnit: string;
}

export type UslEstimates = Readonly<
  Record<"lambda" | "sigma" | "kappa" | "peakLoad" | "peakThroughput", Estimate>
>;

interface Fitted {
  readonly data: UslData;
  readonly parameters: UslParameters;
  readonly squares: number;
  readonly free: number;
  readonly shape: UslShape;
  readonly pin: number | undefined;
}

const moreLevels =
  "Measure throughput at more load levels, from 1 to beyond the load at which it stops growing";
const levelsMin = 4;

export function estimatesOf(fitted: Fitted): UslEstimates {
  const { data, parameters, pin } = fitted;
  const levels = distinct(data.load);
  const about: Evidence = { n: data.load.length, period: null };
  if (fitted.shape === "flat" && levels.length > 1) return flatEstimates(data, levels, about);
  const held = pin === undefined ? [] : [[0, pin] as const];
  const own = ownCoordinates(Number.POSITIVE_INFINITY);
  const intervalOf = (index: number) => profileInterval(data, fitted, own, index, held);
  const kappaInterval = intervalOf(2);
  const estimates = {
    lambda:
      pin === undefined
        ? scaleEstimate(data, parameters, intervalOf(0), levels, about)
        : pinnedEstimate(data, pin, about),
    sigma: shareEstimate("sigma", parameters.sigma, intervalOf(1), levels, about),
    kappa: shareEstimate("kappa", parameters.kappa, kappaInterval, levels, about),
    ...peakEstimates(fitted, kappaInterval, levels, about),
  };
  const combined = levels.length >= levelsMin ? combination(fitted, estimates) : undefined;
  return combined === undefined ? estimates : { ...estimates, ...combined };
}

/** Throughput that the load does not move shows the plateau, and neither scale nor contention apart. */
function flatEstimates(
  { throughput, load, throughputUnit }: UslData,
  levels: readonly number[],
  about: Evidence,
): UslEstimates {
  const plateau = mean(throughput);
  const half = (1.645 * standardDeviation(throughput)) / Math.sqrt(Math.max(1, throughput.length));
  const why = `throughput is ${plateau.toPrecision(4)} at every load from ${levels[0]} to ${levels.at(-1)}, within chance: only lambda / sigma, the plateau, is known (${(plateau - half).toPrecision(4)} to ${(plateau + half).toPrecision(4)}), and any pair with that quotient fits alike`;
  const settledBy = `Measure at loads below ${levels[0]}, where throughput still grows with the load${Math.min(...Array.from(load)) <= 1 ? "; a load of 1 that is served as fast as many asks whether something else than the load limits throughput" : ""}`;
  const together = (unit: string) =>
    unsettled("only-a-combination", {}, { ...about, unit, why, settledBy });
  const unknown = (unit: string, what: string) =>
    unsettled(
      "not-identified",
      {},
      { ...about, unit, why: `${what}: throughput does not change with the load`, settledBy },
    );
  return {
    lambda: together(`${throughputUnit} per unit of load`),
    sigma: together("share"),
    kappa: unknown("share per pair", "no fall is seen"),
    peakLoad: unknown("load", "there is no peak inside the data"),
    peakThroughput: unsettled(
      "only-a-bound",
      { interval: [plateau - half, null] },
      {
        ...about,
        unit: throughputUnit,
        why: "the plateau measured was reached; whether other loads reach more is not in the data",
        settledBy,
      },
    ),
  };
}

/** Loads that all lie far from 1 show lambda over sigma well, and neither by itself. */
function combination(
  { data, parameters, squares, free, pin }: Fitted,
  { lambda, sigma }: UslEstimates,
): Pick<UslEstimates, "lambda" | "sigma"> | undefined {
  const isOpen = ({ state }: Estimate) => state === "not-identified";
  if (pin !== undefined || !isOpen(lambda) || sigma.state === "identified") return undefined;
  if (!(parameters.sigma > 1e-6)) return undefined;
  const interval = profileInterval(data, { parameters, squares, free }, plateauCoordinates, 0);
  const plateau = parameters.lambda / parameters.sigma;
  if (interval === undefined || !isNarrow(plateau, interval)) return undefined;
  const [low, high] = interval as readonly [number, number];
  const why = `only lambda / sigma is known: ${plateau.toPrecision(4)} (${low.toPrecision(4)} to ${high.toPrecision(4)}); the least load measured, ${Math.min(...Array.from(data.load))}, is too far from 1 to part them`;
  const about = { n: data.load.length, period: null, why, settledBy: moreLevels };
  const shown = (estimate: Estimate) => ({
    ...(estimate.value === null ? {} : { value: estimate.value }),
    ...(estimate.interval === null ? {} : { interval: estimate.interval }),
  });
  return {
    lambda: unsettled("only-a-combination", shown(lambda), { ...about, unit: lambda.unit }),
    sigma: unsettled("only-a-combination", shown(sigma), { ...about, unit: sigma.unit }),
  };
}

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
  const [low, high] = interval ?? [null, null];
  const hasLevels = levels.length >= levelsMin;
  if (hasLevels && name === "sigma" && (low ?? 0) > 0 && (high === null || high >= 1)) {
    return unsettled(
      "only-a-bound",
      { value, interval: [low, null] },
      {
        ...base,
        why: `contention may be 1, its bound, at which nothing scales; the data only say that it is above ${low?.toPrecision(3)}`,
        settledBy: moreLevels,
      },
    );
  }
  if (hasLevels && interval !== undefined && isNarrow(value, interval)) {
    return identified(value, interval, {
      ...base,
      why: `${meaning}; least squares, interval by profile likelihood`,
    });
  }
  const atBound = !(value > 1e-12);
  if (hasLevels && high !== null && (atBound || !((low ?? 0) > 0))) {
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

/** The peak is known where the curve turns inside the data, surely so, and its own interval is narrow. */
function peakEstimates(
  { data, parameters, squares, free, pin }: Fitted,
  kappaInterval: EstimateInterval | undefined,
  levels: readonly number[],
  about: Evidence,
): { peakLoad: Estimate; peakThroughput: Estimate } {
  const nMax = levels.at(-1)!;
  const peak = uslPeakLoad(parameters);
  const load = { ...about, unit: "load" };
  const rate = { ...about, unit: data.throughputUnit };
  const isReached = peak <= nMax && levels.length >= levelsMin && (kappaInterval?.[0] ?? 0) > 0;
  if (isReached) {
    const best = { parameters, squares, free };
    const held = pin === undefined ? [] : [[2, pin] as const];
    const settledBy = `Measure at more loads around ${Math.round(peak)}`;
    const why =
      "where the fitted curve turns; the measured loads reach beyond it. Interval by profile likelihood";
    const judged = (
      value: number,
      interval: EstimateInterval | undefined,
      base: Evidence & { readonly unit: string },
    ) =>
      interval !== undefined && isNarrow(value, interval)
        ? identified(value, interval, { ...base, why })
        : unsettled("not-identified", withInterval(value, interval), {
            ...base,
            why: `${why}; it spans more than a factor of 3 either way`,
            settledBy,
          });
    return {
      peakLoad: judged(peak, profileInterval(data, best, peakLoadCoordinates, 0, held), load),
      peakThroughput: judged(
        uslPeakThroughput(parameters),
        profileInterval(
          data,
          best,
          pin === undefined ? peakThroughputCoordinates : pinnedPeakThroughputCoordinates(pin),
          0,
        ),
        rate,
      ),
    };
  }
  const why = `throughput still grew, or did not clearly fall, at the greatest load measured (${nMax}): the peak is not inside the data`;
  const settledBy = `Measure at loads above ${nMax}, until throughput falls`;
  const seenMax = Math.max(...Array.from(data.throughput));
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
    ? `only ${levels.length} distinct load ${levels.length === 1 ? "level" : "levels"} for three parameters`
    : otherwise;
}

function withInterval(value: number, interval: EstimateInterval | undefined) {
  return interval === undefined ? { value } : { value, interval };
}

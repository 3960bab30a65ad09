/**
 * Busy time explained by counted work of any kind (calls, logical reads, transactions): non-negative least squares,
 * with the candidate drivers ranked by what they predict, since the wrong driver costs more than the wrong method.
 */
import { type Estimate, type Evidence, identified, isNarrow, unsettled } from "../../estimate.ts";
import type { Finding } from "../../fit-report.ts";
import { blockLength, bootstrapIntervals } from "../../statistics/bootstrap.ts";
import { correlation, quantile } from "../../statistics/descriptive.ts";
import { coverage, type PointErrors, pointErrors } from "../../statistics/goodness.ts";
import { nonnegativeLeastSquares } from "../../statistics/nonnegative-least-squares.ts";
import { number } from "../../tables/format.ts";

export interface DriverData {
  readonly busyName: string;
  readonly busy: Float64Array;
  readonly driverNames: readonly string[];
  readonly drivers: readonly Float64Array[];
}

/** One set of drivers, judged on the last rows after a fit to the first. */
export interface DriverRank {
  readonly drivers: readonly string[];
  /** Seconds of busy time per unit, on all rows. */
  readonly weights: readonly number[];
  readonly r2: number | null;
  /** Of a straight line with an intercept through one driver; `null` for several. */
  readonly r2WithIntercept: number | null;
  readonly heldOut: PointErrors;
}

export interface DriverFit {
  /** What was fitted: the drivers given and, where rows not fitted ask for it, a background. */
  readonly data: DriverData;
  readonly weights: readonly number[];
  readonly fitted: PointErrors;
  readonly heldOut: PointErrors & { readonly coverage90: number };
  /** All sets of up to all drivers, smallest held-out error first. */
  readonly ranking: readonly DriverRank[];
  readonly estimates: Readonly<Record<string, Estimate>>;
  readonly findings: readonly Finding[];
}

/** The name under which busy time that no driver causes is estimated. */
const backgroundName = "background";

/** A background must make the error on early rows that were not fitted smaller by this share. */
const backgroundGainMin = 0.15;

/** The same with a driver that is 1 in every row. */
export function withBackground(data: DriverData): DriverData {
  return {
    ...data,
    driverNames: [...data.driverNames, backgroundName],
    drivers: [...data.drivers, new Float64Array(data.busy.length).fill(1)],
  };
}

/** Chosen by the end of the early rows alone, so that the held-out ones stay unseen. */
function chosenDrivers(data: DriverData, cut: number): DriverData {
  const early = sliceOf(data, 0, cut);
  const inner = Math.round(cut * 0.67);
  if (inner < 2 * data.drivers.length + 4 || data.driverNames.includes(backgroundName)) return data;
  const errorOf = ({ drivers, busy }: DriverData) => {
    const weights = nonnegativeLeastSquares(
      drivers.map((each) => each.subarray(0, inner)),
      busy.subarray(0, inner),
    );
    const predicted = predictBusy(
      drivers.map((each) => each.subarray(inner)),
      weights,
    );
    return pointErrors(busy.subarray(inner), predicted).wape ?? 1;
  };
  const isBetter = errorOf(withBackground(early)) < errorOf(early) * (1 - backgroundGainMin);
  return isBetter ? withBackground(data) : data;
}

/** More drivers than this are ranked alone and all together only: their subsets would be too many. */
const subsetDriversMax = 6;

export function fitDriverDemand(
  given: DriverData,
  options: { readonly holdout: number; readonly seed: string; readonly period: Evidence["period"] },
): DriverFit {
  const n = given.busy.length;
  const cut = Math.max(2, Math.min(n - 1, Math.round(n * (1 - options.holdout))));
  const data = chosenDrivers(given, cut);
  const hasBackground = data !== given;
  const ranking = [
    ...subsetsOf(given.driverNames.length).map((subset) => rank(given, subset, cut)),
    ...(hasBackground ? [rank(data, [...data.driverNames.keys()], cut)] : []),
  ].sort((a, b) => (a.heldOut.wape ?? 1) - (b.heldOut.wape ?? 1));
  const weights = nonnegativeLeastSquares(data.drivers, data.busy);
  const predicted = predictBusy(data.drivers, weights);
  const early = nonnegativeLeastSquares(
    data.drivers.map((each) => each.subarray(0, cut)),
    data.busy.subarray(0, cut),
  );
  return {
    data,
    weights,
    fitted: pointErrors(data.busy, predicted),
    heldOut: judgeDrivers(sliceOf(data, 0, cut), sliceOf(data, cut, n), early),
    ranking,
    estimates: estimatesOf(data, weights, predicted, options),
    findings: findingsOf(data, ranking, hasBackground),
  };
}

/** Errors and coverage of the 90 % band on rows that the weights have not seen; the band comes from those they have. */
export function judgeDrivers(
  fitted: DriverData,
  unseen: DriverData,
  weights: readonly number[],
): PointErrors & { readonly coverage90: number } {
  const before = predictBusy(fitted.drivers, weights);
  const ratios = Array.from(fitted.busy, (y, i) => y / before[i]!).filter(Number.isFinite);
  const after = predictBusy(unseen.drivers, weights);
  const [low, high] = [quantile(ratios, 0.05), quantile(ratios, 0.95)];
  return {
    ...pointErrors(unseen.busy, after),
    coverage90: coverage(
      unseen.busy,
      after.map((each) => each * low),
      after.map((each) => each * high),
    ).share,
  };
}

function predictBusy(drivers: readonly Float64Array[], weights: readonly number[]): Float64Array {
  return Float64Array.from(drivers[0] ?? [], (_, i) =>
    drivers.reduce((total, driver, k) => total + driver[i]! * weights[k]!, 0),
  );
}

function sliceOf(data: DriverData, from: number, to: number): DriverData {
  return {
    ...data,
    busy: data.busy.subarray(from, to),
    drivers: data.drivers.map((each) => each.subarray(from, to)),
  };
}

function rank(data: DriverData, subset: readonly number[], cut: number): DriverRank {
  const drivers = subset.map((k) => data.drivers[k]!);
  const weights = nonnegativeLeastSquares(drivers, data.busy);
  const early = nonnegativeLeastSquares(
    drivers.map((each) => each.subarray(0, cut)),
    data.busy.subarray(0, cut),
  );
  return {
    drivers: subset.map((k) => data.driverNames[k]!),
    weights,
    r2: pointErrors(data.busy, predictBusy(drivers, weights)).r2,
    r2WithIntercept: drivers.length === 1 ? correlation(drivers[0]!, data.busy) ** 2 : null,
    heldOut: pointErrors(
      data.busy.subarray(cut),
      predictBusy(
        drivers.map((each) => each.subarray(cut)),
        early,
      ),
    ),
  };
}

function subsetsOf(count: number): readonly (readonly number[])[] {
  const all = Array.from({ length: count }, (_, i) => i);
  if (count > subsetDriversMax) return [...all.map((i) => [i]), all];
  return Array.from({ length: 2 ** count - 1 }, (_, mask) =>
    all.filter((i) => ((mask + 1) >> i) & 1),
  );
}

function estimatesOf(
  data: DriverData,
  weights: readonly number[],
  predicted: Float64Array,
  { seed, period }: { readonly seed: string; readonly period: Evidence["period"] },
): Readonly<Record<string, Estimate>> {
  const n = data.busy.length;
  const block = blockLength(data.busy.map((y, i) => y - predicted[i]!));
  const intervals = bootstrapIntervals({ rows: n, block, replicates: 400, seed }, (rows) =>
    nonnegativeLeastSquares(
      data.drivers.map((each) => Float64Array.from(rows, (row) => each[row]!)),
      Float64Array.from(rows, (row) => data.busy[row]!),
    ),
  );
  const entries = data.driverNames.map((name, k) => {
    const isBackground = name === backgroundName;
    const unit = isBackground ? data.busyName : `${data.busyName} per unit of ${name}`;
    const base = { n, period, unit };
    const value = weights[k]!;
    const interval = intervals[k] ?? [0, 0];
    const intercept = data.driverNames.includes(backgroundName)
      ? "with a background"
      : "no intercept";
    const how = `non-negative least squares, ${intercept}; interval by block bootstrap (${block} rows a block)`;
    if (isNarrow(value, interval))
      return [name, identified(value, interval, { ...base, why: how })];
    const partner = strongestPartner(data, k);
    const settledBy = `A period in which ${name} varies without the others, or spans with CPU time`;
    if (value > 0 && partner !== undefined) {
      return [
        name,
        unsettled(
          "only-a-combination",
          { value, interval },
          {
            ...base,
            why: `${name} moves with ${partner.name} (correlation ${number(partner.r, 2)}): the weighted sum of both is known, not this part of it`,
            settledBy,
          },
        ),
      ];
    }
    const state = interval[0] > 0 ? "not-identified" : "only-a-bound";
    return [
      name,
      unsettled(
        state,
        { value, interval: interval[0] > 0 ? interval : [null, interval[1]] },
        {
          ...base,
          why:
            value > 0
              ? "its interval spans more than a factor of 3 either way"
              : "the fit stopped at 0, its bound",
          settledBy,
        },
      ),
    ];
  });
  return Object.fromEntries(entries) as Record<string, Estimate>;
}

function strongestPartner(data: DriverData, k: number): { name: string; r: number } | undefined {
  const others = data.drivers.flatMap((each, i) =>
    i === k || data.driverNames[i] === backgroundName
      ? []
      : [{ name: data.driverNames[i]!, r: correlation(data.drivers[k]!, each) }],
  );
  const best = others.reduce<{ name: string; r: number } | undefined>(
    (a, b) => (a === undefined || Math.abs(b.r) > Math.abs(a.r) ? b : a),
    undefined,
  );
  return best !== undefined && Math.abs(best.r) > 0.6 ? best : undefined;
}

function findingsOf(
  data: DriverData,
  ranking: readonly DriverRank[],
  hasBackground: boolean,
): readonly Finding[] {
  const found: Finding[] = [];
  if (hasBackground) {
    found.push({
      severity: "note",
      what: `${data.busyName} has a part that no driver causes: fitted as ${backgroundName}, since rows not fitted are predicted better with it`,
    });
  }
  for (const each of ranking) {
    if (each.drivers.length === 1 && (each.r2WithIntercept ?? 1) < 0.5) {
      found.push({
        severity: "note",
        what: `${each.drivers[0]} alone does not explain ${data.busyName}: R2 ${number(each.r2WithIntercept, 2)} even with an intercept`,
      });
    }
  }
  return found;
}

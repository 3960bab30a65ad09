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
  readonly weights: readonly number[];
  readonly fitted: PointErrors;
  readonly heldOut: PointErrors & { readonly coverage90: number };
  /** All sets of up to all drivers, smallest held-out error first. */
  readonly ranking: readonly DriverRank[];
  readonly estimates: Readonly<Record<string, Estimate>>;
  readonly findings: readonly Finding[];
}

/** More drivers than this are ranked alone and all together only: their subsets would be too many. */
const subsetDriversMax = 6;

export function fitDriverDemand(
  data: DriverData,
  options: { readonly holdout: number; readonly seed: string; readonly period: Evidence["period"] },
): DriverFit {
  const n = data.busy.length;
  const cut = Math.max(2, Math.min(n - 1, Math.round(n * (1 - options.holdout))));
  const ranking = subsetsOf(data.driverNames.length)
    .map((subset) => rank(data, subset, cut))
    .sort((a, b) => (a.heldOut.wape ?? 1) - (b.heldOut.wape ?? 1));
  const weights = nonnegativeLeastSquares(data.drivers, data.busy);
  const predicted = predictBusy(data.drivers, weights);
  const early = nonnegativeLeastSquares(
    data.drivers.map((each) => each.subarray(0, cut)),
    data.busy.subarray(0, cut),
  );
  return {
    weights,
    fitted: pointErrors(data.busy, predicted),
    heldOut: judgeDrivers(sliceOf(data, 0, cut), sliceOf(data, cut, n), early),
    ranking,
    estimates: estimatesOf(data, weights, predicted, options),
    findings: findingsOf(data, ranking),
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
    const base = { n, period, unit: `${data.busyName} per unit of ${name}` };
    const value = weights[k]!;
    const interval = intervals[k] ?? [0, 0];
    const how = `non-negative least squares, no intercept; interval by block bootstrap (${block} rows a block)`;
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
    i === k ? [] : [{ name: data.driverNames[i]!, r: correlation(data.drivers[k]!, each) }],
  );
  const best = others.reduce<{ name: string; r: number } | undefined>(
    (a, b) => (a === undefined || Math.abs(b.r) > Math.abs(a.r) ? b : a),
    undefined,
  );
  return best !== undefined && Math.abs(best.r) > 0.6 ? best : undefined;
}

function findingsOf(data: DriverData, ranking: readonly DriverRank[]): readonly Finding[] {
  const found: Finding[] = [];
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

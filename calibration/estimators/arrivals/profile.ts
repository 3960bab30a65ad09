/**
 * Counts by the clock: a rate for each cell of a day (or week), and a Gamma multiplier each hour for what the clock
 * does not explain. Together a count is negative binomial around its cell's mean.
 */
import { lnGamma } from "../../../sim/kernel/math/gamma.ts";
import { normalCdf } from "../../../sim/kernel/math/normal-cdf.ts";
import { normalQuantile } from "../../../sim/kernel/math/normal-quantile.ts";
import { betaPart } from "../../../sim/kernel/math/student.ts";
import { mean } from "../../statistics/descriptive.ts";

export type ProfileKind = "constant" | "time-of-day" | "time-of-week";

/** Counts on an even grid; NaN where unknown. */
export interface BinnedCounts {
  readonly binSeconds: number;
  /** Start of the first bin, in seconds from a midnight (of a Monday, where the date is known). */
  readonly phaseSeconds: number;
  readonly counts: Float64Array;
}

const cycleSeconds: Readonly<Record<ProfileKind, number>> = {
  constant: 0,
  "time-of-day": 86_400,
  "time-of-week": 604_800,
};

/** Cell of each bin; one for all in a constant profile. */
export function cellOf(
  kind: ProfileKind,
  { binSeconds, phaseSeconds }: BinnedCounts,
  bin: number,
): number {
  const cycle = cycleSeconds[kind];
  if (cycle === 0) return 0;
  return Math.floor(((phaseSeconds + bin * binSeconds) % cycle) / binSeconds);
}

export function cellCount(kind: ProfileKind, binSeconds: number): number {
  return kind === "constant" ? 1 : Math.max(1, Math.round(cycleSeconds[kind] / binSeconds));
}

export interface Profile {
  readonly kind: ProfileKind;
  /** Expected count of a bin by cell. */
  readonly means: Float64Array;
  /** Bins that each cell was seen in. */
  readonly seen: Float64Array;
  /** Shape of the Gamma multiplier: small is bursty, Infinity is Poisson. */
  readonly shape: number;
}

/** How many bins of its cell the coarser profile weighs against. */
const shrinkBins = 1;

/** Fits bins `from` to `to`; a weekly profile leans on the daily one, and that on the overall mean. */
export function fitProfile(
  kind: ProfileKind,
  data: BinnedCounts,
  from: number,
  to: number,
): Profile {
  const { means, seen } = meansOf(kind, data, from, to, undefined);
  return { kind, means, seen, shape: shapeOf(kind, data, from, to) };
}

function meansOf(
  kind: ProfileKind,
  data: BinnedCounts,
  from: number,
  to: number,
  without: number | undefined,
) {
  const dayBins = Math.max(1, Math.round(86_400 / data.binSeconds));
  const cells = cellCount(kind, data.binSeconds);
  const totals = new Float64Array(cells);
  const seen = new Float64Array(cells);
  let all = 0;
  let count = 0;
  for (let bin = from; bin < to; bin += 1) {
    const value = data.counts[bin]!;
    if (Number.isNaN(value) || (without !== undefined && Math.floor(bin / dayBins) === without))
      continue;
    const cell = cellOf(kind, data, bin);
    totals[cell]! += value;
    seen[cell]! += 1;
    all += value;
    count += 1;
  }
  const overall = count > 0 ? all / count : 0;
  const coarse: Float64Array | undefined =
    kind === "time-of-week" ? meansOf("time-of-day", data, from, to, without).means : undefined;
  const means = totals.map((total, cell) => {
    const prior = coarse?.[cell % coarse.length] ?? overall;
    const weight = kind === "constant" ? 0 : shrinkBins / 10 ** (kind === "time-of-day" ? 1 : 0);
    const bins = seen[cell]! + weight;
    return bins > 0 ? (total + weight * prior) / bins : prior;
  });
  return { means, seen };
}

/**
 * From the squared ratios of counts to a profile of other days, less what Poisson chance adds. Of two ways to choose
 * the other days (all of them, or only earlier ones with a lead like that of a forecast) the worse one counts.
 */
function shapeOf(kind: ProfileKind, data: BinnedCounts, from: number, to: number): number {
  const dayBins = Math.max(1, Math.round(86_400 / data.binSeconds));
  const firstDay = Math.floor(from / dayBins);
  const lastDay = Math.floor((to - 1) / dayBins);
  const days = lastDay - firstDay + 1;
  const lead = Math.max(1, Math.round(days * 0.2));
  const others: number[] = [];
  const earlier: number[] = [];
  for (let day = firstDay; day <= lastDay; day += 1) {
    const around = meansOf(kind, data, from, to, days === 1 ? undefined : day).means;
    others.push(
      ...excessOf(
        kind,
        data,
        around,
        Math.max(from, day * dayBins),
        Math.min(to, (day + 1) * dayBins),
      ),
    );
    const known = day - lead;
    if (known - firstDay < Math.max(2, Math.round(days * 0.25))) continue;
    const before = meansOf(kind, data, from, known * dayBins, undefined).means;
    earlier.push(...excessOf(kind, data, before, day * dayBins, Math.min(to, (day + 1) * dayBins)));
  }
  const square = Math.max(
    others.length > 0 ? mean(others) : 0,
    earlier.length > 0 ? mean(earlier) : 0,
  );
  return square > 1e-9 ? 1 / square : Number.POSITIVE_INFINITY;
}

function excessOf(
  kind: ProfileKind,
  data: BinnedCounts,
  means: Float64Array,
  from: number,
  to: number,
): number[] {
  const excess: number[] = [];
  for (let bin = from; bin < to; bin += 1) {
    const value = data.counts[bin]!;
    const expected = means[cellOf(kind, data, bin)]!;
    if (Number.isNaN(value) || !(expected > 0)) continue;
    excess.push((value / expected - 1) ** 2 - 1 / expected);
  }
  return excess;
}

export function expectedAt(profile: Profile, data: BinnedCounts, bin: number): number {
  return profile.means[cellOf(profile.kind, data, bin)]!;
}

/** Quantile of a count with this mean and Gamma shape: negative binomial, or Poisson for an infinite shape. */
export function countQuantile(expected: number, shape: number, p: number): number {
  if (!(expected > 0)) return 0;
  const deviation = Math.sqrt(
    expected + (Number.isFinite(shape) ? (expected * expected) / shape : 0),
  );
  let low = -1;
  let high = Math.ceil(expected + Math.max(10, 6 * deviation));
  while (countCdf(expected, shape, high) < p && high < 1e15) high *= 2;
  // A first guess narrows the search for the common case of large counts.
  const guess = Math.floor(expected + normalQuantile(p) * deviation);
  if (guess > low && guess < high) {
    if (countCdf(expected, shape, guess) >= p) high = guess;
    else low = guess;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (countCdf(expected, shape, middle) >= p) high = middle;
    else low = middle;
  }
  return high;
}

function countCdf(expected: number, shape: number, count: number): number {
  if (Number.isFinite(shape)) return betaPart(shape / (shape + expected), shape, count + 1);
  return poissonCdf(expected, count);
}

/** By summation near the mean, and the normal limit with continuity where a thousand terms would not do. */
function poissonCdf(expected: number, count: number): number {
  if (expected > 1e5) return normalCdf((count + 0.5 - expected) / Math.sqrt(expected));
  let total = 0;
  for (let k = count; k >= 0; k -= 1) {
    const term = Math.exp(k * Math.log(expected) - expected - lnGamma(k + 1));
    total += term;
    if (k < expected && term < 1e-14 * total) break;
  }
  return Math.min(1, total);
}

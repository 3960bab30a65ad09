/** Chooses a profile on early time, judges it on held-out time, and says how far from Poisson the counts are. */

import { type Estimate, identified, isNarrow, type Period, unsettled } from "../../estimate.ts";
import { bootstrapIntervals } from "../../statistics/bootstrap.ts";
import { mean, variance } from "../../statistics/descriptive.ts";
import { chiSquareInterval } from "../../statistics/dispersion-interval.ts";
import { coverage, type PointErrors, pointErrors } from "../../statistics/goodness.ts";
import {
  type BinnedCounts,
  countQuantile,
  expectedAt,
  fitProfile,
  type Profile,
  type ProfileKind,
} from "./profile.ts";

export interface BandJudgement {
  /** Share of held-out bins inside the 90 % band, and its mean width in counts. */
  readonly coverage90: number;
  readonly bandWidthMean: number;
}

export interface ArrivalJudgement extends PointErrors {
  readonly kind: ProfileKind;
  readonly overdispersed: BandJudgement;
  readonly poisson: BandJudgement;
  /** Skill against "as at this time a week ago" (or the mean, without a week); above 0 is better. */
  readonly skill: number | null;
}

export interface ArrivalFit {
  /** Fitted to all bins. */
  readonly profile: Profile;
  readonly heldOut: ArrivalJudgement;
  /** The other profiles on the same held-out time, and why each was allowed or not. */
  readonly candidates: readonly ArrivalJudgement[];
  readonly trainedBins: number;
}

/** Days of data that each profile needs before it is considered. */
const daysNeeded: Readonly<Record<ProfileKind, number>> = {
  constant: 0,
  "time-of-day": 2,
  "time-of-week": 14,
};

export function fitArrivals(data: BinnedCounts, options: { readonly holdout: number }): ArrivalFit {
  const n = data.counts.length;
  const cut = Math.max(1, Math.min(n - 1, Math.round(n * (1 - options.holdout))));
  const days = (bins: number) => (bins * data.binSeconds) / 86_400;
  const allowed = (Object.keys(daysNeeded) as ProfileKind[]).filter(
    (kind) =>
      days(cut) >= daysNeeded[kind] &&
      (kind === "constant" || data.binSeconds < 86_400 || kind === "time-of-week"),
  );
  const kind = allowed.length === 1 ? allowed[0]! : chooseKind(data, allowed, cut);
  const candidates = allowed.map((each) =>
    judgeProfile(data, fitProfile(each, data, 0, cut), cut, n),
  );
  return {
    profile: fitProfile(kind, data, 0, n),
    heldOut: candidates.find((each) => each.kind === kind)!,
    candidates,
    trainedBins: cut,
  };
}

/** By the error on the last third of the fitted part; a finer profile must be better by 2 %. */
function chooseKind(data: BinnedCounts, allowed: readonly ProfileKind[], cut: number): ProfileKind {
  const inner = Math.max(1, Math.round(cut * 0.67));
  let best = allowed[0]!;
  let bestError = Number.POSITIVE_INFINITY;
  for (const kind of allowed) {
    const error = judgeProfile(data, fitProfile(kind, data, 0, inner), inner, cut).wape ?? 1;
    if (error < bestError * 0.98) {
      best = kind;
      bestError = error;
    }
  }
  return best;
}

function judgeProfile(
  data: BinnedCounts,
  profile: Profile,
  from: number,
  to: number,
): ArrivalJudgement {
  const bins: number[] = [];
  for (let bin = from; bin < to; bin += 1) if (!Number.isNaN(data.counts[bin]!)) bins.push(bin);
  const observed = bins.map((bin) => data.counts[bin]!);
  const expected = bins.map((bin) => expectedAt(profile, data, bin));
  const band = (shape: number): BandJudgement => {
    const cells = new Map<number, readonly [number, number]>();
    const edges = expected.map((value) => {
      const known = cells.get(value);
      if (known !== undefined) return known;
      const made = [countQuantile(value, shape, 0.05), countQuantile(value, shape, 0.95)] as const;
      cells.set(value, made);
      return made;
    });
    const { share, meanWidth } = coverage(
      observed,
      edges.map(([low]) => low),
      edges.map(([, high]) => high),
    );
    return { coverage90: share, bandWidthMean: meanWidth };
  };
  const errors = pointErrors(observed, expected);
  return {
    kind: profile.kind,
    ...errors,
    overdispersed: band(profile.shape),
    poisson: band(Number.POSITIVE_INFINITY),
    skill: skillOf(data, bins, errors, from),
  };
}

function skillOf(
  data: BinnedCounts,
  bins: readonly number[],
  errors: PointErrors,
  from: number,
): number | null {
  const week = Math.round(604_800 / data.binSeconds);
  const day = Math.round(86_400 / data.binSeconds);
  const lag = from >= week ? week : from >= day && day > 0 ? day : 0;
  const early = mean(data.counts.subarray(0, from).filter((each) => !Number.isNaN(each)));
  let error = 0;
  for (const bin of bins) {
    // The last whole cycle before the held-out time: nothing of that time itself is known.
    let source = bin - lag;
    while (lag > 0 && source >= from) source -= lag;
    const naive =
      lag > 0 && source >= 0 && !Number.isNaN(data.counts[source]!) ? data.counts[source]! : early;
    error += Math.abs(data.counts[bin]! - naive);
  }
  return error > 0 ? 1 - errors.meanAbsoluteError / (error / bins.length) : null;
}

export interface Dispersion {
  readonly windowSeconds: number;
  /** Variance over mean of counts in windows of this length: 1 for Poisson. */
  readonly index: number;
  readonly windows: number;
  /**
   * 90 %, by drawing stretches of the record, and never narrower than so few windows allow; bursts rarer than the record
   * are not in it.
   */
  readonly interval: readonly [number, number];
}

/** Stretches that the bootstrap draws from, and how often. */
const stretchesMax = 60;
const replicates = 400;
/** Of fewer windows the bootstrap alone makes intervals that are too short: the variance of ten draws of ten is too small. */
const fewWindows = 1000;

/** Stretches of neighbouring windows are drawn whole, since windows lean on their neighbours. */
function dispersionInterval(totals: readonly number[]): readonly [number, number] {
  const stretches = Math.min(stretchesMax, totals.length);
  const sums = Array.from({ length: stretches }, (_, k) => {
    const part = totals.slice(
      Math.floor((k * totals.length) / stretches),
      Math.floor(((k + 1) * totals.length) / stretches),
    );
    return {
      n: part.length,
      total: part.reduce((sum, each) => sum + each, 0),
      squares: part.reduce((sum, each) => sum + each * each, 0),
    };
  });
  const [interval] = bootstrapIntervals(
    { rows: stretches, block: 1, replicates, seed: "dispersion" },
    (rows) => {
      let [n, total, squares] = [0, 0, 0];
      for (const row of rows) {
        n += sums[row]!.n;
        total += sums[row]!.total;
        squares += sums[row]!.squares;
      }
      return [(squares - (total * total) / n) / (n - 1) / (total / n)];
    },
  );
  if (interval === undefined) return [Number.NaN, Number.NaN];
  if (totals.length > fewWindows) return interval;
  const [low, high] = chiSquareInterval(totals).interval;
  return [Math.min(low, interval[0]), Math.max(high, interval[1])];
}

/** An estimate of the index: known where its interval is narrow. */
export function dispersionEstimate(
  { index, windows, interval }: Dispersion,
  period: Period | null,
): Estimate {
  const about = { n: windows, period, unit: "variance / mean" };
  const why =
    "1 for a Poisson process of constant rate; interval by bootstrap of stretches, and no narrower than a chi-square law";
  if (isNarrow(index, interval)) return identified(index, interval, { ...about, why });
  const hasInterval = interval.every(Number.isFinite);
  return unsettled("not-identified", hasInterval ? { value: index, interval } : {}, {
    ...about,
    why:
      index > 0
        ? "a few bursts decide it: the interval spans more than a factor of 3 either way"
        : "counts do not vary at all, which no arrivals of independent users do",
    settledBy: "A longer record, over more bursts",
  });
}

/** Index of dispersion at the windows that the data allow: whole multiples of the period, at least ten of them. */
export function dispersionOf(
  counts: Float64Array,
  periodSeconds: number,
  windows: readonly number[],
): readonly Dispersion[] {
  return windows.flatMap((windowSeconds) => {
    const per = Math.round(windowSeconds / periodSeconds);
    if (per < 1 || Math.abs(per * periodSeconds - windowSeconds) > 1e-6 * windowSeconds) return [];
    const totals = windowTotals(counts, per);
    if (totals.length < 10) return [];
    return [
      {
        windowSeconds,
        index: variance(totals) / mean(totals),
        windows: totals.length,
        interval: dispersionInterval(totals),
      },
    ];
  });
}

/** Sums of so many counts each; windows with an unknown count are left out, and so is the rest at the end. */
function windowTotals(counts: Float64Array, per: number): readonly number[] {
  const totals: number[] = [];
  for (let at = 0; at + per <= counts.length; at += per) {
    let total = 0;
    for (let i = at; i < at + per; i += 1) total += counts[i]!;
    if (!Number.isNaN(total)) totals.push(total);
  }
  return totals;
}

/** One metric over time: points in ascending order, each standing for the period that starts at it. */

import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import { median } from "../statistics/descriptive.ts";
import { futureDated, futureLimitMs } from "../tables/future.ts";
import { durationText, isoTime } from "../tables/parse-time.ts";

/** What a missing sample means: nothing happened, or nobody looked. */
export type MissingMeans = "zero" | "unknown";

export interface SeriesName {
  readonly id: string;
  /** What was measured: a load balancer, a function, a host; empty where the file does not say. */
  readonly component: string;
  readonly metric: string;
  /** Average, Sum, p99, ...; empty where the file does not say. */
  readonly stat: string;
  readonly unit: string;
  readonly missingMeans: MissingMeans;
}

export interface Series extends SeriesName {
  readonly tz: "UTC";
  readonly periodSec: number;
  /** Start of each point's period, milliseconds since 1970. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly gaps: readonly Gap[];
  /** Stamps that came more than once, with how often; the last value won. */
  readonly duplicates: readonly Duplicate[];
  /** Whether points came out of order. */
  readonly wasSorted: boolean;
}

export interface Gap {
  /** Last point before and first point after. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly missing: number;
}

export interface Duplicate {
  readonly atMs: number;
  readonly count: number;
  readonly valuesDiffer: boolean;
}

export interface RawPoints {
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** Known from the request; else the median step. */
  readonly periodSec?: number;
  /** Line of each point in the file, for messages. */
  readonly lines?: ArrayLike<number>;
}

/**
 * Sorts points, drops those without a value, keeps the last of repeated stamps, and lists gaps. Throws
 * `series.empty` and `series.future-dated`.
 */
export function createSeries(name: SeriesName, raw: RawPoints, file: string): Series {
  const order = orderOf(raw);
  if (order.rows.length === 0) {
    throw new TwinError({
      code: "series.empty",
      problem: `${name.metric || "The series"} has no value at all`,
      remedy: "Export a time range in which it was measured",
      at: file,
    });
  }
  refuseFuture(raw, order.rows, file);
  const { rows, duplicates } = withoutRepeats(raw, order.rows);
  const timesMs = Float64Array.from(rows, (row) => raw.timesMs[row]!);
  const periodSec = raw.periodSec ?? stepSeconds(timesMs);
  return {
    ...name,
    tz: "UTC",
    periodSec,
    timesMs,
    values: Float64Array.from(rows, (row) => raw.values[row]!),
    gaps: gapsOf(timesMs, periodSec * 1000),
    duplicates,
    wasSorted: order.wasSorted,
  };
}

function orderOf(raw: RawPoints): { rows: number[]; wasSorted: boolean } {
  const rows: number[] = [];
  let wasSorted = true;
  let before = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < raw.timesMs.length; row += 1) {
    if (Number.isNaN(raw.values[row]!)) continue;
    const at = raw.timesMs[row]!;
    if (at < before) wasSorted = false;
    before = at;
    rows.push(row);
  }
  // Equal stamps stay in the order of the file, so that the last one is the last one written.
  if (!wasSorted) rows.sort((a, b) => raw.timesMs[a]! - raw.timesMs[b]! || a - b);
  return { rows, wasSorted };
}

function refuseFuture(raw: RawPoints, rows: readonly number[], file: string): void {
  const limit = futureLimitMs();
  const last = rows.at(-1)!;
  if (raw.timesMs[last]! <= limit) return;
  const first = rows.find((row) => raw.timesMs[row]! > limit) ?? last;
  const count = rows.filter((row) => raw.timesMs[row]! > limit).length;
  throw futureDated(
    count,
    rows.length,
    raw.timesMs[first]!,
    raw.lines === undefined ? file : `${file}:${raw.lines[first]}`,
  );
}

function withoutRepeats(raw: RawPoints, rows: readonly number[]) {
  const kept: number[] = [];
  const duplicates: Duplicate[] = [];
  for (let i = 0; i < rows.length; ) {
    const atMs = raw.timesMs[rows[i]!]!;
    let end = i + 1;
    while (end < rows.length && raw.timesMs[rows[end]!] === atMs) end += 1;
    if (end - i > 1) {
      const values = new Set(rows.slice(i, end).map((row) => raw.values[row]!));
      duplicates.push({ atMs, count: end - i, valuesDiffer: values.size > 1 });
    }
    kept.push(rows[end - 1]!);
    i = end;
  }
  return { rows: kept, duplicates };
}

/** The usual step, in whole seconds where it is one; 60 for a single point. */
function stepSeconds(timesMs: Float64Array): number {
  if (timesMs.length < 2) return 60;
  const steps = timesMs.subarray(1).map((at, i) => at - timesMs[i]!);
  const seconds = median(steps) / 1000;
  return seconds >= 1 ? Math.round(seconds) : seconds;
}

function gapsOf(timesMs: Float64Array, periodMs: number): readonly Gap[] {
  const gaps: Gap[] = [];
  for (let i = 1; i < timesMs.length; i += 1) {
    const step = timesMs[i]! - timesMs[i - 1]!;
    if (step <= 1.5 * periodMs) continue;
    gaps.push({
      fromMs: timesMs[i - 1]!,
      toMs: timesMs[i]!,
      missing: Math.max(1, Math.round(step / periodMs) - 1),
    });
  }
  return gaps;
}

/** Points on an even grid from the first to the last; what is missing is 0 or NaN, as the metric says. */
export function evenGrid(series: Series): {
  readonly startMs: number;
  readonly values: Float64Array;
} {
  const periodMs = series.periodSec * 1000;
  const startMs = series.timesMs[0]!;
  const count = Math.round((series.timesMs.at(-1)! - startMs) / periodMs) + 1;
  const values = new Float64Array(count).fill(series.missingMeans === "zero" ? 0 : Number.NaN);
  for (let i = 0; i < series.timesMs.length; i += 1) {
    values[Math.round((series.timesMs[i]! - startMs) / periodMs)] = series.values[i]!;
  }
  return { startMs, values };
}

export function periodOf(series: Series): { readonly from: string; readonly to: string } {
  const endMs = series.timesMs.at(-1)! + series.periodSec * 1000;
  return { from: isoTime(series.timesMs[0]!), to: isoTime(endMs) };
}

/** `1 gap`, `2 gaps`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What the owner of the data should know: gaps, repeats, order, clock changes. */
export function seriesFindings(series: Series, file: string): readonly Finding[] {
  const found: Finding[] = [];
  if (!series.wasSorted) {
    found.push({
      severity: "note",
      what: "points were not in the order of time: sorted",
      at: file,
    });
  }
  const [firstRepeat] = series.duplicates;
  if (firstRepeat !== undefined) {
    const repeats = series.duplicates.reduce((total, each) => total + each.count - 1, 0);
    const differ = series.duplicates.filter((each) => each.valuesDiffer).length;
    found.push({
      severity: "warning",
      what: `${repeats === 1 ? "1 row repeats" : `${repeats} rows repeat`} a time stamp (${series.duplicates.length} different ones, the first ${isoTime(firstRepeat.atMs)}); ${differ === 0 ? "their values agree" : `${differ} with different values`}. The last value won, nothing was averaged`,
      at: file,
    });
  }
  const [firstGap] = series.gaps;
  if (firstGap !== undefined) {
    const missing = series.gaps.reduce((total, gap) => total + gap.missing, 0);
    const longest = series.gaps.reduce((a, b) => (b.toMs - b.fromMs > a.toMs - a.fromMs ? b : a));
    found.push({
      severity: "warning",
      what: `${counted(series.gaps.length, "gap")} with ${counted(missing, "point")} missing, the longest ${durationText((longest.toMs - longest.fromMs) / 1000)} after ${isoTime(longest.fromMs)}. Missing means ${series.missingMeans === "zero" ? "0 for this metric" : "unknown: nothing was filled in"}`,
      at: file,
    });
  }
  const clock = clockChange(series);
  if (clock !== undefined) found.push({ severity: "warning", what: clock, at: file });
  return found;
}

/**
 * How a change to or from summer time looks in local stamps: a gap of about one hour with repeats near it, or, where the clock is set
 * back and everything is there, stamps of one hour that all come twice.
 */
function clockChange(series: Series): string | undefined {
  const hour = 3_600_000;
  const tolerance = Math.min(series.periodSec * 1000, 600_000);
  const isHour = (lengthMs: number) => Math.abs(lengthMs - hour) <= tolerance;
  const { gaps, duplicates } = series;
  const gap = gaps.find((each) => isHour(each.toMs - each.fromMs));
  if (
    gap !== undefined &&
    duplicates.some((each) => Math.abs(each.atMs - gap.fromMs) < 24 * hour)
  ) {
    return `repeats beside a gap of one hour at ${isoTime(gap.fromMs)}: the stamps look like local time at a clock change. Export in UTC`;
  }
  const [first] = duplicates;
  const periodMs = series.periodSec * 1000;
  const isWhole =
    first !== undefined &&
    duplicates.length > 1 &&
    isHour(duplicates.length * periodMs) &&
    isHour(duplicates.at(-1)!.atMs - first.atMs + periodMs);
  return isWhole
    ? `the hour from ${isoTime(first.atMs)} comes twice: the stamps look like local time when the clock is set back, and one of the two hours is dropped. Export in UTC`
    : undefined;
}

/**
 * What exports are worth before anything is fitted to them: gaps, repeats, clocks, units, statistics that cannot be
 * averaged, what a missing point means, values that cannot be, and Little's law where it can be checked.
 */
import type { Finding } from "../fit-report.ts";
import { type Series, seriesFindings } from "../series/series.ts";
import { greatest, least, mean, robustDeviation } from "../statistics/descriptive.ts";
import { number } from "../tables/format.ts";
import { isoTime } from "../tables/parse-time.ts";
import { checkLittle, type LittleCheck } from "./little-check.ts";

/** One line of the report. */
export interface SeriesQuality {
  readonly series: string;
  readonly file: string;
  readonly unit: string;
  readonly periodSec: number;
  readonly points: number;
  readonly missing: number;
  readonly repeats: number;
  readonly from: string;
  readonly to: string;
  readonly missingMeans: Series["missingMeans"];
  /** Whether a longer period may be made from shorter ones by adding or averaging. */
  readonly aggregation:
    | "may be added"
    | "mean of equal weights only"
    | "never averaged"
    | "unknown";
  readonly findings: readonly Finding[];
}

export interface QualityReport {
  readonly series: readonly SeriesQuality[];
  readonly little: readonly LittleCheck[];
  /** All findings, those of the series included. */
  readonly findings: readonly Finding[];
}

export interface ReadSeries {
  readonly file: string;
  readonly series: Series;
}

export function qualityReport(all: readonly ReadSeries[]): QualityReport {
  const series = all.map(({ file, series: each }) => qualityOf(each, file));
  const little = checkLittle(all.map((each) => each.series));
  return {
    series,
    little,
    findings: [
      ...series.flatMap(({ findings }) => findings),
      ...mixedUnits(all),
      ...little.flatMap(({ finding }) => (finding === undefined ? [] : [finding])),
    ],
  };
}

function qualityOf(series: Series, file: string): SeriesQuality {
  const at = `${file} ${series.id}`;
  const found: Finding[] = [...seriesFindings(series, at)];
  const warn = (what: string) => found.push({ severity: "warning", what, at });
  if (series.unit === "" && !/count|total/i.test(series.metric))
    found.push({ severity: "note", what: "the export does not say the unit", at });
  for (const what of impossibleValues(series)) warn(what);
  for (const what of oddValues(series)) found.push({ severity: "note", what, at });
  const aggregation = aggregationOf(series);
  return {
    series: [series.metric, series.stat, series.component].filter((each) => each !== "").join(" "),
    file,
    unit: series.unit,
    periodSec: series.periodSec,
    points: series.values.length,
    missing: series.gaps.reduce((total, gap) => total + gap.missing, 0),
    repeats: series.duplicates.reduce((total, each) => total + each.count - 1, 0),
    from: isoTime(series.timesMs[0]!),
    to: isoTime(series.timesMs.at(-1)! + series.periodSec * 1000),
    missingMeans: series.missingMeans,
    aggregation,
    findings: found,
  };
}

function aggregationOf({ stat }: Series): SeriesQuality["aggregation"] {
  if (stat === "Sum" || stat === "SampleCount") return "may be added";
  if (/^(p|tm|wm|tc|ts|pr|iqm)\d*/i.test(stat)) return "never averaged";
  if (stat === "Average") return "mean of equal weights only";
  return stat === "Minimum" || stat === "Maximum" ? "never averaged" : "unknown";
}

/** Readings that no system gives. */
function impossibleValues({ metric, stat, unit, values }: Series): readonly string[] {
  const told: string[] = [];
  const [low, high] = [least(values), greatest(values)];
  const isShare = unit === "Percent" || /utili[sz]ation|percent/i.test(metric);
  if (low < 0 && !/balance|offset|change|delta/i.test(metric))
    told.push(`values below 0, the least ${number(low)}: -1 often stands for "not measured"`);
  if (isShare && high > 100.5 && stat !== "Sum")
    told.push(
      `a share of ${number(high)} %: more than all, so the unit or the number of cores is another`,
    );
  const zeros = values.filter((value) => value === 0).length;
  const others = values.filter((value) => value !== 0);
  if (isShare && zeros > 0 && zeros < values.length / 2 && mean(others) > 1)
    told.push(
      `${zeros} readings of exactly 0 among a mean of ${number(mean(others))}: missed scrapes look like that`,
    );
  return told;
}

/** Readings that may be right, and that their owner should look at. */
function oddValues({ metric, unit, values }: Series): readonly string[] {
  const told: string[] = [];
  const [low, high] = [least(values), greatest(values)];
  const isUse = /utili[sz]ation/i.test(metric);
  if (isUse && values.length > 1 && high > 0 && high <= 1)
    told.push("a utilisation that never exceeds 1: it may be a share from 0 to 1, not percent");
  if (values.length >= 10 && high === low && high !== 0 && (isUse || /second/i.test(unit)))
    told.push(`every value is ${number(low)}: a constant tells nothing of what it depends on`);
  if (values.length >= 30) {
    const spread = robustDeviation(values);
    const far = values.filter((value) => Math.abs(value - mean(values)) > 50 * spread).length;
    if (spread > 0 && far > 0 && far <= values.length / 100)
      told.push(`${far} values lie more than 50 robust deviations from the rest`);
  }
  return told;
}

/** One metric of one component in several units is told, since sums of it mean nothing. */
function mixedUnits(all: readonly ReadSeries[]): readonly Finding[] {
  const units = new Map<string, Set<string>>();
  for (const { series } of all) {
    if (series.unit === "" || series.stat === "SampleCount") continue;
    const known = units.get(series.metric) ?? new Set<string>();
    units.set(series.metric, known.add(series.unit));
  }
  return [...units]
    .filter(([, known]) => known.size > 1)
    .map(([metric, known]) => ({
      severity: "warning" as const,
      what: `${metric} comes in ${[...known].sort().join(" and ")}: export one unit`,
    }));
}

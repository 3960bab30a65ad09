/** Counts of arrivals on an even grid, from whatever holds them. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { requestsOf } from "../estimators/spans/span-tree.ts";
import { readLines } from "../files/read-text.ts";
import type { Finding } from "../fit-report.ts";
import { isAccessLog, readAccessLogCounts } from "../importers/access-log.ts";
import { importSpans, spanFormOf } from "../importers/import-spans.ts";
import { isOtlpBinary } from "../importers/otlp-binary.ts";
import { headOf, looksLikeTable } from "../importers/sniff.ts";
import { number } from "../tables/format.ts";
import { durationText, isoTime, parseTime } from "../tables/parse-time.ts";
import { asCounts } from "./count-units.ts";
import { loadSeries } from "./load-series.ts";
import { PeriodCounts } from "./period-counts.ts";
import { evenGrid, seriesFindings } from "./series.ts";

export interface Counts {
  readonly periodSeconds: number;
  /** NaN where unknown. */
  readonly values: Float64Array;
  /** Start of the first period; `null` where the file has no times. */
  readonly startMs: number | null;
}

export interface CountOptions {
  readonly period?: number;
  readonly value?: string;
}

export async function loadCounts(
  file: string,
  options: CountOptions,
  findings: Finding[],
): Promise<Counts> {
  const isBinary = await isOtlpBinary(file);
  const first = isBinary ? [] : await firstLines(file);
  if (isAccessLog(first)) return readAccessLogCounts(file, options.period ?? 1, findings);
  if (!isBinary && options.value === undefined && spanFormOf(await headOf(file)) !== undefined)
    return spanCounts(file, options.period ?? 1, findings);
  if (options.value === undefined && isCountList(first)) return countList(file, options, findings);
  const loaded = await loadSeries(file, {
    ...(options.value === undefined ? {} : { value: options.value }),
    stat: "Sum",
  });
  findings.push(...seriesFindings(loaded, file));
  const isTable = !isBinary && (await looksLikeTable(file));
  const series = asCounts(loaded, file, isTable, findings);
  const negative = series.values.findIndex((value) => value < 0);
  if (negative >= 0) {
    throw new TwinError({
      code: "fit.arrivals-negative",
      problem: `A count of ${series.values[negative]} at ${isoTime(series.timesMs[negative]!)}`,
      remedy:
        "Give counts (or rates) of 0 or more, and leave the cell empty where nothing was measured",
      at: file,
    });
  }
  const { startMs, values } = evenGrid(series);
  const own = { periodSeconds: series.periodSec, values, startMs };
  return options.period === undefined ? own : withPeriod(own, options.period, file, findings);
}

/** Requests of traces, by the time at which they came in. */
async function spanCounts(file: string, period: number, findings: Finding[]): Promise<Counts> {
  const { spans } = await importSpans(file, findings);
  const counts = new PeriodCounts(period);
  for (const { startMs } of requestsOf(spans)) counts.add(startMs);
  findings.push({
    severity: "warning",
    what: "counts are those of the traces: where tracing takes a sample, there were more requests",
    at: file,
  });
  return counts.laidOut();
}

async function firstLines(file: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const batch of readLines(file)) {
    lines.push(...batch.slice(0, 20));
    if (lines.length >= 20) break;
  }
  return lines.filter((line) => line.trim() !== "").slice(0, 20);
}

/** Plain numbers, one a line, that are no times; a first line of words is a header. */
function isCountList(lines: readonly string[]): boolean {
  const body = lines.slice(
    lines.length > 1 && !isCount(lines[0]!) && !/[,;\t]/.test(lines[0]!) ? 1 : 0,
  );
  return (
    body.length > 0 && body.every(isCount) && body.some((line) => Number.isNaN(parseTime(line)))
  );
}

function isCount(line: string): boolean {
  const text = line.replace(/^\uFEFF/, "").trim();
  return text !== "" && (Number.isFinite(Number(text)) || /^(nan|null|na)$/i.test(text));
}

async function countList(
  file: string,
  { period }: CountOptions,
  findings: Finding[],
): Promise<Counts> {
  if (period === undefined) {
    throw new TwinError({
      code: "fit.arrivals-period-missing",
      problem: "The file has counts without times, so their period is not known",
      remedy: "Say it with --period, such as --period 1s",
      at: file,
    });
  }
  const values: number[] = [];
  let line = 0;
  for await (const batch of readLines(file)) {
    for (const raw of batch) {
      line += 1;
      const text = raw.trim();
      if (text === "" || text.startsWith("#") || (line === 1 && !isCount(raw))) continue;
      const value = /^(nan|null|na)$/i.test(text)
        ? Number.NaN
        : Number(text.replace(/^\uFEFF/, ""));
      if (!(value >= 0) && !/^(nan|null|na)$/i.test(text)) {
        throw new TwinError({
          code: "fit.arrivals-line",
          problem: `"${text.slice(0, 40)}" is no count`,
          remedy: "Give one number of 0 or more a line, or NaN where nothing was measured",
          at: `${file}:${line}`,
        });
      }
      values.push(value);
    }
  }
  findings.push({
    severity: "note",
    what: `counts without times: hours are counted from the first line, and weekdays are unknown`,
    at: file,
  });
  return { periodSeconds: period, values: Float64Array.from(values), startMs: null };
}

/** Sums periods into longer ones; a shorter period than the data's own cannot be had. */
function withPeriod(own: Counts, period: number, file: string, findings: Finding[]): Counts {
  if (Math.abs(own.periodSeconds - period) < 1e-3 * period) return own;
  const per = period / own.periodSeconds;
  if (per < 1 || Math.abs(per - Math.round(per)) > 1e-6) {
    findings.push({
      severity: "warning",
      what: `the points of the file are ${durationText(own.periodSeconds)} apart: --period ${durationText(period)} was not used`,
      at: file,
    });
    return own;
  }
  findings.push({
    severity: "note",
    what: `${number(per)} periods of ${durationText(own.periodSeconds)} were added up into one`,
    at: file,
  });
  const count = Math.floor(own.values.length / per);
  const values = Float64Array.from({ length: count }, (_, i) => {
    let total = 0;
    for (let k = 0; k < per; k += 1) total += own.values[i * per + k]!;
    return total;
  });
  return { periodSeconds: period, values, startMs: own.startMs };
}

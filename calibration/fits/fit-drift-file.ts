/** `fit drift`: alarms over one series, or over many in one table. */

import { TwinError } from "../../sim/errors/twin-error.ts";
import { type Estimate, identified, unsettled } from "../estimate.ts";
import { creepingShift } from "../estimators/drift/creeping-shift.ts";
import {
  hourlyMedians,
  type TimedValues,
  withoutTimeOfDay,
} from "../estimators/drift/deseasonalise.ts";
import { type DriftAlarm, detectDrift } from "../estimators/drift/detect-drift.ts";
import { levelShifts } from "../estimators/drift/level-shifts.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { isConsoleCsv } from "../importers/console-csv.ts";
import { headOf, looksLikeTable } from "../importers/sniff.ts";
import { loadSeries } from "../series/load-series.ts";
import { increasesOfTotal, isRunningTotal, isTotalName } from "../series/running-total.ts";
import { createSeries, periodOf, type Series, seriesFindings } from "../series/series.ts";
import { requireTimeColumn, valueColumn } from "../series/table-series.ts";
import { blockLength, bootstrapIntervals } from "../statistics/bootstrap.ts";
import { median } from "../statistics/descriptive.ts";
import {
  type Column,
  columnAt,
  findColumn,
  isNumeric,
  namedColumn,
  numbersOf,
  timesOf,
} from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import { groupBy } from "../tables/group-by.ts";
import { durationText, isoTime } from "../tables/parse-time.ts";
import { readTable, type Table } from "../tables/read-table.ts";

export interface DriftInputs {
  readonly file: string;
  readonly value?: string;
  readonly by?: readonly string[];
}

interface Watched {
  readonly series: Series;
  readonly periodSeconds: number;
  readonly alarms: readonly DriftAlarm[];
  readonly timesMs: Float64Array;
  readonly tooSmall: number;
  readonly threshold: number;
  readonly points: number;
  /** Point from which the present level is told: a level that creeps is told from the end alone. */
  readonly levelFrom: number;
}

const baselineDays = 28;
const baselineMin = 20;
const pointsMin = 30;

export async function fitDriftFile(inputs: DriftInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  const all = (await seriesOf(inputs, findings)).map((series) =>
    isTotalName(series.metric) && isRunningTotal(series)
      ? increasesOfTotal(series, inputs.file, findings)
      : series,
  );
  const watched: Watched[] = [];
  for (const series of all) {
    if (series.values.length < pointsMin) {
      findings.push({
        severity: "rejected",
        what: `${series.id}: ${series.values.length} points are too few to watch; ${pointsMin} are needed`,
        at: inputs.file,
      });
      continue;
    }
    findings.push(
      ...seriesFindings(series, inputs.file).map((each) =>
        all.length > 1 ? { ...each, what: `${series.id}: ${each.what}` } : each,
      ),
    );
    watched.push(watch(series));
  }
  if (watched.length === 0) {
    throw new TwinError({
      code: "fit.drift-too-short",
      problem: `No series has ${pointsMin} points`,
      remedy:
        "Give a longer time; a daily series needs two months to be watched with a 28-day baseline",
      at: inputs.file,
    });
  }
  const alarms = watched.flatMap((each) => each.alarms.map((alarm) => tellAlarm(each, alarm)));
  const common = sharedFindings(findings, watched.length);
  return {
    kind: "drift",
    files: [inputs.file],
    estimates: Object.fromEntries(watched.map((each) => [each.series.id, levelEstimate(each)])),
    findings: common,
    details: {
      settings: { slack: 1.5, clip: 4, minimumEffect: 0.1, baselineDays },
      alarms,
      series: watched.map((each) => ({
        series: each.series.id,
        points: each.points,
        periodSeconds: each.periodSeconds,
        threshold: each.threshold,
        alarms: each.alarms.length,
        shiftsBelowMinimumEffect: each.tooSmall,
      })),
    },
    tables: [
      {
        title: alarms.length === 0 ? "No alarm" : `Alarms (${alarms.length})`,
        rows:
          alarms.length === 0
            ? []
            : [
                ["series", "moved about", "noticed", "before", "after", "by"],
                ...alarms.map((each) => [
                  each.series,
                  each.onset.slice(0, 16).replace("T", " "),
                  each.at.slice(0, 16).replace("T", " "),
                  number(each.before),
                  number(each.after),
                  `${each.size > 0 ? "+" : ""}${percent(each.size)}`,
                ]),
              ],
      },
    ],
    verdict: {
      usableFor:
        alarms.length === 0
          ? ["keeping the calibration as it is: no series moved by 10 % for good, or crept by 20 %"]
          : ["telling when to calibrate anew: after each alarm, from the new level"],
      notUsableFor: ["shifts below 10 %, and ones shorter than a week of points"],
      rangeSeen: `${watched.length} series of ${durationText(watched[0]!.periodSeconds)} steps, ${watched.reduce((sum, each) => sum + each.points, 0)} points`,
    },
  };
}

function watch(series: Series): Watched {
  const isFine = series.periodSec < 3600;
  const raw: TimedValues = { timesMs: series.timesMs, values: series.values };
  const hourly = isFine ? hourlyMedians(raw) : raw;
  const periodSeconds = isFine ? 3600 : series.periodSec;
  const { timesMs, values } = periodSeconds <= 3600 ? withoutTimeOfDay(hourly) : hourly;
  const perDay = 86_400 / periodSeconds;
  // Short files cannot spare four weeks: a third of them is the baseline then.
  const baseline = Math.max(
    baselineMin,
    Math.min(Math.round(baselineDays * perDay), Math.floor(values.length / 3)),
  );
  const result = detectDrift(values, { baseline, pointsPer90Days: 90 * perDay, seed: "drift" });
  const window = Math.max(21, Math.round(3 * perDay));
  const abrupt = levelShifts(values, { window, effectMin: 0.1 });
  const alarms = together(abrupt, result.alarms, window);
  const last = alarms.at(-1);
  const heard = result.alarms.filter(
    (each) => last === undefined || each.onsetAt > last.onsetAt + 2 * window,
  );
  const creep = creepingShift(values, heard, { window, effectMin: creepEffectMin });
  return {
    series,
    periodSeconds,
    timesMs,
    points: values.length,
    ...result,
    alarms: creep === undefined ? alarms : [...alarms, creep],
    levelFrom: creep === undefined ? (last?.onsetAt ?? 0) : values.length - window,
  };
}

/** Least effect of a shift that only the CUSUM sees: a slow one, or one that neighbouring windows do not show. */
const slowEffectMin = 0.15;
/** Least effect of pieces that only add up: a level may wander by more than it is worth to be called for. */
const creepEffectMin = 0.2;

/** Each shift once: abrupt ones as windows date them, others as the CUSUM does. */
function together(
  abrupt: readonly DriftAlarm[],
  slow: readonly DriftAlarm[],
  window: number,
): readonly DriftAlarm[] {
  const others = slow.filter(
    (alarm) =>
      Math.abs(alarm.size) >= slowEffectMin &&
      abrupt.every(
        (each) =>
          Math.abs(each.onsetAt - alarm.onsetAt) > 2 * window &&
          Math.abs(each.onsetAt - alarm.alarmAt) > 2 * window,
      ),
  );
  return [...abrupt, ...others].sort((a, b) => a.onsetAt - b.onsetAt);
}

function tellAlarm({ series, timesMs }: Watched, alarm: DriftAlarm) {
  return {
    series: series.id,
    at: isoTime(timesMs[alarm.alarmAt]!),
    onset: isoTime(timesMs[alarm.onsetAt]!),
    direction: alarm.direction,
    before: alarm.before,
    after: alarm.after,
    size: alarm.size,
  };
}

/** The level to use from the last alarm on. */
function levelEstimate({ series, alarms, timesMs, levelFrom }: Watched): Estimate {
  const from = alarms.length === 0 ? series.timesMs[0]! : timesMs[levelFrom]!;
  const values = series.values.filter((_, i) => series.timesMs[i]! >= from);
  const about = {
    n: values.length,
    period: { ...periodOf(series), from: isoTime(from) },
    unit: series.metric,
  };
  if (values.length >= 7) {
    return identified(median(values), levelInterval(values), {
      ...about,
      why:
        alarms.length === 0 ? "median of the whole time: no alarm" : "median since the last alarm",
    });
  }
  return unsettled(
    "not-identified",
    {},
    {
      ...about,
      why: "too few points since the last alarm",
      settledBy: "Wait for a week of points at the new level",
    },
  );
}

async function seriesOf(inputs: DriftInputs, findings: Finding[]): Promise<readonly Series[]> {
  if (!(await looksLikeTable(inputs.file)) || isConsoleCsv(await headOf(inputs.file)))
    return [
      await loadSeries(inputs.file, inputs.value === undefined ? {} : { value: inputs.value }),
    ];
  const table = await readTable(inputs.file);
  const time = requireTimeColumn(table);
  const times = timesOf(table, time);
  const by =
    inputs.by?.map((name) => namedColumn(table, name, "--by")) ?? namingColumns(table, time, times);
  const value = watchedColumn(table, time, by, inputs.value);
  const values = numbersOf(table, value);
  if (inputs.by === undefined && by.length > 0) {
    findings.push({
      severity: "note",
      what: `times repeat: each combination of ${by.map((each) => each.name).join(", ")} is watched by itself. --by says otherwise`,
      at: inputs.file,
    });
  }
  const rows = Array.from({ length: table.rowCount }, (_, row) => row);
  return [...groupBy(rows, (row) => by.map((column) => column.cells[row]!).join(" "))].map(
    ([name, group]) =>
      createSeries(
        {
          id: name || value.name,
          component: name,
          metric: value.name,
          stat: "",
          unit: "",
          missingMeans: "unknown",
        },
        {
          timesMs: group.map((row) => times[row]!),
          values: group.map((row) => values[row]!),
          lines: group.map((row) => table.lines[row]!),
        },
        inputs.file,
      ),
  );
}

/** With one value a time there is nothing to tell apart; else columns of words, and of few distinct numbers. */
function namingColumns(table: Table, time: Column, times: Float64Array): readonly Column[] {
  if (new Set(times).size * 1.2 > times.length) return [];
  return table.headers
    .map((_, i) => columnAt(table, i))
    .filter((column) => {
      if (column.index === time.index) return false;
      const distinct = new Set(column.cells).size;
      return (
        distinct > 1 && distinct <= (isNumeric(column) ? 8 : 200) && distinct < table.rowCount / 10
      );
    });
}

function watchedColumn(
  table: Table,
  time: Column,
  by: readonly Column[],
  name: string | undefined,
): Column {
  if (name !== undefined) return valueColumn(table, time, name);
  const init = findColumn(table, { what: "a value", names: [/^values?$/, /^mean_init/] });
  if (init !== undefined && isNumeric(init) && !by.some((each) => each.index === init.index))
    return init;
  return valueColumn(table, time, undefined);
}

/** What holds for many series of a file alike is said once. */
function sharedFindings(findings: readonly Finding[], seriesCount: number): readonly Finding[] {
  if (seriesCount < 4) return findings;
  const kinds = groupBy(
    findings,
    (each) => `${each.severity} ${each.what.replace(/^[^:]*: /, "").replaceAll(/\d+/g, "#")}`,
  );
  return [...kinds.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.length < 4) return same;
    return [{ ...first, what: `in ${same.length} series, as in ${first.what}` }];
  });
}

/** Points that the interval of a level is told from; of more, evenly many. */
const levelPointsMax = 20_000;

/** Interval of the median. Of a thinned series it may miss the median of all points, and is widened to hold it. */
function levelInterval(values: Float64Array): readonly [number, number] | null {
  const step = Math.ceil(values.length / levelPointsMax);
  const sample = values.filter((_, i) => i % step === 0);
  const [interval] = bootstrapIntervals(
    { rows: sample.length, block: blockLength(sample), replicates: 200, seed: "level" },
    (rows) => [median(Float64Array.from(rows, (row) => sample[row]!))],
  );
  const level = median(values);
  return interval === undefined
    ? null
    : [Math.min(interval[0], level), Math.max(interval[1], level)];
}

/** `fit load`: results of load tests at several levels, of one system or of many in one file. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { type Estimate, identified, unsettled } from "../estimate.ts";
import {
  breaksLittle,
  findKnee,
  findShortfall,
  type LittlePoint,
  type LoadPoint,
  littleTolerance,
  outlierRows,
  withLittle,
} from "../estimators/load/judge-load.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { distinct, greatest, least, median, quantile } from "../statistics/descriptive.ts";
import {
  type Column,
  columnAt,
  findColumn,
  isNumeric,
  numbersOf,
  plainName,
  requireColumn,
  secondsPerUnitOf,
} from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import { groupBy } from "../tables/group-by.ts";
import { readTable, type Table } from "../tables/read-table.ts";
import { loadColumn } from "./load-columns.ts";
import { throughputOf } from "./throughput.ts";

interface Group {
  readonly name: string;
  readonly points: readonly LittlePoint[];
  readonly tails: readonly { readonly column: string; readonly lines: readonly number[] }[];
  readonly capacity: Estimate;
}

const targetColumn = {
  what: "the rate asked for",
  names: [
    /^(target|offered|requested|asked|intended)_?(rate|rps|load|qps|throughput)?$/,
    /^(target|offered)/,
  ],
};

export async function fitLoadFile(file: string): Promise<FitReport> {
  const table = await readTable(file);
  const findings: Finding[] = [];
  const target = findColumn(table, targetColumn);
  const isClosed = target === undefined;
  const load = target ?? requireColumn(table, loadColumn);
  const points = pointsOf(table, load, findings);
  const groups = [...groupBy(points, ({ row }) => groupName(table, load, row))].map(
    ([name, each]) => judgeGroup(table, name, each, isClosed),
  );
  const checked = groups.flatMap((group) => group.points).filter((point) => point.little !== null);
  const broken = checked.filter(breaksLittle);
  noteLittle(groups, file, findings);
  noteOutliers(groups, file, findings);
  const perLevel = distinct(checked.map((point) => point.load)).map((level) => {
    const values = checked.filter((point) => point.load === level).map((point) => point.little!);
    return {
      load: level,
      n: values.length,
      median: median(values),
      p05: quantile(values, 0.05),
      p95: quantile(values, 0.95),
    };
  });
  const known = groups.filter(({ capacity }) => capacity.state === "identified");
  const only = groups.length === 1 ? "capacity" : undefined;
  return {
    kind: "load",
    files: [file],
    estimates: Object.fromEntries(
      groups.map((group) => [only ?? `capacity ${group.name}`, group.capacity]),
    ),
    findings,
    details: {
      loop: isClosed ? "closed" : "open",
      little: {
        tolerance: littleTolerance,
        points: checked.length,
        flagged: broken.length,
        perLevel,
      },
      groups: groups.map(({ name, points: each, tails }) => ({
        group: name,
        points: each.map((point) => ({ ...point, flagged: breaksLittle(point) })),
        outliers: tails,
      })),
    },
    tables: [
      ...(perLevel.length > 0
        ? [
            {
              title:
                "Little's law, X R / N, by level (1 when throughput, response and load belong together)",
              rows: [
                ["load", "points", "median", "5 %", "95 %"],
                ...perLevel.map((each) => [
                  number(each.load),
                  String(each.n),
                  number(each.median, 3),
                  number(each.p05, 3),
                  number(each.p95, 3),
                ]),
              ],
            },
          ]
        : []),
    ],
    verdict: {
      usableFor: [
        ...(known.length > 0
          ? [
              `capacity of ${known.length} of ${groups.length} ${groups.length === 1 ? "test" : "tests"}: throughput levelled off inside the loads measured`,
            ]
          : []),
        ...(known.length < groups.length
          ? ["a lower bound of capacity where throughput still grew"]
          : []),
      ],
      notUsableFor: [
        ...(known.length < groups.length
          ? [
              `capacity of ${groups.length - known.length} ${groups.length === 1 ? "test" : "tests"}: the knee was not reached or the data contradict themselves`,
            ]
          : []),
        ...(broken.length > 0
          ? [
              `the ${broken.length} points that break Little's law by more than ${percent(littleTolerance)}`,
            ]
          : []),
      ],
      rangeSeen: `${groups.length} ${groups.length === 1 ? "test" : "tests"}, ${number(points.length, 9)} points, load ${number(least(points.map((point) => point.load)))} to ${number(greatest(points.map((point) => point.load)))}`,
    },
  };
}

function judgeGroup(
  table: Table,
  name: string,
  raw: readonly LoadPoint[],
  isClosed: boolean,
): Group {
  const points = withLittle(
    [...raw].sort((a, b) => a.load - b.load),
    isClosed,
  );
  const sound = points.filter((point) => !breaksLittle(point));
  return {
    name,
    points,
    tails: tailOutliers(table, points),
    capacity: capacityOf(points, sound, isClosed),
  };
}

function capacityOf(
  points: readonly LittlePoint[],
  sound: readonly LittlePoint[],
  isClosed: boolean,
): Estimate {
  const about = { n: sound.length, period: null, unit: "1/s" };
  const levels = distinct(sound.map((point) => point.load));
  const most = greatest(points.map((point) => point.load));
  const settledBy = `Measure at loads above ${number(most)}, until throughput no longer follows`;
  if (levels.length < 3) {
    return unsettled(
      "not-identified",
      {},
      {
        ...about,
        why:
          sound.length < points.length
            ? `${points.length - sound.length} of ${points.length} points break Little's law; ${levels.length} load levels are left`
            : `only ${levels.length} distinct load levels`,
        settledBy:
          sound.length < points.length
            ? "Repeat the test with response times and counts from the same requests"
            : settledBy,
      },
    );
  }
  const knee = isClosed ? findKnee(sound) : findShortfall(sound);
  if (knee !== undefined) {
    return identified(knee.capacity, knee.plateau, {
      ...about,
      why: `throughput levels off from load ${number(knee.load)}; interval is the range of the levels from there`,
    });
  }
  return unsettled(
    "only-a-bound",
    {
      interval: [
        Math.max(...sound.map((point) => (isClosed ? point.throughput : point.load))),
        null,
      ],
    },
    {
      ...about,
      why: isClosed
        ? `throughput still grew at the greatest load (${number(most)}): there is no knee inside the data`
        : `the rate asked for was met up to ${number(most)}: there is no knee inside the data`,
      settledBy,
    },
  );
}

function pointsOf(table: Table, load: Column, findings: Finding[]): readonly LoadPoint[] {
  const loads = numbersOf(table, load);
  const { values: throughput } = throughputOf(table, load, findings);
  const response = responseOf(table, findings);
  const points: LoadPoint[] = [];
  const dropped: number[] = [];
  for (let row = 0; row < table.rowCount; row += 1) {
    if (!(loads[row]! > 0) || !(throughput[row]! > 0)) {
      dropped.push(row);
      continue;
    }
    const seconds = response?.[row] ?? Number.NaN;
    points.push({
      load: loads[row]!,
      throughput: throughput[row]!,
      responseSeconds: Number.isNaN(seconds) ? null : seconds,
      line: table.lines[row]!,
      row,
    });
  }
  if (dropped.length > 0) {
    findings.push({
      severity: "rejected",
      what: `${dropped.length} rows without a load and a throughput above 0`,
      at: `${table.file}:${table.lines[dropped[0]!]}`,
    });
  }
  if (points.length > 0) return points;
  throw new TwinError({
    code: "fit.load-no-points",
    problem: "No row has a load and a throughput above 0",
    remedy: "Give one row a level: concurrency (or target rate), throughput, and mean latency",
    at: table.file,
  });
}

function responseOf(table: Table, findings: Finding[]): Float64Array | undefined {
  const mean = findColumn(table, {
    what: "mean response time",
    names: [
      /^(latency|response_?time|rt)_?(avg|mean|average)/,
      /^(avg|mean|average)_?(latency|response)/,
      /^(latency|response_?time|rt|r)(_(s|ms|us))?$/,
    ],
  });
  if (mean === undefined) {
    findings.push({
      severity: "note",
      what: "there is no mean response time: Little's law cannot be checked (percentiles do not do)",
      at: table.file,
    });
    return undefined;
  }
  const scale = secondsPerUnitOf(mean.name);
  if (scale === undefined)
    findings.push({
      severity: "note",
      what: `column ${mean.name} does not say its unit: read as seconds`,
      at: table.file,
    });
  return numbersOf(table, mean).map((value) => value * (scale ?? 1));
}

/** Cells of text that name the test, in the order of the columns; and of numbers that stay the same in it. */
function groupName(table: Table, load: Column, row: number): string {
  const parts = namingColumns(table, load).map((column) => column.cells[row]!);
  return parts.filter((part) => part !== "").join(" ") || "all rows";
}

const namingCache = new WeakMap<Table, readonly Column[]>();

function namingColumns(table: Table, load: Column): readonly Column[] {
  const known = namingCache.get(table);
  if (known !== undefined) return known;
  const found = table.headers
    .map((_, i) => columnAt(table, i))
    .filter(
      (column) =>
        column.index !== load.index &&
        !isNumeric(column) &&
        new Set(column.cells).size < table.rowCount,
    )
    .filter(
      (column) =>
        !/^\d/.test(column.cells[0] ?? "") || !/duration|time|length/.test(plainName(column.name)),
    );
  namingCache.set(table, found);
  return found;
}

/** High percentiles that stand out from their neighbours at like loads. */
function tailOutliers(table: Table, points: readonly LittlePoint[]) {
  const rows = points.map((point) => point.row);
  return table.headers.flatMap((header, index) => {
    if (!/p9\d|max|p100/.test(plainName(header)) || !isNumeric(columnAt(table, index))) return [];
    const values = rows.map((row) => Number(table.columns[index]![row]));
    if (values.some((value) => !(value > 0))) return [];
    const lines = outlierRows(values).map((i) => points[i]!.line);
    return lines.length > 0 ? [{ column: header, lines }] : [];
  });
}

function noteLittle(groups: readonly Group[], file: string, findings: Finding[]): void {
  for (const { name, points } of groups) {
    const broken = points.filter(breaksLittle);
    if (broken.length === 0) continue;
    const worst = broken.reduce((a, b) =>
      Math.abs(Math.log(b.little!)) > Math.abs(Math.log(a.little!)) ? b : a,
    );
    findings.push({
      severity: "rejected",
      what: `${name}: ${broken.length} of ${points.length} points break Little's law by more than ${percent(littleTolerance)}, at load ${number(worst.load)} X R / N = ${number(worst.little, 3)}`,
      at: `${file}:${worst.line}`,
    });
  }
}

function noteOutliers(groups: readonly Group[], file: string, findings: Finding[]): void {
  for (const { name, tails } of groups) {
    for (const { column, lines } of tails) {
      findings.push({
        severity: "warning",
        what: `${name}: ${column} stands out from its neighbours on ${lines.length === 1 ? "one row" : `${lines.length} rows`}`,
        at: `${file}:${lines[0]}`,
      });
    }
  }
}

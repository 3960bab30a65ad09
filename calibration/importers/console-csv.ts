/**
 * CSV as the CloudWatch console saves it: rows of names first (label, statistic, period), then a row a time with one
 * cell a metric. Told by shape, since files differ.
 */
import { parse } from "csv-parse/sync";
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import type { Series, SeriesName } from "../series/series.ts";
import { parseTime } from "../tables/parse-time.ts";
import { damagedTable, syntaxFor } from "../tables/table-syntax.ts";
import { missingMeansOf } from "./cloudwatch-metrics.ts";
import { PointGatherer, requireNumber } from "./imported.ts";

const headerNames =
  /^(full label|label|statistic|period|region|unit|id|namespace|metric name|dimensions|account)$/i;

export function isConsoleCsv(head: string): boolean {
  const lines = head
    .split(/\r?\n/, 12)
    .map((line) => line.split(",")[0]?.replaceAll('"', "").trim() ?? "");
  return lines.filter((cell) => headerNames.test(cell)).length >= 2;
}

export function importConsoleCsv(
  text: string,
  file: string,
  findings: Finding[],
): readonly Series[] {
  const rows = rowsOf(text, file);
  const header = new Map<string, readonly string[]>();
  const gatherer = new PointGatherer();
  let names: readonly SeriesName[] | undefined;
  for (const { record: row, info } of rows) {
    const first = row[0]?.trim() ?? "";
    const at = parseTime(first);
    if (Number.isNaN(at)) {
      // After the first time, a row without one is no header any more.
      if (names !== undefined) throw noTime(first, file, info.lines);
      header.set(first.toLowerCase(), row);
      continue;
    }
    names ??= namesOf(header, row.length);
    if (row.length !== names.length + 1)
      throw uneven(row.length, names.length + 1, file, info.lines);
    for (let column = 1; column < row.length; column += 1) {
      const cell = (row[column] ?? "").trim();
      const points = gatherer.of(names[column - 1] ?? nameOf(header, column), file);
      points.timesMs.push(at);
      points.values.push(
        cell === ""
          ? Number.NaN
          : requireNumber(cell, file, `:${info.lines}, column ${column + 1}`),
      );
      const period = Number(header.get("period")?.[column]);
      points.periodSec = period > 0 && period <= longestPeriod ? period : undefined;
    }
  }
  findings.push({
    severity: "note",
    what: "the console does not say its time zone: read as UTC",
    at: file,
  });
  return gatherer.finish(file);
}

/** A day is the longest period that CloudWatch has. */
const longestPeriod = 86_400;

function rowsOf(text: string, file: string) {
  try {
    return parse(text, syntaxFor(",")) as unknown as readonly {
      record: string[];
      info: { lines: number };
    }[];
  } catch (cause) {
    throw damagedTable(file, cause);
  }
}

function uneven(cells: number, expected: number, file: string, line: number): TwinError {
  return new TwinError({
    code: "table.uneven",
    problem: `A row has ${cells} cells instead of ${expected}`,
    remedy: "Fetch the file again: it seems cut short; nothing was imported",
    at: `${file}:${line}`,
  });
}

/** Columns with one name are series of their own. */
function namesOf(header: ReadonlyMap<string, readonly string[]>, width: number) {
  const names = Array.from({ length: width - 1 }, (_, i) => nameOf(header, i + 1));
  const isRepeated = (id: string) => names.filter((each) => each.id === id).length > 1;
  return names.map((each, i) =>
    isRepeated(each.id) ? { ...each, id: `${each.id} (column ${i + 2})` } : each,
  );
}

function noTime(cell: string, file: string, line: number): TwinError {
  return new TwinError({
    code: "import.bad-time",
    problem: `"${cell.slice(0, 40)}" is not a time, among rows that begin with one`,
    remedy: "Mend or delete the row; nothing was imported",
    at: `${file}:${line}`,
  });
}

function nameOf(header: ReadonlyMap<string, readonly string[]>, column: number) {
  const cell = (name: string) => header.get(name)?.[column]?.trim() ?? "";
  const metric =
    cell("metric name") || cell("label") || cell("full label") || `column ${column + 1}`;
  const stat = cell("statistic");
  return {
    id: cell("id") || cell("full label") || metric,
    component: cell("dimensions"),
    metric,
    stat,
    unit: cell("unit"),
    missingMeans: missingMeansOf(metric, stat),
  };
}

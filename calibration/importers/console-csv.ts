/**
 * CSV as the CloudWatch console saves it: rows of names first (label, statistic, period), then a row a time with one
 * cell a metric. Told by shape, since files differ.
 */
import { parse } from "csv-parse/sync";
import type { Finding } from "../fit-report.ts";
import type { Series } from "../series/series.ts";
import { parseTime } from "../tables/parse-time.ts";
import { missingMeansOf } from "./cloudwatch-metrics.ts";
import { PointGatherer } from "./imported.ts";

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
  const rows = parse(text, {
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }) as string[][];
  const header = new Map<string, readonly string[]>();
  const gatherer = new PointGatherer();
  for (const row of rows) {
    const first = row[0]?.trim() ?? "";
    const at = parseTime(first);
    if (Number.isNaN(at)) {
      header.set(first.toLowerCase(), row);
      continue;
    }
    for (let column = 1; column < row.length; column += 1) {
      const cell = (row[column] ?? "").trim();
      const value = cell === "" ? Number.NaN : Number(cell);
      const points = gatherer.of(nameOf(header, column), file);
      points.timesMs.push(at);
      points.values.push(value);
      const period = Number(header.get("period")?.[column]);
      points.periodSec = period > 0 ? period : undefined;
    }
  }
  findings.push({
    severity: "note",
    what: "the console does not say its time zone: read as UTC",
    at: file,
  });
  return gatherer.finish(file);
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

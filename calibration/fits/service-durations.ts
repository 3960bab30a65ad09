/** Durations for `fit service`, from an access log or a table of any size. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Estimate } from "../estimate.ts";
import type { Finding } from "../fit-report.ts";
import { noteDamage, readAccessLog } from "../importers/access-log.ts";
import { timeColumn } from "../series/table-series.ts";
import {
  type Column,
  columnAt,
  findColumn,
  isMissing,
  isNumeric,
  namedColumn,
  numbersOf,
  plainName,
  secondsPerUnitOf,
  styleOf,
} from "../tables/columns.ts";
import { number } from "../tables/format.ts";
import { numberOf } from "../tables/number-style.ts";
import { isoTime, parseTime } from "../tables/parse-time.ts";
import type { Table } from "../tables/read-table.ts";
import { headTable, streamRows } from "../tables/stream-table.ts";

/** Which durations are asked for. */
interface DurationInputs {
  readonly file: string;
  /** Name of their column; looked for when left out. */
  readonly value?: string;
}

/** Durations in the order of time. */
export interface Durations {
  readonly values: Float64Array;
  readonly unit: string;
  readonly period: Estimate["period"];
}

/** Durations kept of a long file, since more would change no answer. */
const keptMax = 200_000;

/** As many of a long series as matter, evenly over it: the first and every n-th after it, `every` being n. */
class EvenSample<Item> {
  kept: Item[] = [];
  every = 1;
  seen = 0;

  add(item: Item): void {
    if (this.seen % this.every === 0) this.kept.push(item);
    this.seen += 1;
    if (this.kept.length <= keptMax) return;
    this.kept = this.kept.filter((_, i) => i % 2 === 0);
    this.every *= 2;
  }
}

/** Time that targets took, from an access log: what was not served, and WebSocket connections, are left out. */
export async function targetTimes(file: string, findings: Finding[]): Promise<Durations> {
  const damaged = { count: 0, firstLine: 0 };
  const sample = new EvenSample<{ readonly atMs: number; readonly seconds: number }>();
  let left = 0;
  for await (const entries of readAccessLog(file, damaged)) {
    for (const { type, startMs, targetSeconds } of entries) {
      if (targetSeconds < 0 || type === "ws" || type === "wss") {
        left += 1;
        continue;
      }
      sample.add({ atMs: startMs, seconds: targetSeconds });
    }
  }
  noteDamage(damaged, file, findings);
  if (left > 0)
    findings.push({
      severity: "rejected",
      what: `${left} requests that no target served, or WebSocket connections: they have no service time`,
      at: file,
    });
  const { kept, every, seen } = sample;
  if (every > 1)
    findings.push({
      severity: "note",
      what: `one request of ${every} was kept of ${number(seen, 12)}`,
      at: file,
    });
  if (kept.length < 10) throw tooFew(kept.length, "target_processing_time", file);
  kept.sort((a, b) => a.atMs - b.atMs);
  return {
    values: Float64Array.from(kept, (each) => each.seconds),
    unit: "s",
    period: { from: isoTime(kept[0]!.atMs), to: isoTime(kept.at(-1)!.atMs) },
  };
}

/** Durations of a table of any size: as many as matter are kept, evenly over the file. */
export async function streamedDurations(
  inputs: DurationInputs,
  findings: Finding[],
): Promise<Durations> {
  const head = await headTable(inputs.file);
  const time = timeColumn(head);
  const column =
    inputs.value === undefined
      ? durationColumn(head, time)
      : namedColumn(head, inputs.value, "--value");
  const style = styleOf(head, column);
  const sample = new EvenSample<{ readonly atMs: number; readonly value: number }>();
  let left = 0;
  for await (const { cells, line } of streamRows(inputs.file, head)) {
    const value = isMissing(cells[column.index]!) ? -1 : numberOf(cells[column.index]!, style);
    if (Number.isNaN(value)) throw notANumber(cells[column.index]!, column.name, inputs.file, line);
    if (value < 0) {
      left += 1;
      continue;
    }
    const atMs = time === undefined ? sample.seen : parseTime(cells[time.index]!);
    sample.add({ atMs, value });
  }
  const { kept, every, seen } = sample;
  if (left > 0)
    findings.push({
      severity: "rejected",
      what: `${left} rows without a duration of 0 or more in ${column.name}`,
      at: inputs.file,
    });
  findings.push({
    severity: "note",
    what: `a large file, read as a stream: one duration of ${every} was kept of ${number(seen, 12)}`,
    at: inputs.file,
  });
  if (kept.length < 10) throw tooFew(kept.length, column.name, inputs.file);
  if (time !== undefined) kept.sort((a, b) => a.atMs - b.atMs);
  return {
    values: Float64Array.from(kept, (each) => each.value),
    unit: unitOf(column.name),
    period:
      time === undefined ? null : { from: isoTime(kept[0]!.atMs), to: isoTime(kept.at(-1)!.atMs) },
  };
}

/** Durations of a table that is read whole. */
export function durationsOf(table: Table, inputs: DurationInputs, findings: Finding[]): Durations {
  const time = timeColumn(table);
  const column =
    inputs.value === undefined
      ? durationColumn(table, time)
      : namedColumn(table, inputs.value, "--value");
  const raw = numbersOf(table, column);
  const rows = Array.from(raw, (_, row) => row).filter((row) => raw[row]! >= 0);
  const negative = raw.filter((each) => each < 0).length;
  if (negative > 0) {
    findings.push({
      severity: "rejected",
      what: `${negative} negative durations: -1 marks requests that were not served, never a time of 0`,
      at: table.file,
    });
  }
  const empty = table.rowCount - rows.length - negative;
  if (empty > 0)
    findings.push({
      severity: "rejected",
      what: `${empty} rows without a value in ${column.name}`,
      at: table.file,
    });
  if (rows.length < 10) {
    throw tooFew(rows.length, column.name, table.file);
  }
  const stamps = time === undefined ? undefined : time.cells.map(parseTime);
  if (stamps !== undefined) rows.sort((a, b) => stamps[a]! - stamps[b]! || a - b);
  const known = stamps?.filter((each) => !Number.isNaN(each)) ?? [];
  return {
    values: Float64Array.from(rows, (row) => raw[row]!),
    unit: unitOf(column.name),
    period:
      known.length > 0
        ? {
            from: isoTime(known.reduce((a, b) => Math.min(a, b))),
            to: isoTime(known.reduce((a, b) => Math.max(a, b))),
          }
        : null,
  };
}

function durationColumn(table: Table, time: Column | undefined): Column {
  const named = findColumn(table, {
    what: "a duration",
    names: [
      /^(duration|service_?time|response_?time|latency|elapsed)(_(s|ms|us|ns|sec|seconds|micros|millis))?$/,
      /(duration|service_?time|response_?time|latency|elapsed|processing_time)/,
    ],
  });
  if (named !== undefined && isNumeric(named)) return named;
  const numeric = table.headers
    .map((_, i) => columnAt(table, i))
    .filter((each) => each.index !== time?.index && isNumeric(each));
  const only =
    numeric.find((each) => /^values?$/.test(plainName(each.name))) ??
    (numeric.length === 1 ? numeric[0] : undefined);
  if (only !== undefined) return only;
  throw new TwinError({
    code: "table.column-missing",
    problem: `No column looks like a duration; the file has ${table.headers.join(", ")}`,
    remedy: "Name it with --value COLUMN",
    at: `${table.file}:1`,
  });
}

/** Unit that a header names, or the header itself. */
export function unitOf(header: string): string {
  const seconds = secondsPerUnitOf(header);
  const names: Readonly<Record<string, string>> = {
    "1e-9": "ns",
    "0.000001": "us",
    "0.001": "ms",
    "1": "s",
    "60": "min",
    "3600": "h",
  };
  return seconds === undefined ? header : (names[String(seconds)] ?? header);
}

function notANumber(cell: string, column: string, file: string, line: number): TwinError {
  return new TwinError({
    code: "table.not-a-number",
    problem: `"${cell}" in column ${column} is not a number`,
    remedy: "Give a plain number, or leave the cell empty where nothing was measured",
    at: `${file}:${line}`,
  });
}

function tooFew(count: number, column: string, file: string): TwinError {
  return new TwinError({
    code: "fit.service-too-few",
    problem: `${count} durations of 0 or more in column ${column} are too few for a distribution`,
    remedy: "Give at least 10, better 200; or name another column with --value COLUMN",
    at: file,
  });
}

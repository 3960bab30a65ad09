/** Finding the column that plays a part, whatever its export called it, and reading its numbers with their unit. */
import { type Mistake, MistakeList, TwinError } from "../../sim/errors/twin-error.ts";
import { looksLikeNumber, type NumberStyle, numberOf, numberStyleOf } from "./number-style.ts";
import { isAmbiguousDate, parseTime } from "./parse-time.ts";
import type { Table } from "./read-table.ts";

/** What a column is for: the names it goes by, best first, and the option that names it otherwise. */
export interface ColumnRole {
  readonly what: string;
  readonly names: readonly RegExp[];
  readonly option?: string;
}

export interface Column {
  readonly name: string;
  readonly index: number;
  readonly cells: readonly string[];
}

/** A header in lower case, words parted by one underscore, without its unit in brackets. */
export function plainName(header: string): string {
  return header
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[([].*?[)\]]/g, " ")
    .toLowerCase()
    .replaceAll(/[^a-z0-9%]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}

export function findColumn(table: Table, role: ColumnRole): Column | undefined {
  const plain = table.headers.map(plainName);
  for (const name of role.names) {
    const index = plain.findIndex((each) => name.test(each));
    if (index >= 0) return columnAt(table, index);
  }
  return undefined;
}

export function columnAt(table: Table, index: number): Column {
  return { name: table.headers[index]!, index, cells: table.columns[index]! };
}

/** The column that plays a part; throws `table.column-missing` with the headers there are. */
export function requireColumn(table: Table, role: ColumnRole): Column {
  const found = findColumn(table, role);
  if (found !== undefined) return found;
  const option = role.option === undefined ? "" : `, or name the column with ${role.option}`;
  throw new TwinError({
    code: "table.column-missing",
    problem: `No column looks like ${role.what}; the file has ${table.headers.join(", ")}`,
    remedy: `Rename the column in the header${option}`,
    at: `${table.file}:1`,
  });
}

/** The column of this name as the user gave it; throws `table.column-unknown`. */
export function namedColumn(table: Table, name: string, option: string): Column {
  const plain = plainName(name);
  const exact = table.headers.indexOf(name);
  const index = exact >= 0 ? exact : table.headers.findIndex((each) => plainName(each) === plain);
  if (index >= 0) return columnAt(table, index);
  throw new TwinError({
    code: "table.column-unknown",
    problem: `The file has no column "${name}"; it has ${table.headers.join(", ")}`,
    remedy: `Give ${option} one of these names`,
    at: `${table.file}:1`,
  });
}

const missing = /^(nan|null|none|na|n\/a|#n\/a|n\.a\.|nil|-|--|\?|undefined)?$/i;

export function isMissing(cell: string): boolean {
  return missing.test(cell);
}

/** Beyond what anything here is counted in: nanoseconds since 1970 are below 1e19, bytes too. */
const sensibleMax = 1e24;

/** Numbers of a column, NaN where the cell is empty or says that it has none; every other cell is a mistake. */
export function numbersOf(table: Table, column: Column): Float64Array {
  const style = styleOf(table, column);
  const mistakes = new MistakeList();
  const values = new Float64Array(table.rowCount);
  for (let row = 0; row < table.rowCount; row += 1) {
    const cell = column.cells[row]!;
    values[row] = isMissing(cell) ? Number.NaN : numberOf(cell, style);
    if ((Number.isNaN(values[row]!) && !isMissing(cell)) || Math.abs(values[row]!) > sensibleMax) {
      mistakes.add(notANumber(table, column, row));
    }
  }
  mistakes.throwIfAny(table.file);
  return values;
}

/** How the column writes its numbers; throws `table.number-unclear` where `9.400` may be nine or nine thousand. */
export function styleOf(table: Table, column: Column): NumberStyle {
  const style = numberStyleOf(column.cells, table.delimiter);
  if (!("unclear" in style)) return style;
  const line = table.lines[column.cells.findIndex((cell) => cell.includes(style.unclear))];
  throw new TwinError({
    code: "table.number-unclear",
    problem: `"${style.unclear}" in column ${column.name} may be ${style.unclear.replace(",", ".")} or ${style.unclear.replaceAll(/[.,]/g, "")}: no cell of the column tells which`,
    remedy: "Export plain numbers, without a mark between thousands",
    at: `${table.file}:${line}`,
  });
}

function notANumber(table: Table, column: Column, row: number): Mistake {
  return {
    code: "table.not-a-number",
    problem: `"${column.cells[row]}" in column ${column.name} is not a number${Math.abs(Number(column.cells[row])) > sensibleMax ? " that anything measures" : ""}`,
    remedy: "Give a plain number, or leave the cell empty where nothing was measured",
    at: `${table.file}:${table.lines[row]}`,
  };
}

/** Milliseconds since 1970 of a column of times; every cell that is none is a mistake. */
export function timesOf(table: Table, column: Column): Float64Array {
  const mistakes = new MistakeList();
  const values = new Float64Array(table.rowCount);
  for (let row = 0; row < table.rowCount; row += 1) {
    values[row] = parseTime(column.cells[row]!);
    if (Number.isNaN(values[row]!)) {
      mistakes.add(notATime(column.cells[row]!, column.name, `${table.file}:${table.lines[row]}`));
    }
  }
  mistakes.throwIfAny(table.file);
  return values;
}

export function notATime(cell: string, column: string, at: string): Mistake {
  return {
    code: "table.not-a-time",
    problem: isAmbiguousDate(cell)
      ? `"${cell}" in column ${column} does not say which of its numbers is the month`
      : `"${cell}" in column ${column} is not a time`,
    remedy: "Give ISO 8601 (2026-03-02T14:30:00Z) or Unix seconds",
    at,
  };
}

/** Whether most cells that are not missing are numbers; the others are then mistakes, and told when it is read. */
export function isNumeric(column: Column): boolean {
  let numeric = 0;
  let words = 0;
  for (const cell of column.cells) {
    if (isMissing(cell)) continue;
    if (!looksLikeNumber(cell)) words += 1;
    else numeric += 1;
  }
  return numeric > 0 && numeric >= words;
}

const secondsPerUnit: readonly (readonly [RegExp, number])[] = [
  [/^(ns|nanoseconds?)$/, 1e-9],
  [/^(us|µs|microseconds?)$/, 1e-6],
  [/^(ms|msecs?|millis|milliseconds?)$/, 1e-3],
  [/^(s|secs?|seconds?)$/, 1],
  [/^(m|mins?|minutes?)$/, 60],
  [/^(h|hours?)$/, 3600],
];

/** Seconds in one unit of a duration column, by its header's ending (`latency_ms`, `Duration(us)`); undefined if unsaid. */
export function secondsPerUnitOf(header: string): number | undefined {
  const bracket = /[([]\s*([^)\]]+?)\s*[)\]]/.exec(header)?.[1];
  const ending = header
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .split(/[_\s.]+/)
    .at(-1);
  for (const word of [bracket, ending]) {
    const plain = (word ?? "").toLowerCase();
    const unit = secondsPerUnit.find(([name]) => name.test(plain));
    if (unit !== undefined) return unit[1];
  }
  return undefined;
}

/** Series out of plain CSV: one column of times and one or more of values. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import {
  type Column,
  columnAt,
  findColumn,
  isNumeric,
  namedColumn,
  numbersOf,
  plainName,
  timesOf,
} from "../tables/columns.ts";
import { parseTime } from "../tables/parse-time.ts";
import type { Table } from "../tables/read-table.ts";
import { createSeries, type Series } from "./series.ts";

/** The column of times: by name, else the first whose cells all read as times. Undefined when there is none. */
export function timeColumn(table: Table): Column | undefined {
  const named = findColumn(table, {
    what: "a time",
    names: [
      /^(time_?stamps?|date_?time|time|date|ts|datetime|start_?time|period_start|t)(_(s|ms|us|ns|utc|sec|epoch|unix))?$/,
      /time_?stamp/,
      /^start/,
    ],
  });
  if (named !== undefined && holdsTimes(named)) return named;
  const index = table.headers.findIndex((_, i) => holdsTimes(columnAt(table, i)));
  return index < 0 ? named : columnAt(table, index);
}

function holdsTimes(column: Column): boolean {
  const step = Math.max(1, Math.floor(column.cells.length / 50));
  for (let row = 0; row < column.cells.length; row += step) {
    if (Number.isNaN(parseTime(column.cells[row]!))) return false;
  }
  return true;
}

export function requireTimeColumn(table: Table): Column {
  const found = timeColumn(table);
  if (found !== undefined) return found;
  throw new TwinError({
    code: "table.time-missing",
    problem: `No column holds times; the file has ${table.headers.join(", ")}`,
    remedy: "Add a column called timestamp with ISO 8601 or Unix seconds",
    at: `${table.file}:1`,
  });
}

/**
 * One series from a table. The value is the named column, else the only numeric one, else the only one called as is likely,
 * else one called value.
 */
export function tableSeries(
  table: Table,
  valueName: string | undefined,
  likely: readonly RegExp[] = [],
): Series {
  const time = requireTimeColumn(table);
  const value = valueColumn(table, time, valueName, likely);
  const timesMs = timesOf(table, time);
  refuseSeveral(table, time, timesMs);
  return createSeries(
    {
      id: value.name,
      component: "",
      metric: value.name,
      stat: "",
      unit: "",
      missingMeans: "unknown",
    },
    { timesMs, values: numbersOf(table, value), lines: table.lines },
    table.file,
  );
}

/** Rows of several hosts under one another are several series, and the last one of each time is none of them. */
function refuseSeveral(table: Table, time: Column, timesMs: Float64Array): void {
  if (new Set(timesMs).size * 1.5 > timesMs.length) return;
  const naming = table.headers
    .map((_, index) => columnAt(table, index))
    .find((column) => {
      if (column.index === time.index || isNumeric(column)) return false;
      if (new Set(column.cells).size * 4 > timesMs.length) return false;
      const pairs = new Set(column.cells.map((cell, row) => `${timesMs[row]} ${cell}`));
      return pairs.size === timesMs.length;
    });
  if (naming === undefined) return;
  const names = [...new Set(naming.cells)];
  throw new TwinError({
    code: "table.rows-of-several",
    problem: `Rows share their times, and column ${naming.name} tells ${names.length} series apart: ${names.slice(0, 4).join(", ")}${names.length > 4 ? ", ..." : ""}`,
    remedy: "Give the rows of one of them as a file, or add up those of each time",
    at: `${table.file}:1`,
  });
}

/** Every numeric column of a table as a series of its own. */
export function seriesOfTable(table: Table): readonly Series[] {
  const time = requireTimeColumn(table);
  const numeric = table.headers
    .map((_, index) => columnAt(table, index))
    .filter((column) => column.index !== time.index && isNumeric(column));
  if (numeric.length === 0) return [tableSeries(table, undefined)];
  return numeric.map((column) => tableSeries(table, column.name));
}

/** The one column that a name fits; two of one name leave it open. */
function onlyLikely(columns: readonly Column[], likely: readonly RegExp[]): Column | undefined {
  for (const name of likely) {
    const found = columns.filter((column) => name.test(plainName(column.name)));
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  return undefined;
}

export function valueColumn(
  table: Table,
  time: Column | undefined,
  name: string | undefined,
  likely: readonly RegExp[] = [],
): Column {
  if (name !== undefined) return namedColumn(table, name, "--value");
  const numeric = table.headers
    .map((_, index) => columnAt(table, index))
    .filter((column) => column.index !== time?.index && isNumeric(column));
  const called = findColumn(table, {
    what: "a value",
    names: [/^values?$/, /^count$/, /^(mean|average|sum)$/],
  });
  const only =
    numeric.length === 1
      ? numeric[0]
      : (onlyLikely(numeric, likely) ?? numeric.find((each) => each.index === called?.index));
  if (only !== undefined) return only;
  throw new TwinError({
    code: "table.value-unclear",
    problem:
      numeric.length === 0
        ? `No column beside the time holds numbers; the file has ${table.headers.join(", ")}`
        : `Several columns hold numbers: ${numeric.map((each) => each.name).join(", ")}`,
    remedy: "Say which one with --value COLUMN",
    at: `${table.file}:1`,
  });
}

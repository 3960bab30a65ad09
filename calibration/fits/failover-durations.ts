/** How long failovers took: a column of durations, or their starts and ends, whatever the file calls them. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import {
  type Column,
  columnAt,
  findColumn,
  isNumeric,
  numbersOf,
  plainName,
  secondsPerUnitOf,
} from "../tables/columns.ts";
import { parseTime } from "../tables/parse-time.ts";
import type { Table } from "../tables/read-table.ts";

/** What a column of durations is called, best first; last, anything that says a unit of time. */
const durationNames = [
  /duration|failover|downtime|outage|elapsed|total/,
  /switchover|unavailab|recover|restor|promotion|^rto/,
  /./,
];
const startName =
  /^(start|begin|began|from|down|fail|kill|crash)|_(start|started|begin|began|down|failed|from)(_|$)/;
const endName =
  /^(end|finish|complet|done|until|up(_|$)|back|recovered|restored|to$)|_(end|ended|finished|completed|done|up|recovered|restored|until)(_|$)/;
/** What was set, not what was measured. */
const settingName = /grace|interval|delay|time_?out|threshold|count/;

/** Seconds of every failover. Throws `fit.failover-no-times` when no column holds them. */
export function durationsOf(table: Table): readonly number[] {
  const duration = durationColumn(table);
  if (duration !== undefined) {
    const scale = secondsPerUnitOf(duration.name) ?? 1;
    const values = [...numbersOf(table, duration)]
      .filter((each) => each > 0)
      .map((each) => each * scale);
    if (values.length > 0) return values;
  }
  const start = findColumn(table, { what: "a start", names: [startName] });
  const end = findColumn(table, { what: "an end", names: [endName] });
  if (start === undefined || end === undefined) throw noDurations(table);
  const day = 86_400_000;
  // Times of day say nothing of the day: an end before its start is past midnight.
  const values = start.cells
    .map((cell, row) => parseTime(end.cells[row]!) - parseTime(cell))
    .map((ms) => (ms < 0 && ms > -day ? ms + day : ms))
    .filter((each) => each > 0)
    .map((each) => each / 1000);
  if (values.length === 0) throw noDurations(table);
  return values;
}

/** Of the best name, one that says its unit first; never one that counts the runs or dates them. */
function durationColumn(table: Table): Column | undefined {
  const columns = table.headers
    .map((_, index) => columnAt(table, index))
    .filter((column) => isNumeric(column) && !countsRuns(column) && !holdsStamps(column));
  const saysUnit = ({ name }: Column) => secondsPerUnitOf(name) !== undefined;
  for (const name of durationNames) {
    const called = columns.filter(
      (column) => name.test(plainName(column.name)) && !isSetting(column, name),
    );
    const found = called.find(saysUnit) ?? (name === durationNames.at(-1) ? undefined : called[0]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Under a name that says anything but a duration, a time-out is a setting. */
function isSetting({ name }: Column, wanted: RegExp): boolean {
  return wanted === durationNames.at(-1) && settingName.test(plainName(name));
}

/** 1, 2, 3, ... or 0, 1, 2, ...: the number of the run. */
function countsRuns({ name, cells }: Column): boolean {
  const first = Number(cells[0]);
  const isCount =
    (first === 0 || first === 1) && cells.every((cell, i) => Number(cell) === first + i);
  return isCount && cells.length > 1 && secondsPerUnitOf(name) === undefined;
}

/** Unix stamps: no failover takes three years. */
function holdsStamps({ cells }: Column): boolean {
  return cells.every((cell) => Number(cell) > 1e8);
}

export function noDurations(table: Table): TwinError {
  return new TwinError({
    code: "fit.failover-no-times",
    problem: `No column holds detection times or failover durations; the file has ${table.headers.join(", ")}`,
    remedy:
      "Give detection times with their configuration (grace, interval, count or timeout, delay), a column duration_s, or columns start and end",
    at: `${table.file}:1`,
  });
}

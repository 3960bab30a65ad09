/** Times that have not come yet: a wrong clock, or a stamp in another unit than it seems. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { isoTime, parseTime } from "./parse-time.ts";

/** Slack of the clock that stamped a file against the one that reads it. */
const futureSlackMs = 86_400_000;

/** The latest time that is believed. */
export function futureLimitMs(): number {
  return Date.now() + futureSlackMs;
}

/** `series.future-dated`, with the place of the first. */
export function futureDated(count: number, of: number, firstMs: number, at: string): TwinError {
  return new TwinError({
    code: "series.future-dated",
    problem: `${count} of ${of} points lie in the future, the first at ${isoTime(firstMs)}`,
    remedy:
      "The exporter's clock or the unit of its stamps is wrong: correct the times and import again",
    at,
  });
}

/** Names of columns that say when a row was; an expiry, say, may well lie ahead. */
const timeNames = /time|date|stamp|arriv|start|begin|^end|^(at|day|hour|minute|ts)$/i;

/** What is looked at of a table. */
interface DatedRows {
  readonly file: string;
  readonly headers: readonly string[];
  readonly columns: readonly (readonly string[])[];
  readonly lines: readonly number[];
  readonly rowCount: number;
}

/** Looks at columns of dates; plain numbers may be anything, and are judged where they are read as times. */
export function refuseFutureRows(table: DatedRows): void {
  const limit = futureLimitMs();
  for (const [index, cells] of table.columns.entries()) {
    const isDate = /^\d{4}[-/]\d/.test(cells[0] ?? "");
    if (!isDate || !(index === 0 || timeNames.test(table.headers[index]!))) continue;
    const late = cells.flatMap((cell, row) => (parseTime(cell) > limit ? [row] : []));
    const [first] = late;
    if (first !== undefined)
      throw futureDated(
        late.length,
        table.rowCount,
        parseTime(cells[first]!),
        `${table.file}:${table.lines[first]}`,
      );
  }
}

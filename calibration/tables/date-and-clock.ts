/** Tables that part the date from the time of day: both columns then hold the whole time. */
import { parseTime } from "./parse-time.ts";

const dateLike = /^(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})$/;
const clockLike = /^\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
/** A time of day by its name too: a duration can look like one. */
const clockName =
  /^(clock|hour|hms|time[ _]of[ _]day|uhrzeit|zeit|((utc|gmt|local|start|event)[ _])?time([ _]\(?(utc|gmt|local)\)?)?)$/i;

/** The columns that hold dates and times of day, when there is just one of each. */
export interface DateAndClock {
  readonly date: number;
  readonly clock: number;
}

/** `columns` may be the first rows of a longer table. */
export function dateAndClockOf(
  headers: readonly string[],
  columns: readonly (readonly string[])[],
): DateAndClock | undefined {
  const thatAre = (form: RegExp) =>
    columns.flatMap((cells, index) => (cells.every((cell) => form.test(cell)) ? [index] : []));
  const dates = thatAre(dateLike);
  const clocks = thatAre(clockLike).filter((index) => clockName.test(headers[index]!.trim()));
  const [date] = dates;
  const [clock] = clocks;
  const isOnly = dates.length === 1 && clocks.length === 1 && date !== clock;
  return isOnly ? { date: date!, clock: clock! } : undefined;
}

/** `2026-03-02` and `14:30:00` as one time; a cell that is no time is left for its reader to refuse. */
export function joinedTime(date: string, clock: string): string {
  const whole = `${date} ${clock}`;
  return Number.isNaN(parseTime(whole)) ? date : whole;
}

/** Tables of text with named columns, and where each row stands in its file. */
import { parse } from "csv-parse/sync";
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readWholeText } from "../files/read-text.ts";
import { type DateAndClock, dateAndClockOf, joinedTime } from "./date-and-clock.ts";
import { refuseFutureRows } from "./future.ts";
import { parseTime } from "./parse-time.ts";
import { damagedTable, separatorLine, syntaxFor, withoutEmptyTail } from "./table-syntax.ts";
import { isUnitRow, withUnits } from "./unit-row.ts";

export interface Table {
  readonly file: string;
  readonly headers: readonly string[];
  /** Cells by column, then row; missing cells are empty text. */
  readonly columns: readonly (readonly string[])[];
  /** Line of each row in the file, from 1. */
  readonly lines: readonly number[];
  readonly rowCount: number;
  /** Columns that were parted into date and time of day, and hold the whole time here. */
  readonly dateAndClock: DateAndClock | undefined;
  readonly delimiter: string;
  /** Rows before the first one of values: names, and maybe units. */
  readonly headerRows: number;
  /** Line on which the table begins; 2 after a line that says the delimiter. */
  readonly fromLine: number;
}

export async function readTable(path: string): Promise<Table> {
  return parseTable(await readWholeText(path), path);
}

/**
 * A CSV text: comma, semicolon, tab or bar, quoted or not, with a header or without (then columns are called
 * `column 1` and so on). Throws `table.damaged`, `table.empty` `table.uneven`, `table.column-twice`, `table.header-twice`,
 * `table.web-page` or `series.future-dated`.
 */
export function parseTable(text: string, file: string): Table {
  const separator = separatorLine.exec(text)?.[1];
  const fromLine = separator === undefined ? 1 : 2;
  const delimiter = separator ?? delimiterOf(text);
  if (/^\s*<(!doctype|html|\?xml)/i.test(text.slice(0, 200))) throw webPage(file);
  const records = parseRecords(text, file, delimiter, fromLine);
  const [first, second, third] = records;
  if (first === undefined) throw emptyTable(file);
  const hasHeader = !first.record.some(isValue);
  const names = hasHeader
    ? first.record.map((name) => name.trim())
    : first.record.map((_, i) => `column ${i + 1}`);
  const hasUnits =
    hasHeader &&
    second !== undefined &&
    third?.record.some(isValue) === true &&
    isUnitRow(second.record, names.length);
  const headers = hasUnits ? withUnits(names, second.record) : names;
  const headerRows = hasUnits ? 2 : hasHeader ? 1 : 0;
  const body = records.slice(headerRows).map(({ record, line }) => ({
    record: withoutEmptyTail(record, headers.length),
    line,
  }));
  if (body.length === 0) throw emptyTable(file);
  refuseUneven(body, headers.length, file);
  refuseTwins(headers, `${file}:${first.line}`);
  if (hasHeader) refuseSecondHeader(body, headers, file);
  const cells = headers.map((_, column) => body.map(({ record }) => (record[column] ?? "").trim()));
  const dateAndClock = dateAndClockOf(headers, cells);
  const table = {
    file,
    headers,
    columns: dateAndClock === undefined ? cells : withWholeTimes(cells, dateAndClock),
    dateAndClock,
    lines: body.map(({ line }) => line),
    rowCount: body.length,
    delimiter,
    headerRows,
    fromLine,
  };
  refuseFutureRows(table);
  return table;
}

function withWholeTimes(
  cells: readonly (readonly string[])[],
  { date, clock }: DateAndClock,
): readonly (readonly string[])[] {
  const whole = cells[date]!.map((cell, row) => joinedTime(cell, cells[clock]![row]!));
  return cells.map((column, index) => (index === date || index === clock ? whole : column));
}

/** Which of two columns of one name is meant cannot be known. */
function refuseTwins(headers: readonly string[], at: string): void {
  const twin = headers.find((name, i) => name !== "" && headers.indexOf(name) !== i);
  if (twin === undefined) return;
  throw new TwinError({
    code: "table.column-twice",
    problem: `Several columns are called ${twin}`,
    remedy: "Give each column a name of its own in the header",
    at,
  });
}

function refuseSecondHeader(
  body: readonly TextRecord[],
  headers: readonly string[],
  file: string,
): void {
  const second = body.find(({ record }) => record.every((cell, i) => cell.trim() === headers[i]));
  if (second === undefined) return;
  throw new TwinError({
    code: "table.header-twice",
    problem: "The header stands again among the rows: two exports seem to be in one file",
    remedy:
      "Give each export as a file of its own, or delete the second header and rows that repeat",
    at: `${file}:${second.line}`,
  });
}

function webPage(file: string): TwinError {
  return new TwinError({
    code: "table.web-page",
    problem: "The file is a web page or XML, not a table",
    remedy: "Fetch it again: a download without a session often gives the page to sign in at",
    at: file,
  });
}

interface TextRecord {
  readonly record: readonly string[];
  readonly line: number;
}

function parseRecords(
  text: string,
  file: string,
  delimiter: string,
  fromLine: number,
): readonly TextRecord[] {
  try {
    const parsed = parse(text, {
      ...syntaxFor(delimiter),
      from_line: fromLine,
    }) as unknown as readonly { record: string[]; info: { lines: number } }[];
    return parsed.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (cause) {
    throw damagedTable(file, cause);
  }
}

/** The last line of a file that was cut short has too few cells; so has one with a delimiter too few. */
function refuseUneven(body: readonly TextRecord[], width: number, file: string): void {
  const uneven = body.filter(({ record }) => record.length !== width);
  const [first] = uneven;
  if (first === undefined) return;
  const isLast = uneven.length === 1 && first === body.at(-1);
  throw new TwinError({
    code: "table.uneven",
    problem: isLast
      ? `The last row has ${first.record.length} cells instead of ${width}: the file seems cut short`
      : `${uneven.length} rows do not have ${width} cells; the first has ${first.record.length}`,
    remedy: isLast
      ? "Fetch the file again, or delete its last line"
      : "Give every row as many cells as the header; quote cells that hold the delimiter",
    at: `${file}:${first.line}`,
  });
}

function emptyTable(file: string): TwinError {
  return new TwinError({
    code: "table.empty",
    problem: "The table has no rows",
    remedy: "Export it again with a time range that holds data",
    at: file,
  });
}

/** The candidate that parts the first line with content into the most cells; blanks only where they part the next one alike. */
function delimiterOf(text: string): string {
  const [line = "", next = ""] = text
    .split("\n", 50)
    .filter((each) => each.trim() !== "" && !each.startsWith("#"))
    .map((each) => each.replaceAll(/"[^"]*"/g, "").trim());
  const counts = [",", ";", "\t", "|"].map((mark) => [mark, line.split(mark).length] as const);
  const best = counts.reduce((a, b) => (b[1] > a[1] ? b : a));
  if (best[1] > 1) return best[0];
  const isParted = (each: string) =>
    /^\S+(\s+\S+)+$/.test(each) && !Number.isFinite(parseTime(each));
  const width = (each: string) => each.split(/\s+/).length;
  return isParted(line) && (next === "" || width(next) === width(line)) ? " " : ",";
}

/** Whether a cell of the first row is data rather than a name. */
function isValue(cell: string): boolean {
  const text = cell.trim();
  return text !== "" && (Number.isFinite(Number(text)) || Number.isFinite(parseTime(text)));
}

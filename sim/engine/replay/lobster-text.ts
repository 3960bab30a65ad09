import { type LineMistake, LineMistakes, quote } from "./mistake.ts";
import { forEachLine, isHeader, NumberColumn, parseWhole } from "./text-lines.ts";

/** Types of LOBSTER messages. */
export const LobsterType = {
  newOrder: 1,
  partialCancel: 2,
  delete: 3,
  execution: 4,
  hiddenExecution: 5,
  cross: 6,
  trading: 7,
} as const;

/** A LOBSTER message file as columns, a header line left out. Prices in dollars x 10,000, sizes in shares. */
export interface LobsterMessages {
  readonly count: number;
  /** Whole microseconds after midnight. */
  readonly timeUs: Float64Array;
  readonly type: Float64Array;
  readonly id: Float64Array;
  readonly size: Float64Array;
  readonly price: Float64Array;
  /** `Side` of the order that the message names (for an execution: of the resting order). */
  readonly side: Float64Array;
}

const timePattern = /^(\d{1,6})(?:\.(\d{1,20}))?$/;

/** Microseconds of a time in seconds after midnight, cut, without binary fractions; NaN when it is no time. */
export function parseSecondsAsUs(field: string): number {
  const match = timePattern.exec(field);
  if (match === null) return Number.NaN;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? "").padEnd(6, "0").slice(0, 6));
}

/** Reads a LOBSTER message file. With any mistake, nothing of it should be used. */
export function parseLobsterMessages(text: string): {
  readonly messages: LobsterMessages;
  readonly mistakes: readonly LineMistake[];
} {
  const mistakes = new LineMistakes();
  const columns = [0, 1, 2, 3, 4, 5].map(() => new NumberColumn()) as [
    NumberColumn,
    NumberColumn,
    NumberColumn,
    NumberColumn,
    NumberColumn,
    NumberColumn,
  ];
  let lastUs = 0;
  forEachLine(text, (line, number) => {
    if (isHeader(line, number)) return;
    const row = parseMessage(line, number, lastUs, mistakes);
    if (row === undefined) return;
    // Of a row out of place only its two ends are mistakes, not every line after it.
    if (!Number.isNaN(row[0])) lastUs = row[0];
    for (let at = 0; at < 6; at++) columns[at]!.push(row[at]!);
  });
  if (columns[0].length === 0 && mistakes.count === 0) {
    mistakes.add("lobster.empty", 1, "The file holds no message", "Give a LOBSTER message file");
  }
  const [timeUs, type, id, size, price, side] = columns;
  return {
    messages: {
      count: timeUs.length,
      timeUs: timeUs.toArray(),
      type: type.toArray(),
      id: id.toArray(),
      size: size.toArray(),
      price: price.toArray(),
      side: side.toArray(),
    },
    mistakes: mistakes.list,
  };
}

type MessageRow = readonly [number, number, number, number, number, number];

/** A row with whatever could be read; with a mistake in it, it must not be used. */
function parseMessage(
  line: string,
  number: number,
  lastUs: number,
  mistakes: LineMistakes,
): MessageRow | undefined {
  const fields = fieldsOf(line);
  if (fields.length !== 6) {
    mistakes.add(
      "lobster.columns",
      number,
      `${quote(line)} has ${fields.length} columns instead of 6`,
      "Write time,type,order id,size,price,direction; a file that was cut must be fetched again",
    );
    return undefined;
  }
  const complain = (code: string, problem: string, remedy: string) =>
    mistakes.add(`lobster.${code}`, number, problem, remedy);
  const timeUs = parseSecondsAsUs(fields[0]!);
  if (Number.isNaN(timeUs)) {
    complain("time", `${quote(fields[0]!)} is no time`, "Write seconds after midnight");
  } else if (timeUs < lastUs) {
    complain("time-order", `${quote(fields[0]!)} is earlier than the line before`, "Sort by time");
  }
  const type = parseWhole(fields[1]);
  if (!(type >= 1 && type <= 7)) {
    complain("type", `${quote(fields[1]!)} is no message type`, "Write one of 1 to 7");
  }
  const isOrder = type >= 1 && type <= 4;
  // Crosses and halts name no order: 0 or -1 stands there.
  const id = parseWhole(fields[2]);
  if (!(isOrder ? id >= 0 : !Number.isNaN(id)))
    complain("id", `${quote(fields[2]!)} is no order id`, "Write a whole number");
  const size = parseWhole(fields[3]);
  if (!(isOrder ? size > 0 : size >= 0)) {
    complain("size", `${quote(fields[3]!)} is no size`, "Write a whole number of shares above 0");
  }
  const price = parseWhole(fields[4]);
  if (!(isOrder ? price > 0 : !Number.isNaN(price))) {
    complain(
      "price",
      `${quote(fields[4]!)} is no price`,
      "Write dollars x 10,000 as a whole number",
    );
  }
  const direction = parseWhole(fields[5]);
  if (!(direction === 1 || direction === -1 || (!isOrder && direction === 0))) {
    complain("direction", `${quote(fields[5]!)} is no direction`, "Write 1 for buy or -1 for sell");
  }
  return [timeUs, type, id, size, price, direction === 1 ? 0 : 1];
}

/** The fields of a line, without blanks around them. */
function fieldsOf(line: string): string[] {
  const fields = line.split(",");
  return line.includes(" ") ? fields.map((field) => field.trim()) : fields;
}

/** An empty level's price in an orderbook file. */
const emptyAsk = 9_999_999_999;
const emptyBid = -9_999_999_999;

/** A LOBSTER orderbook file: row i is the book after message i. */
export interface LobsterBooks {
  readonly count: number;
  readonly levelCount: number;
  /** Line of the first row: 2 below a header. */
  readonly firstLine: number;
  /** Row-major: ask price, ask size, bid price, bid size for each level; NaN price and size 0 where a level is empty. */
  readonly cells: Float64Array;
}

/** Reads a LOBSTER orderbook file of any number of levels. */
export function parseLobsterBooks(text: string): {
  readonly books: LobsterBooks;
  readonly mistakes: readonly LineMistake[];
} {
  const mistakes = new LineMistakes();
  const cells = new NumberColumn();
  let width = 0;
  let count = 0;
  let firstLine = 1;
  forEachLine(text, (line, number) => {
    if (isHeader(line, number)) {
      firstLine = 2;
      return;
    }
    const fields = fieldsOf(line);
    if (width === 0 && fields.length % 4 === 0) width = fields.length;
    if (fields.length !== width) {
      mistakes.add(
        "lobster.columns",
        number,
        `${quote(line)} has ${fields.length} columns instead of ${width || "a multiple of 4"}`,
        "Write ask price,ask size,bid price,bid size for each level; a file that was cut must be fetched again",
      );
      return;
    }
    count++;
    for (let at = 0; at < width; at++) pushCell(cells, fields[at]!, at, number, mistakes);
  });
  if (count === 0 && mistakes.count === 0) {
    mistakes.add("lobster.empty", 1, "The file holds no book", "Give a LOBSTER orderbook file");
  }
  return {
    books: { count, levelCount: width / 4, firstLine, cells: cells.toArray() },
    mistakes: mistakes.list,
  };
}

function pushCell(
  cells: NumberColumn,
  field: string,
  at: number,
  number: number,
  mistakes: LineMistakes,
): void {
  const value = parseWhole(field);
  if (Number.isNaN(value)) {
    mistakes.add(
      "lobster.cell",
      number,
      `column ${at + 1} ${quote(field)} is no whole number`,
      "Write prices as dollars x 10,000 and sizes in shares",
    );
  }
  const isPrice = at % 2 === 0;
  cells.push(isPrice && (value === emptyAsk || value === emptyBid) ? Number.NaN : value);
}

/** Tables too large to be held whole: rows come many at a time, and are forgotten. */

import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Parser, parse } from "csv-parse";
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readText } from "../files/read-text.ts";
import { headOf } from "../importers/sniff.ts";
import { type DateAndClock, joinedTime } from "./date-and-clock.ts";
import { parseTable, type Table } from "./read-table.ts";
import { damagedTable, syntaxFor, withoutEmptyTail } from "./table-syntax.ts";

/** Bytes on disk from which a file is streamed; packed ones unpack to about ten times as much. */
const largeBytes = { plain: 64 * 2 ** 20, packed: 8 * 2 ** 20 };

export async function isLargeTable(file: string): Promise<boolean> {
  const size = await stat(file).then(
    ({ size: bytes }) => bytes,
    () => 0,
  );
  return size > (file.endsWith(".gz") ? largeBytes.packed : largeBytes.plain);
}

/** The first rows as a table, by which columns are found. */
export async function headTable(file: string): Promise<Table> {
  const head = await headOf(file);
  return parseTable(head.slice(0, head.lastIndexOf("\n") + 1), file);
}

export interface StreamedRow {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Every row after the header. Throws `table.damaged` and `table.uneven` with the line. */
export async function* streamRows(file: string, head: Table): AsyncGenerator<StreamedRow> {
  const parser: Parser = parse({
    ...syntaxFor(head.delimiter),
    from_line: head.fromLine,
    // Rows come out in the order of the file; the header was read by `headTable`.
    from: head.headerRows + 1,
  });
  const source = Readable.from(readText(file));
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const each of parser) {
      const { record: whole, info } = each as { record: string[]; info: { lines: number } };
      const record = withoutEmptyTail(whole, head.headers.length);
      if (record.length !== head.headers.length)
        throw uneven(file, record.length, head, info.lines);
      yield { cells: withWholeTime(record, head.dateAndClock), line: info.lines };
    }
  } catch (cause) {
    if (cause instanceof TwinError) throw cause;
    throw damagedTable(file, cause);
  } finally {
    source.destroy();
  }
}

function withWholeTime(
  cells: readonly string[],
  columns: DateAndClock | undefined,
): readonly string[] {
  if (columns === undefined) return cells;
  const { date, clock } = columns;
  const whole = joinedTime(cells[date]!.trim(), cells[clock]!.trim());
  return cells.map((cell, index) => (index === date || index === clock ? whole : cell));
}

function uneven(file: string, count: number, head: Table, line: number): TwinError {
  return new TwinError({
    code: "table.uneven",
    problem: `A row has ${count} cells instead of ${head.headers.length}`,
    remedy: "Fetch the file again if this is its last line; quote cells that hold the delimiter",
    at: `${file}:${line}`,
  });
}

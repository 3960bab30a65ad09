/** How tables are written, for those read whole and those read row by row. */
import { TwinError } from "../../sim/errors/twin-error.ts";

/** What `csv-parse` is told for a delimiter; blanks around cells go, so that a quote may stand behind them. */
export function syntaxFor(delimiter: string) {
  return {
    ...tableSyntax,
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    trim: delimiter === "," || delimiter === ";",
  };
}

/** The line with which spreadsheets say their delimiter: `sep=;`. */
export const separatorLine = /^\uFEFF?sep=([^\r\n])\r?\n/i;

/** A row without the empty cells that its delimiters leave beyond the header. */
export function withoutEmptyTail(record: readonly string[], width: number): readonly string[] {
  if (record.length <= width || record.slice(width).some((cell) => cell.trim() !== ""))
    return record;
  return record.slice(0, width);
}

const tableSyntax = {
  bom: true,
  comment: "#",
  comment_no_infix: true,
  info: true,
  relax_column_count: true,
  skip_empty_lines: true,
  skip_records_with_empty_values: true,
} as const;

/** What `csv-parse` found wrong, with the line where it knows it. */
export function damagedTable(file: string, cause: unknown): TwinError {
  const { message, lines } = cause as { message: string; lines?: number };
  return new TwinError(
    {
      code: "table.damaged",
      problem: `The table cannot be read: ${message}`,
      remedy: "Mend this line; a quote that opens must close, and quotes inside quotes are doubled",
      at: lines === undefined ? file : `${file}:${lines}`,
    },
    { cause },
  );
}

/** How tables are written, for those read whole and those read row by row. */
import { TwinError } from "../../sim/errors/twin-error.ts";

/** What `csv-parse` is told besides the delimiter. */
export const tableSyntax = {
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

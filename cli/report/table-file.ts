/** Tables for other programs: CSV by RFC 4180 and Parquet, with units in the names of the columns. */

/** `null` is an empty cell. */
export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly values: readonly Cell[];
}

/** Lines end with CR LF; a cell with a comma, a quote or a line break stands in quotes. */
export function csvText(columns: readonly Column[]): string {
  const rowCount = columns[0]?.values.length ?? 0;
  const rows = Array.from({ length: rowCount }, (_, row) =>
    columns.map(({ values }) => cellText(values[row] ?? null)),
  );
  const header = columns.map(({ name }) => cellText(name));
  return [header, ...rows].map((cells) => `${cells.join(",")}\r\n`).join("");
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The package comes from outside, so that only those who ask for Parquet load it. */
export function parquetBytes(
  { parquetWriteBuffer }: typeof import("hyparquet-writer"),
  columns: readonly Column[],
): Uint8Array {
  const columnData = columns.map(({ name, values }) => {
    const type = typeOf(values);
    const data = type === "STRING" ? values.map((each) => each?.toString() ?? null) : [...values];
    return { name, data, type, nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData, codec: "SNAPPY" }));
}

function typeOf(values: readonly Cell[]): "DOUBLE" | "BOOLEAN" | "STRING" {
  const known = values.filter((each) => each !== null);
  if (known.every((each) => typeof each === "number")) return "DOUBLE";
  return known.every((each) => typeof each === "boolean") ? "BOOLEAN" : "STRING";
}

import { align8, type NumberArray, readArray, writeArray } from "./registered.ts";

/** What one column of a table or pool holds. */
export type ColumnKind = "int32" | "uint32" | "uint8" | "int16" | "uint16" | "float64";

/** Names and kinds of columns, such as `{ symbol: "int32", atUs: "float64" }`. */
export type Columns = Readonly<Record<string, ColumnKind>>;

/** The typed array that holds a column of one kind. */
export type ColumnArray<K extends ColumnKind> = K extends "int32"
  ? Int32Array
  : K extends "uint32"
    ? Uint32Array
    : K extends "uint8"
      ? Uint8Array
      : K extends "int16"
        ? Int16Array
        : K extends "uint16"
          ? Uint16Array
          : Float64Array;

/** The typed arrays of a table or pool, by column name. */
export type ColumnArrays<C extends Columns> = { [N in keyof C]: ColumnArray<C[N]> };

/** A zeroed array of one kind. */
function createColumn(kind: ColumnKind, length: number): NumberArray {
  switch (kind) {
    case "int32":
      return new Int32Array(length);
    case "uint32":
      return new Uint32Array(length);
    case "uint8":
      return new Uint8Array(length);
    case "int16":
      return new Int16Array(length);
    case "uint16":
      return new Uint16Array(length);
    case "float64":
      return new Float64Array(length);
  }
}

/**
 * One object of each shape that was ever used. V8 forgets a shape with the last object that has it, and with it all code
 * compiled for it: the next simulation of the same assembly would begin from nothing.
 */
const shapes = new Map<string, unknown>();

/** Zeroed arrays for every column. */
export function createColumns<C extends Columns>(columns: C, length: number): ColumnArrays<C> {
  const text = JSON.stringify(columns);
  if (!shapes.has(text)) shapes.set(text, arraysOf(columns, 0));
  return arraysOf(columns, length);
}

/** Every name gets its array at once: what V8 sees replaced, it doesn't compile into the code. */
function arraysOf<C extends Columns>(columns: C, length: number): ColumnArrays<C> {
  const arrays = Object.entries(columns).map(
    ([name, kind]) => [name, createColumn(kind, length)] as const,
  );
  return Object.fromEntries(arrays) as ColumnArrays<C>;
}

/** Bytes that the first `rowCount` rows take in a snapshot. */
export function columnsByteLength(arrays: Record<string, NumberArray>, rowCount: number): number {
  let byteLength = 0;
  for (const array of Object.values(arrays)) {
    byteLength += align8(rowCount * array.BYTES_PER_ELEMENT);
  }
  return byteLength;
}

/** Writes the first `rowCount` rows, column by column. */
export function writeColumns(
  arrays: Record<string, NumberArray>,
  rowCount: number,
  view: DataView,
  byteOffset: number,
): void {
  let at = byteOffset;
  for (const array of Object.values(arrays)) {
    writeArray(array.subarray(0, rowCount), view, at);
    at += align8(rowCount * array.BYTES_PER_ELEMENT);
  }
}

/**
 * Reads the first `rowCount` rows and zeroes the others below `rowsWritten`, so that the past leaves no trace. Rows from
 * there on were never written: zeroing them would take the memory that a large store has only on paper.
 */
export function readColumns(
  arrays: Record<string, NumberArray>,
  rowCount: number,
  rowsWritten: number,
  view: DataView,
  byteOffset: number,
): void {
  let at = byteOffset;
  for (const array of Object.values(arrays)) {
    readArray(array.subarray(0, rowCount), view, at);
    if (rowCount < rowsWritten) array.fill(0, rowCount, rowsWritten);
    at += align8(rowCount * array.BYTES_PER_ELEMENT);
  }
}

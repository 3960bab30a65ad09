import { KernelError } from "../kernel-error.ts";
import {
  type ColumnArrays,
  type Columns,
  columnsByteLength,
  createColumns,
  readColumns,
  writeColumns,
} from "./columns.ts";
import type { NumberArray, Registered } from "./registered.ts";

/** How large a table is at first and may become. */
export interface TableOptions {
  /** Rows it has room for before it first grows. */
  readonly rowsInitial: number;
  /** Most rows ever; appending beyond stops the run. */
  readonly rowsMax: number;
}

/**
 * How many times the room a table has once it grows. Every row so far is copied then, to memory that was never touched; room
 * that no row has come to takes no memory, so it is taken generously.
 */
const growth = 4;

/** Rows of numbers kept column by column; grows fourfold, up to a bound. */
export class Table<C extends Columns> implements Registered {
  /** Rows in it. */
  rowCount = 0;
  /** The arrays in it are replaced when the table grows: always read through `column.x`. */
  readonly column: ColumnArrays<C>;
  /** Most rows ever. */
  readonly rowsMax: number;
  private readonly name: string;
  private readonly columns: C;
  private capacity: number;

  constructor(name: string, columns: C, options: TableOptions) {
    this.name = name;
    this.columns = columns;
    this.rowsMax = options.rowsMax;
    this.capacity = Math.max(1, Math.min(options.rowsInitial, options.rowsMax));
    this.column = createColumns(columns, this.capacity);
  }

  /** Index of a new, zeroed row. Throws `kernel.table-full` at `rowsMax`. */
  append(): number {
    if (this.rowCount === this.capacity) this.grow(this.rowCount + 1);
    this.rowCount += 1;
    return this.rowCount - 1;
  }

  /** Forgets every row; room already taken is kept. */
  clear(): void {
    for (const array of this.arrays()) array.fill(0, 0, this.rowCount);
    this.rowCount = 0;
  }

  byteLength(): number {
    return 8 + columnsByteLength(this.column as Record<string, NumberArray>, this.rowCount);
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.rowCount, true);
    writeColumns(this.column as Record<string, NumberArray>, this.rowCount, view, byteOffset + 8);
  }

  read(view: DataView, byteOffset: number): void {
    const rowCount = view.getFloat64(byteOffset, true);
    if (rowCount > this.capacity) this.grow(rowCount);
    const rowsWritten = this.rowCount;
    this.rowCount = rowCount;
    const arrays = this.column as Record<string, NumberArray>;
    readColumns(arrays, rowCount, rowsWritten, view, byteOffset + 8);
  }

  private arrays(): NumberArray[] {
    return Object.values(this.column) as NumberArray[];
  }

  private grow(rowsNeeded: number): void {
    if (rowsNeeded > this.rowsMax) {
      throw new KernelError({
        code: "kernel.table-full",
        problem: `Table "${this.name}" already holds its ${this.rowsMax} rows`,
        remedy: "Raise its rowsMax, shorten the run, or fold old rows into totals",
        at: this.name,
      });
    }
    while (this.capacity < rowsNeeded) {
      this.capacity = Math.min(this.capacity * growth, this.rowsMax);
    }
    const larger = createColumns(this.columns, this.capacity);
    for (const name of Object.keys(this.columns)) {
      (larger[name] as NumberArray).set(this.column[name] as NumberArray);
    }
    Object.assign(this.column, larger);
  }
}

import type { Table } from "../../kernel/containers/table.ts";
import type { Kernel } from "../../kernel/kernel.ts";

const columns = { note: "int32" } as const;

/** Most frames of any run; the table only grows as far as frames are used. */
const framesMax = 16_777_216;

/** A number for each frame that a component wants to remember from `admit` on, before the frame's own note begins. */
export class FrameNotes {
  readonly #notes: Table<typeof columns>;

  constructor(kernel: Kernel, name: string) {
    this.#notes = kernel.table(name, columns, { rowsInitial: 1024, rowsMax: framesMax });
  }

  set(frame: number, note: number): void {
    while (this.#notes.rowCount <= frame) this.#notes.append();
    this.#notes.column.note[frame] = note;
  }

  get(frame: number): number {
    return this.#notes.column.note[frame]!;
  }
}

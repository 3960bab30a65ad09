import type { Kernel } from "../../kernel/kernel.ts";

/** Instants that are remembered; when there are more, the newest one stands for what follows. */
const marksMax = 16_384;

const cell = { end: 0, first: 1, count: 2 } as const;

/**
 * When the source had written how many changes, so that the age of the first one that has not got so far can be told. Marks are made
 * at every look; those that nobody needs any more are dropped.
 */
export class ChangeLog {
  readonly #kernel: Kernel;
  readonly #ends: Float64Array;
  readonly #atUs: Float64Array;
  readonly #cells: Float64Array;

  constructor(kernel: Kernel, id: string) {
    this.#kernel = kernel;
    this.#ends = kernel.float64Array(`${id}.mark-ends`, marksMax);
    this.#atUs = kernel.float64Array(`${id}.mark-at-us`, marksMax);
    this.#cells = kernel.float64Array(`${id}.change-log`, Object.keys(cell).length);
  }

  /** Changes that the source has committed. */
  get end(): number {
    return this.#cells[cell.end]!;
  }

  add(changes: number): void {
    this.#cells[cell.end] = this.end + changes;
  }

  /** Notes that what there is now was there at this instant. */
  mark(): void {
    const count = this.#cells[cell.count]!;
    if (count > 0 && this.#ends[this.#slot(count - 1)] === this.end) return;
    const at = this.#slot(count === marksMax ? count - 1 : count);
    this.#ends[at] = this.end;
    this.#atUs[at] = this.#kernel.nowUs;
    if (count < marksMax) this.#cells[cell.count] = count + 1;
  }

  /** Position up to which everything was written at the latest at an instant. */
  endAt(atUs: number): number {
    let found = -1;
    for (let at = 0; at < this.#cells[cell.count]!; at += 1) {
      if (this.#atUs[this.#slot(at)]! > atUs) break;
      found = this.#ends[this.#slot(at)]!;
    }
    return found;
  }

  /** Microseconds since the first change beyond a position was written; 0 when there is none. */
  ageBeyond(position: number): number {
    if (position >= this.end) return 0;
    for (let at = 0; at < this.#cells[cell.count]!; at += 1) {
      const slot = this.#slot(at);
      if (this.#ends[slot]! > position) return this.#kernel.nowUs - this.#atUs[slot]!;
    }
    return 0;
  }

  /** Nobody asks about what lies before a position any more. */
  forgetBefore(position: number): void {
    while (this.#cells[cell.count]! > 1 && this.#ends[this.#slot(0)]! <= position) {
      this.#cells[cell.first] = (this.#cells[cell.first]! + 1) % marksMax;
      this.#cells[cell.count] = this.#cells[cell.count]! - 1;
    }
  }

  #slot(at: number): number {
    return (this.#cells[cell.first]! + at) % marksMax;
  }
}

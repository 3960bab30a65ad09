import { none } from "../../kernel/none.ts";
import { word } from "./frame-store.ts";
import type { Instances } from "./instances.ts";

/** Which frames are inside an instance: one list for each, linked through the frames, the newest first. */
export class FramesInside {
  readonly #words: Int32Array;
  readonly #column: Instances["column"];

  constructor(words: Int32Array, instances: Instances) {
    this.#words = words;
    this.#column = instances.column;
  }

  enter(frame: number, instance: number): void {
    const column = this.#column;
    const first = column.insideFirst[instance]!;
    this.#words[(frame << 5) + word.instance] = instance;
    this.#words[(frame << 5) + word.note] = none;
    this.#words[(frame << 5) + word.previousInside] = none;
    this.#words[(frame << 5) + word.nextInside] = first;
    if (first !== none) this.#words[(first << 5) + word.previousInside] = frame;
    column.insideFirst[instance] = frame;
    column.insideCount[instance] = column.insideCount[instance]! + 1;
  }

  leave(frame: number): void {
    const column = this.#column;
    const instance = this.#words[(frame << 5) + word.instance]!;
    const previous = this.#words[(frame << 5) + word.previousInside]!;
    const next = this.#words[(frame << 5) + word.nextInside]!;
    if (previous === none) column.insideFirst[instance] = next;
    else this.#words[(previous << 5) + word.nextInside] = next;
    if (next !== none) this.#words[(next << 5) + word.previousInside] = previous;
    column.insideCount[instance] = column.insideCount[instance]! - 1;
    this.#words[(frame << 5) + word.instance] = none;
  }

  /** Empties an instance and returns the newest of those that were inside; `following` leads on from it. */
  takeAll(instance: number): number {
    const first = this.#column.insideFirst[instance]!;
    this.#column.insideFirst[instance] = none;
    this.#column.insideCount[instance] = 0;
    return first;
  }

  /** The frame that had entered before this one, or `none`. */
  following(frame: number): number {
    return this.#words[(frame << 5) + word.nextInside]!;
  }
}

import { none } from "../../kernel/none.ts";
import { phase } from "./frame-life.ts";
import { word } from "./frame-store.ts";
import type { Instances } from "./instances.ts";

/**
 * The lines of frames that wait for a server, one for each instance, linked through the frames. Lines are linked
 * backwards, too, where something is put at their head; only such lines are left from behind.
 */
export class WaitingLines {
  readonly #words: Int32Array;
  readonly #column: Instances["column"];

  constructor(words: Int32Array, instances: Instances) {
    this.#words = words;
    this.#column = instances.column;
  }

  /** Puts a frame at the end of an instance's line. */
  add(frame: number, instance: number): void {
    const column = this.#column;
    const last = column.waitingLast[instance]!;
    this.#words[(frame << 5) + word.phase] = phase.waiting;
    this.#words[(frame << 5) + word.nextWaiting] = none;
    if (last === none) column.waitingFirst[instance] = frame;
    else this.#words[(last << 5) + word.nextWaiting] = frame;
    column.waitingLast[instance] = frame;
    column.waitingCount[instance] = column.waitingCount[instance]! + 1;
  }

  /** Puts a frame at the head of an instance's line. */
  addAhead(frame: number, instance: number): void {
    const column = this.#column;
    const first = column.waitingFirst[instance]!;
    this.#words[(frame << 5) + word.phase] = phase.waiting;
    this.#words[(frame << 5) + word.previousWaiting] = none;
    this.#words[(frame << 5) + word.nextWaiting] = first;
    if (first === none) column.waitingLast[instance] = frame;
    else this.#words[(first << 5) + word.previousWaiting] = frame;
    column.waitingFirst[instance] = frame;
    column.waitingCount[instance] = column.waitingCount[instance]! + 1;
  }

  /** Takes the first frame out of an instance's line; `none` when nobody waits. */
  takeFirst(instance: number): number {
    const column = this.#column;
    const first = column.waitingFirst[instance]!;
    if (first === none) return none;
    const next = this.#words[(first << 5) + word.nextWaiting]!;
    column.waitingFirst[instance] = next;
    if (next === none) column.waitingLast[instance] = none;
    column.waitingCount[instance] = column.waitingCount[instance]! - 1;
    return first;
  }

  /** The new head of a line has nobody before it, wherever lines are linked backwards. */
  markHead(instance: number): void {
    const first = this.#column.waitingFirst[instance]!;
    if (first !== none) this.#words[(first << 5) + word.previousWaiting] = none;
  }

  /** Takes the last frame out of a line that is linked backwards; `none` when nobody waits. */
  takeLast(instance: number): number {
    const column = this.#column;
    const last = column.waitingLast[instance]!;
    if (last === none) return none;
    const before = this.#words[(last << 5) + word.previousWaiting]!;
    column.waitingLast[instance] = before;
    if (before === none) column.waitingFirst[instance] = none;
    else this.#words[(before << 5) + word.nextWaiting] = none;
    column.waitingCount[instance] = column.waitingCount[instance]! - 1;
    return last;
  }

  /** Forgets a line; its frames go elsewhere. */
  clear(instance: number): void {
    this.#column.waitingFirst[instance] = none;
    this.#column.waitingLast[instance] = none;
    this.#column.waitingCount[instance] = 0;
  }
}

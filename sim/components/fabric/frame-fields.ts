import { caller } from "./frame-life.ts";
import { type FrameStore, word } from "./frame-store.ts";

/** What components may read of a call frame, and the few things that they may write in it. */
export class FrameFields {
  readonly #store: FrameStore;
  readonly #words: Int32Array;

  constructor(store: FrameStore) {
    this.#store = store;
    this.#words = store.words;
  }

  /** Generation of a frame, to be kept with its number by whoever will complete it later. */
  generationOf(frame: number): number {
    return this.#words[(frame << 5) + word.generation]!;
  }

  /** Call site of a frame. */
  siteOf(frame: number): number {
    return this.#words[(frame << 5) + word.site]!;
  }

  /** The request or item that a frame is about. */
  dataOf(frame: number): number {
    return this.#words[(frame << 5) + word.data]!;
  }

  /** Number that a frame's draws are keyed by. */
  keyOf(frame: number): number {
    return this.#words[(frame << 5) + word.key]!;
  }

  /** Coordinate of a frame's draws: its own attempt and those of its callers. */
  attemptOf(frame: number): number {
    return this.#words[(frame << 5) + word.attempt]!;
  }

  /** Items in a call. */
  itemCountOf(frame: number): number {
    return this.#words[(frame << 5) + word.itemCount]!;
  }

  /** Instance that a frame is inside of, `none` on the way. */
  instanceOf(frame: number): number {
    return this.#words[(frame << 5) + word.instance]!;
  }

  /** Instance that called, `none` for a client. */
  callerInstanceOf(frame: number): number {
    return this.#words[(frame << 5) + word.callerInstance]!;
  }

  /** Zone that the call came from. */
  callerZoneOf(frame: number): number {
    return this.#words[(frame << 5) + word.callerZone]!;
  }

  /** A number of the component that the frame is inside of; `none` when it enters. */
  noteOf(frame: number): number {
    return this.#words[(frame << 5) + word.note]!;
  }

  /** Frame that waits for the answer; negative when no frame does. */
  parentOf(frame: number): number {
    return this.#words[(frame << 5) + word.parent]!;
  }

  /** Next frame in the line that a component keeps. */
  nextWaitingOf(frame: number): number {
    return this.#words[(frame << 5) + word.nextWaiting]!;
  }

  setData(frame: number, value: number): void {
    this.#words[(frame << 5) + word.data] = value;
  }

  setNote(frame: number, value: number): void {
    this.#words[(frame << 5) + word.note] = value;
  }

  setNextWaiting(frame: number, value: number): void {
    this.#words[(frame << 5) + word.nextWaiting] = value;
  }

  /** When a call was sent, in microseconds; known until its frame is used again. */
  sentUs(frame: number): number {
    return this.#store.sentUs(frame);
  }

  /** Whether anybody still waits for the answer; a component may use it to drop work early. */
  isAwaited(frame: number): boolean {
    return this.#words[(frame << 5) + word.parent] !== caller.gone;
  }
}

import type { HandlerId, Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { type FrameStore, word } from "./frame-store.ts";

/**
 * Time-outs of calls. All calls with the same time-out expire in the order they began, so each distinct time-out
 * has one line of frames and at most one event in the agenda: starting and ending a call costs two links, not a
 * heap operation.
 *
 *   lane 5 s:  oldest <-> ... <-> newest      event armed for the oldest
 */
export class Deadlines {
  readonly #kernel: Kernel;
  readonly #store: FrameStore;
  readonly #timeoutsUs: readonly number[];
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #armed: Uint8Array;
  readonly #expired: (frame: number) => void;
  readonly #due: HandlerId;

  constructor(
    kernel: Kernel,
    store: FrameStore,
    timeoutsUs: readonly number[],
    expired: (frame: number) => void,
  ) {
    this.#kernel = kernel;
    this.#store = store;
    this.#timeoutsUs = timeoutsUs;
    this.#first = kernel.int32Array("deadlines.first", timeoutsUs.length).fill(none);
    this.#last = kernel.int32Array("deadlines.last", timeoutsUs.length).fill(none);
    this.#armed = kernel.uint8Array("deadlines.armed", timeoutsUs.length);
    this.#expired = expired;
    this.#due = kernel.handler("deadlines.due", (lane) => this.#expire(lane));
  }

  /** Starts the clock of a frame. */
  add(frame: number, lane: number): void {
    const store = this.#store;
    const { words } = store;
    const deadlineUs = this.#kernel.nowUs + this.#timeoutsUs[lane]!;
    const last = this.#last[lane]!;
    const base = store.at(frame);
    words[base + word.lane] = lane;
    words[base + word.previousInLane] = last;
    words[base + word.nextInLane] = none;
    store.setDeadlineUs(frame, deadlineUs);
    if (last === none) this.#first[lane] = frame;
    else words[store.at(last) + word.nextInLane] = frame;
    this.#last[lane] = frame;
    if (this.#armed[lane] === 0) {
      this.#armed[lane] = 1;
      this.#kernel.scheduleAt(deadlineUs, this.#due, lane);
    }
  }

  /** Stops the clock; without effect when it does not run. */
  remove(frame: number): void {
    const store = this.#store;
    const { words } = store;
    const base = store.at(frame);
    const lane = words[base + word.lane]!;
    if (lane === none) return;
    const previous = words[base + word.previousInLane]!;
    const next = words[base + word.nextInLane]!;
    if (previous === none) this.#first[lane] = next;
    else words[store.at(previous) + word.nextInLane] = next;
    if (next === none) this.#last[lane] = previous;
    else words[store.at(next) + word.previousInLane] = previous;
    words[base + word.lane] = none;
  }

  #expire(lane: number): void {
    const nowUs = this.#kernel.nowUs;
    let frame = this.#first[lane]!;
    while (frame !== none && this.#store.deadlineUs(frame) <= nowUs) {
      this.remove(frame);
      this.#expired(frame);
      frame = this.#first[lane]!;
    }
    if (frame === none) this.#armed[lane] = 0;
    else this.#kernel.scheduleAt(this.#store.deadlineUs(frame), this.#due, lane);
  }
}

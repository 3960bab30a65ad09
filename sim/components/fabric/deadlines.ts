import type { HandlerId, Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/**
 * Time-outs of calls. All calls with the same time-out expire in the order they began, so each distinct time-out
 * has one line of frames and at most one event in the agenda: starting and ending a call costs two links, not a
 * heap operation.
 *
 *   lane 5 s:  oldest <-> ... <-> newest      event armed for the oldest
 */
export class Deadlines {
  readonly #kernel: Kernel;
  readonly #timeoutsUs: readonly number[];
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #armed: Uint8Array;
  readonly #previous: Int32Array;
  readonly #next: Int32Array;
  readonly #lane: Int32Array;
  readonly #deadlineUs: Float64Array;
  readonly #expired: (frame: number) => void;
  readonly #due: HandlerId;

  constructor(
    kernel: Kernel,
    options: { timeoutsUs: readonly number[]; framesMax: number },
    expired: (frame: number) => void,
  ) {
    const { timeoutsUs, framesMax } = options;
    this.#kernel = kernel;
    this.#timeoutsUs = timeoutsUs;
    this.#first = kernel.int32Array("deadlines.first", timeoutsUs.length).fill(none);
    this.#last = kernel.int32Array("deadlines.last", timeoutsUs.length).fill(none);
    this.#armed = kernel.uint8Array("deadlines.armed", timeoutsUs.length);
    this.#previous = kernel.int32Array("deadlines.previous", framesMax).fill(none);
    this.#next = kernel.int32Array("deadlines.next", framesMax).fill(none);
    this.#lane = kernel.int32Array("deadlines.lane", framesMax).fill(none);
    this.#deadlineUs = kernel.float64Array("deadlines.at-us", framesMax);
    this.#expired = expired;
    this.#due = kernel.handler("deadlines.due", (lane) => this.#expire(lane));
  }

  /** Starts the clock of a frame. */
  add(frame: number, lane: number): void {
    const deadlineUs = this.#kernel.nowUs + this.#timeoutsUs[lane]!;
    const last = this.#last[lane]!;
    this.#lane[frame] = lane;
    this.#deadlineUs[frame] = deadlineUs;
    this.#previous[frame] = last;
    this.#next[frame] = none;
    if (last === none) this.#first[lane] = frame;
    else this.#next[last] = frame;
    this.#last[lane] = frame;
    if (this.#armed[lane] === 0) {
      this.#armed[lane] = 1;
      this.#kernel.scheduleAt(deadlineUs, this.#due, lane);
    }
  }

  /** When the clock of a frame in this lane was started. */
  startedUs(frame: number, lane: number): number {
    return this.#deadlineUs[frame]! - this.#timeoutsUs[lane]!;
  }

  /** Stops the clock; without effect when it does not run. */
  remove(frame: number): void {
    const lane = this.#lane[frame]!;
    if (lane === none) return;
    const previous = this.#previous[frame]!;
    const next = this.#next[frame]!;
    if (previous === none) this.#first[lane] = next;
    else this.#next[previous] = next;
    if (next === none) this.#last[lane] = previous;
    else this.#previous[next] = previous;
    this.#lane[frame] = none;
  }

  #expire(lane: number): void {
    const nowUs = this.#kernel.nowUs;
    let frame = this.#first[lane]!;
    while (frame !== none && this.#deadlineUs[frame]! <= nowUs) {
      this.remove(frame);
      this.#expired(frame);
      frame = this.#first[lane]!;
    }
    if (frame === none) this.#armed[lane] = 0;
    else this.#kernel.scheduleAt(this.#deadlineUs[frame]!, this.#due, lane);
  }
}

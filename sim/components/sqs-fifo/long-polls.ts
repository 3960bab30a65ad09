import type { IntQueue } from "../../kernel/containers/int-queue.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { TimerLane } from "../fabric/timer-lane.ts";

/** Most polls that can wait at once. */
const pollsMax = 65_536;

/** Receives that found nothing and wait: the longest first, each until its time is over and it is answered with nothing. */
export class LongPolls {
  readonly #fabric: Fabric;
  readonly #frames: IntQueue;
  readonly #generations: IntQueue;
  readonly #over: TimerLane;

  constructor(fabric: Fabric, id: string, longPollUs: number) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.#frames = kernel.queue(`${id}.poll-frames`, pollsMax);
    this.#generations = kernel.queue(`${id}.poll-generations`, pollsMax);
    this.#over = new TimerLane(
      kernel,
      `${id}.poll-over`,
      { lengthUs: longPollUs, timersMax: pollsMax },
      (frame, generation) => {
        const { calls } = fabric;
        if (calls.generationOf(frame) !== generation) return;
        calls.setData(frame, none);
        calls.complete(frame, generation, outcome.ok);
      },
    );
  }

  wait(frame: number): void {
    const generation = this.#fabric.calls.generationOf(frame);
    this.#frames.push(frame);
    this.#generations.push(generation);
    this.#over.set(frame, generation);
  }

  /** Takes the frame of the poll that has waited longest and still does; `none` when there is none. */
  next(): number {
    while (this.#frames.length > 0) {
      const frame = this.#frames.shift();
      const generation = this.#generations.shift();
      if (this.#fabric.calls.generationOf(frame) === generation) return frame;
    }
    return none;
  }
}

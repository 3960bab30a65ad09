import type { HandlerId } from "../../kernel/kernel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { FrameNotes } from "../fabric/frame-notes.ts";
import type { PutBatches } from "./put-batches.ts";

/** How often batches whose producers are gone are closed. Assumption: once a minute; only their room is held until then. */
const abandonedPeriodUs = 60_000_000;

/**
 * Batches that calls are under way with. A producer that has given a call up may close its batch before the service has
 * worked on it, and one that is gone closes none.
 */
export class SentBatches {
  readonly #fabric: Fabric;
  readonly #batches: PutBatches;
  readonly #generations: FrameNotes;
  readonly #tidy: HandlerId;

  constructor(fabric: Fabric, id: string, batches: PutBatches) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.#batches = batches;
    this.#generations = new FrameNotes(kernel, `${id}.batch-generations`);
    this.#tidy = kernel.handler(`${id}.close-abandoned`, () => {
      batches.closeAbandoned();
      kernel.schedule(abandonedPeriodUs, this.#tidy);
    });
  }

  start(): void {
    this.#fabric.kernel.schedule(abandonedPeriodUs, this.#tidy);
  }

  /** Remembers which batch a call is about. */
  admit(frame: number): void {
    const batch = this.#fabric.calls.dataOf(frame);
    this.#generations.set(frame, this.#batches.generation(batch));
  }

  /** Whether the batch that a call is about is still open. */
  isOpen(frame: number): boolean {
    const batch = this.#fabric.calls.dataOf(frame);
    return this.#batches.isOpen(batch, this.#generations.get(frame));
  }
}

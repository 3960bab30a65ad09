import type { Kernel } from "../../kernel/kernel.ts";
import type { GroupParameters } from "./aurora-parameters.ts";

/**
 * How much of the working set each instance holds in memory. A page that is not there comes from storage and stays,
 * so an instance that starts cold is slow at first and warms up at the rate at which it is used.
 */
export class BufferCache {
  readonly #residentShare: Float64Array;
  readonly #draw;
  readonly #pageCount: number;
  readonly #pagesPerRow: number;
  readonly #hitShareWarm: number;

  constructor(
    kernel: Kernel,
    options: { id: string; instanceCount: number; parameters: GroupParameters },
  ) {
    const { workingSetPages, pagesPerRow, hitShareWarm } = options.parameters;
    this.#residentShare = kernel.float64Array(
      `${options.id}.resident-share`,
      options.instanceCount,
    );
    this.#residentShare.fill(1);
    this.#draw = kernel.keyed(`${options.id}.page-misses`);
    this.#pageCount = workingSetPages.value;
    this.#pagesPerRow = pagesPerRow.value;
    this.#hitShareWarm = hitShareWarm.value;
  }

  /** Pages that a statement on some rows must fetch from storage; they stay. `number` keys the draw. */
  misses(instance: number, rows: number, number: number): number {
    const missShare = 1 - this.hitShare(instance);
    const expected = rows * this.#pagesPerRow * missShare;
    const misses = Math.floor(expected + this.#draw.uniform(number, instance, 0));
    if (misses > 0) {
      const resident = this.#residentShare[instance]! + misses / this.#pageCount;
      this.#residentShare[instance] = Math.min(1, resident);
    }
    return misses;
  }

  /** Share of page reads that memory answers. */
  hitShare(instance: number): number {
    return this.#residentShare[instance]! * this.#hitShareWarm;
  }

  /** The instance has this share of the working set and no more. */
  cool(instance: number, share: number): void {
    this.#residentShare[instance] = Math.min(this.#residentShare[instance]!, share);
  }
}

import type { Kernel } from "../../kernel/kernel.ts";

/** What a running total has grown by since it was last asked: how a metric reports the period that ends now. */
export class Growth {
  readonly #last: Float64Array;

  constructor(kernel: Kernel, name: string) {
    this.#last = kernel.float64Array(name, 1);
  }

  /** Growth of the total since the last time. */
  take(total: number): number {
    const growth = total - this.#last[0]!;
    this.#last[0] = total;
    return growth;
  }
}

import type { Kernel } from "../../kernel/kernel.ts";

/** What running totals have gained since they were last asked for, as a metric's period wants it. */
export class PeriodGains {
  readonly #last: Float64Array;

  constructor(kernel: Kernel, name: string, totalsMax: number) {
    this.#last = kernel.float64Array(name, totalsMax);
  }

  /** Growth of the total at this position since the last call for it. */
  gain(position: number, total: number): number {
    const gained = total - this.#last[position]!;
    this.#last[position] = total;
    return gained;
  }
}

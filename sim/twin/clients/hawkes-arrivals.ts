import type { Kernel, Stream } from "../../kernel/kernel.ts";
import { exp } from "../../kernel/math/exp.ts";

export interface HawkesOptions {
  /** Mean rate in the long run. */
  readonly ratePerSecond: number;
  /** Share of arrivals that follow from earlier ones, 0..0.95; 0 is a Poisson process. */
  readonly selfExcitation: number;
  /** Seconds over which excitement fades to 1/e. */
  readonly decaySeconds: number;
}

/**
 * Arrivals that excite further arrivals (Hawkes, exponential kernel), drawn by thinning: orders come in bursts because
 * orders provoke orders. The state is one level of excitement, so each arrival costs the same however long the past.
 */
export class HawkesArrivals {
  readonly #stream: Stream;
  readonly #baseRate: number;
  readonly #jump: number;
  readonly #decay: number;
  /** Times the rate that was asked for. */
  readonly #factor: Float64Array;
  /** Excess intensity in arrivals per second. */
  readonly #excess: Float64Array;
  /** The same when the pending arrival was drawn. */
  readonly #excessWhenDrawn: Float64Array;

  constructor(kernel: Kernel, name: string, options: HawkesOptions) {
    this.#stream = kernel.stream(name);
    this.#baseRate = options.ratePerSecond * (1 - options.selfExcitation);
    this.#decay = 1 / options.decaySeconds;
    this.#jump = options.selfExcitation * this.#decay;
    this.#factor = kernel.float64Array(`${name}.factor`, 1).fill(1);
    this.#excess = kernel.float64Array(`${name}.excess`, 1);
    this.#excess[0] = options.ratePerSecond - this.#baseRate;
    this.#excessWhenDrawn = kernel.float64Array(`${name}.excess-when-drawn`, 1);
  }

  get factor(): number {
    return this.#factor[0]!;
  }

  /**
   * Changes what arrives of itself to so many times the rate that was asked for; what follows from it follows. The
   * arrival that was drawn last, so many microseconds ago, is still to come, and came from the former rate: it is to be
   * given up for the one that is returned, which the process, having no memory of when it drew, has instead.
   */
  setFactor(factor: number, sinceDrawnUs: number): number {
    this.#factor[0] = factor;
    const fadedTo = exp((-this.#decay * sinceDrawnUs) / 1_000_000);
    this.#excess[0] = this.#excessWhenDrawn[0]! * fadedTo;
    return this.nextUs();
  }

  /** Whole microseconds until the next arrival. */
  nextUs(): number {
    const baseRate = this.#baseRate * this.#factor[0]!;
    let waited = 0;
    let excess = this.#excess[0]!;
    this.#excessWhenDrawn[0] = excess;
    for (;;) {
      const bound = baseRate + excess;
      const gap = this.#stream.exponential(1) / bound;
      waited += gap;
      if (this.#jump === 0) break;
      excess *= exp(-this.#decay * gap);
      if (this.#stream.uniform() * bound <= baseRate + excess) break;
    }
    this.#excess[0] = excess + this.#jump;
    return Math.round(waited * 1_000_000);
  }
}

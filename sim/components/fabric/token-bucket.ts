import type { Kernel } from "../../kernel/kernel.ts";

/** A token bucket that refills continuously: the form in which AWS throttles API calls. */
export class TokenBucket {
  readonly #kernel: Kernel;
  /** Tokens left, and when they were counted (microseconds). */
  readonly #state: Float64Array;
  /** Tokens a second, and most tokens held; registered, because a fault may lower a quota. */
  readonly #quota: Float64Array;

  constructor(kernel: Kernel, name: string, options: { ratePerSecond: number; burst: number }) {
    this.#kernel = kernel;
    this.#state = kernel.float64Array(`${name}.tokens`, 2);
    this.#quota = kernel.float64Array(`${name}.quota`, 2);
    this.#quota[0] = options.ratePerSecond;
    this.#quota[1] = options.burst;
    this.#state[0] = options.burst;
  }

  /** Takes tokens if there are enough; says whether it did. */
  take(count: number): boolean {
    const state = this.#state;
    const nowUs = this.#kernel.nowUs;
    const refilled = state[0]! + ((nowUs - state[1]!) * this.#quota[0]!) / 1_000_000;
    const tokens = Math.min(this.#quota[1]!, refilled);
    state[1] = nowUs;
    if (tokens < count) {
      state[0] = tokens;
      return false;
    }
    state[0] = tokens - count;
    return true;
  }

  /** Changes the quota from now on. */
  setQuota(options: { ratePerSecond: number; burst: number }): void {
    this.#quota[0] = options.ratePerSecond;
    this.#quota[1] = options.burst;
  }
}

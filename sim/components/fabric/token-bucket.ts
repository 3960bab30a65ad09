import type { Kernel } from "../../kernel/kernel.ts";

const cell = { ratePerSecond: 0, burst: 1, wholeRate: 2, wholeBurst: 3, share: 4 } as const;

/** A token bucket that refills continuously: the form in which AWS throttles API calls. */
export class TokenBucket {
  readonly #kernel: Kernel;
  /** Tokens left, and when they were counted (microseconds). */
  readonly #state: Float64Array;
  /** What is granted now, the whole quota, and the share of it that is left; registered, because a fault may lower it. */
  readonly #quota: Float64Array;

  constructor(kernel: Kernel, name: string, options: { ratePerSecond: number; burst: number }) {
    this.#kernel = kernel;
    this.#state = kernel.float64Array(`${name}.tokens`, 2);
    this.#quota = kernel.float64Array(`${name}.quota`, Object.keys(cell).length);
    this.#quota[cell.share] = 1;
    this.setQuota(options);
    this.#state[0] = options.burst;
  }

  /** Takes tokens if there are enough; says whether it did. */
  take(count: number): boolean {
    const state = this.#state;
    const nowUs = this.#kernel.nowUs;
    const refilled =
      state[0]! + ((nowUs - state[1]!) * this.#quota[cell.ratePerSecond]!) / 1_000_000;
    const tokens = Math.min(this.#quota[cell.burst]!, refilled);
    state[1] = nowUs;
    if (tokens < count) {
      state[0] = tokens;
      return false;
    }
    state[0] = tokens - count;
    return true;
  }

  /** Changes the whole quota from now on. */
  setQuota(options: { readonly ratePerSecond: number; readonly burst: number }): void {
    this.#quota[cell.wholeRate] = options.ratePerSecond;
    this.#quota[cell.wholeBurst] = options.burst;
    this.#grant();
  }

  /** Leaves a share of the quota, 0..1, from now on. */
  setShare(share: number): void {
    this.#quota[cell.share] = share;
    this.#grant();
  }

  #grant(): void {
    const quota = this.#quota;
    quota[cell.ratePerSecond] = quota[cell.wholeRate]! * quota[cell.share]!;
    quota[cell.burst] = quota[cell.wholeBurst]! * quota[cell.share]!;
  }
}

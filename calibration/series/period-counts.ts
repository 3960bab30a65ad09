/** Requests counted by period, in whatever order they come. */
export class PeriodCounts {
  readonly #periodSeconds: number;
  readonly #counts = new Map<number, number>();

  constructor(periodSeconds: number) {
    this.#periodSeconds = periodSeconds;
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  add(atMs: number): void {
    const mark = Math.floor(atMs / (this.#periodSeconds * 1000));
    this.#counts.set(mark, (this.#counts.get(mark) ?? 0) + 1);
  }

  /** From the first period to the last. A period without a request has none: each of them was told. */
  laidOut(): {
    readonly periodSeconds: number;
    readonly values: Float64Array;
    readonly startMs: number;
  } {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const mark of this.#counts.keys()) {
      first = Math.min(first, mark);
      last = Math.max(last, mark);
    }
    const values = new Float64Array(last - first + 1);
    for (const [mark, count] of this.#counts) values[mark - first] = count;
    return {
      periodSeconds: this.#periodSeconds,
      values,
      startMs: first * this.#periodSeconds * 1000,
    };
  }
}

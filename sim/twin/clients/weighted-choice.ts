/** A choice among a few things by weight: one uniform number, halved down a list of running sums. */
export class WeightedChoice {
  /** Sum of the shares up to and with each choice; the last is 1. */
  readonly #upTo: Float64Array;

  /** Weights need not add up to 1. */
  constructor(weights: readonly number[]) {
    const sums = new Float64Array(weights.length);
    weights.forEach((weight, at) => {
      sums[at] = (at === 0 ? 0 : sums[at - 1]!) + weight;
    });
    this.#upTo = sums.map((sum) => sum / sums[sums.length - 1]!);
  }

  /** Position of the choice for a uniform number in [0, 1). */
  at(u: number): number {
    const upTo = this.#upTo;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (u < upTo[middle]!) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

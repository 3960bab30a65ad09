/** A choice among a few things by weight: one uniform number, halved down a list of running sums. */
export class WeightedChoice {
  /** Sum of the shares up to and with each choice; the last is 1. */
  readonly #upTo: Float64Array;

  /** Weights need not add up to 1. */
  constructor(weights: readonly number[]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let sum = 0;
    this.#upTo = Float64Array.from(weights, (weight) => {
      sum += weight;
      return sum / total;
    });
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

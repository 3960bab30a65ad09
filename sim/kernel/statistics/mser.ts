/**
 * How many batch means at the start belong to the warm-up (White's MSER; with batches of five, MSER-5): the cut after
 * which the remaining mean would have the smallest standard error. A cut in the second half means that the series
 * never settled: then the answer is the whole length.
 */
export function mser(batchMeans: ArrayLike<number>): number {
  const length = batchMeans.length;
  let sum = 0;
  let squares = 0;
  let best = 0;
  let bestScore = Number.POSITIVE_INFINITY;
  // Sums are taken about a value of the series, so that a large level does not swallow small differences.
  const origin = length > 0 ? batchMeans[length - 1]! : 0;
  for (let cut = length - 1; cut >= 0; cut -= 1) {
    const value = batchMeans[cut]! - origin;
    sum += value;
    squares += value * value;
    const kept = length - cut;
    // The last few always agree with each other by chance.
    if (kept < 5) continue;
    const score = (squares - (sum * sum) / kept) / (kept * kept);
    if (score <= bestScore) {
      bestScore = score;
      best = cut;
    }
  }
  return best > length / 2 ? length : best;
}

/**
 * The smallest value whose cdf exceeds u, where there is no formula: the bracket grows by doubling, then shrinks by
 * secant steps guarded by halving. With tolerance 0 it ends on a
 * jump exactly; with 1e-14 it is about four times as fast, for cdfs without jumps.
 */
export function invertCdf(cdf: (x: number) => number, u: number, tolerance: number): number {
  let low = 0;
  let high = 1;
  while (cdf(high) <= u && high < 1e300) {
    low = high;
    high *= 2;
  }
  let lowGap = cdf(low) - u;
  if (lowGap > 0) return low;
  let highGap = cdf(high) - u;
  for (let step = 0; step < 200 && high - low > tolerance * high; step += 1) {
    // Every other step halves, so that a flat or steep stretch cannot hold the secant up.
    const secant = low - (lowGap * (high - low)) / (highGap - lowGap);
    const inside = step % 2 === 0 && secant > low && secant < high;
    const middle = inside ? secant : low + 0.5 * (high - low);
    if (middle === low || middle === high) break;
    const gap = cdf(middle) - u;
    if (gap > 0) {
      high = middle;
      highGap = gap;
    } else {
      low = middle;
      lowGap = gap;
    }
  }
  return high;
}

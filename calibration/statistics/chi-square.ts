/** Quantiles of the chi-square law, for intervals of variances. */
import { gammaP } from "../../sim/kernel/math/gamma.ts";

export function chiSquareQuantile(p: number, freedom: number): number {
  let low = 0;
  let high = freedom * 20 + 20;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (gammaP(freedom / 2, middle / 2) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

import { exp } from "./exp.ts";
import { lnGamma } from "./gamma.ts";
import { ln } from "./ln.ts";
import { normalQuantile } from "./normal-quantile.ts";

/** Probability that a Student t variable is at most t, for `freedom` degrees of freedom above 0. */
export function studentCdf(t: number, freedom: number): number {
  const tail = 0.5 * betaPart(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** The value not exceeded with probability p by a Student t variable. Relative error about 1e-12. */
export function studentQuantile(p: number, freedom: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, freedom);
  if (p === 0.5) return 0;
  let low = 0;
  let high = Math.max(1, normalQuantile(p));
  while (studentCdf(high, freedom) < p && high < 1e150) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-14 * high; step += 1) {
    const middle = 0.5 * (low + high);
    if (studentCdf(middle, freedom) < p) low = middle;
    else high = middle;
  }
  return 0.5 * (low + high);
}

/** The regularised incomplete beta function, by its continued fraction (Lentz) on the side where it converges fast. */
export function betaPart(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaPart(1 - x, b, a);
  const front = exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * ln(x) + b * ln(1 - x));
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny);
  let value = d;
  for (let m = 1; m < 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d || tiny);
    c = 1 + even / c || tiny;
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d || tiny);
    c = 1 + odd / c || tiny;
    const step = d * c;
    value *= step;
    if (step - 1 < 1e-15 && step - 1 > -1e-15) break;
  }
  return (front * value) / a;
}

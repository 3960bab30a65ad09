import { highWord, powerOfTwo } from "./bits.ts";

/** ln 2 in two parts: the first has 32 trailing zero bits, so that k times it is exact for any exponent k. */
export const ln2High = 0.6931471803691238;
export const ln2Low = 1.9082149292705877e-10;

/**
 * Natural logarithm within one unit in the last place, the same bits in every engine.
 * NaN below 0, -Infinity at 0.
 *
 * Method (fdlibm's): x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); then, with s = f / (2 + f),
 * ln(1 + f) = 2 artanh(s) = f - f^2/2 + s (f^2/2 + R(s^2)) and R a minimax polynomial.
 */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (x < 2.2250738585072014e-308) return ln(x * 18014398509481984) - 54 * Math.LN2;
  let k = (highWord(x) >>> 20) - 1023;
  let fraction = x * powerOfTwo(-k);
  if (fraction > Math.SQRT2) {
    fraction *= 0.5;
    k += 1;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const halfSquare = 0.5 * f * f;
  return k * ln2High - (halfSquare - (s * (halfSquare + lnSeries(s * s)) + k * ln2Low) - f);
}

/** The minimax polynomial R with ln((1 + s) / (1 - s)) = 2 s + s R(s^2), for s^2 up to 0.0295. */
export function lnSeries(z: number): number {
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z *
    (0.6666666666666735 +
      w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  return even + odd;
}

/** ln(1 + x) without losing the digits of a small x. */
export function ln1p(x: number): number {
  const sum = 1 + x;
  if (sum === 1) return x;
  if (!(sum > 0) || sum === Number.POSITIVE_INFINITY) return ln(sum);
  // ln is evaluated at the rounded sum; the first-order term gives back what rounding took.
  return ln(sum) - (sum - 1 - x) / sum;
}

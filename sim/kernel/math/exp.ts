import { scaleByPowerOfTwo } from "./bits.ts";

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const inverseLn2 = Math.LOG2E;

/**
 * e to the power x within one unit in the last place, the same bits in every engine.
 * 0 far below, Infinity above 709.78.
 *
 * Method (fdlibm's): x = k ln 2 + r with |r| at most (ln 2) / 2; e^r from the continued-fraction-like form
 * 1 + 2r / (2 - c(r)) with c a minimax polynomial in r^2; then an exact scaling by 2^k.
 */
export function exp(x: number): number {
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  if (Number.isNaN(x)) return x;
  const k = Math.floor(x * inverseLn2 + 0.5);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  return k === 0 ? y : scaleByPowerOfTwo(y, k);
}

/** e^x - 1 without losing the digits of a small x. */
export function expm1(x: number): number {
  if (x > 0.5 || x < -0.5) return exp(x) - 1;
  // e^x - 1 = 2 tanh-like quotient; the series in x converges to full accuracy within 16 terms here.
  let term = x;
  let sum = x;
  for (let n = 2; n <= 18; n += 1) {
    term *= x / n;
    sum += term;
  }
  return sum;
}

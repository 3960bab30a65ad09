import { highWord, powerOfTwo } from "./bits.ts";
import { exp } from "./exp.ts";
import { ln2High, ln2Low, lnSeries } from "./ln.ts";

/** Splits a double in two halves whose products are exact (Dekker). */
const splitter = 134_217_729;

/**
 * x to a real power, the same bits in every engine; within 4 units in the last place. Negative x gives NaN unless the
 * exponent is whole.
 *
 * ln x is computed to about 60 bits, as a double and what is missing from it, so that a large exponent does not
 * magnify the rounding of the logarithm.
 */
export function pow(x: number, exponent: number): number {
  if (exponent === 0 || x === 1) return 1;
  if (x === 0) return exponent > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (x < 0) {
    if (Math.floor(exponent) !== exponent) return Number.NaN;
    const size = pow(-x, exponent);
    return exponent % 2 === 0 ? size : -size;
  }
  if (isSmallWhole(exponent)) return wholePower(x, exponent);
  if (x === Number.POSITIVE_INFINITY) return exponent > 0 ? x : 0;
  const high = lnInParts(x);
  const product = exponent * high;
  const value = exp(product);
  if (!(product < 710 && product > -746)) return value;
  return value + value * (productRest(exponent, high, product) + exponent * lnLow[0]!);
}

function isSmallWhole(exponent: number): boolean {
  return exponent <= 16 && exponent >= -16 && Math.floor(exponent) === exponent;
}

/** By multiplication alone, in this order: part of the definition, since other orders round otherwise. */
function wholePower(x: number, exponent: number): number {
  let value = 1;
  for (let i = exponent < 0 ? -exponent : exponent; i > 0; i -= 1) value *= x;
  return exponent < 0 ? 1 / value : value;
}

/** What `lnInParts` left over. */
const lnLow = new Float64Array(1);

/** ln x as the returned double plus `lnLow`. The method is that of `ln`, with the leading terms kept in two parts. */
function lnInParts(x: number): number {
  if (x < 2.2250738585072014e-308) {
    const high = lnInParts(x * 18014398509481984);
    const shift = 54 * ln2High;
    lnLow[0] = lnLow[0]! - 54 * ln2Low + (high - (high - shift) - shift);
    return high - shift;
  }
  let k = (highWord(x) >>> 20) - 1023;
  let fraction = x * powerOfTwo(-k);
  if (fraction > Math.SQRT2) {
    fraction *= 0.5;
    k += 1;
  }
  const f = fraction - 1;
  const divisor = 2 + f;
  const s = f / divisor;
  const back = s * divisor;
  const sLow = (f - back - productRest(s, divisor, back) - s * (f - (divisor - 2))) / divisor;
  const tail = s * lnSeries(s * s) + 2 * sLow + k * ln2Low;
  const exact = k * ln2High;
  const sum = exact + 2 * s;
  const sumLow = k === 0 ? 0 : 2 * s - (sum - exact);
  const high = sum + (sumLow + tail);
  lnLow[0] = sum - high + (sumLow + tail);
  return high;
}

/** a * b - rounded, exactly. */
function productRest(a: number, b: number, rounded: number): number {
  const aCarry = a * splitter;
  const aHigh = aCarry - (aCarry - a);
  const aLow = a - aHigh;
  const bCarry = b * splitter;
  const bHigh = bCarry - (bCarry - b);
  const bLow = b - bHigh;
  return aLow * bLow - (rounded - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/**
 * Looking at a double as bits, and exact powers of two. Everything in this folder is built from + - * / and these,
 * because `Math.log`, `exp`, `pow`, `sin` and their kin differ between JavaScript engines in the last bit.
 */
const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** The upper 32 bits of a double: sign, exponent and 20 bits of the fraction. */
export function highWord(x: number): number {
  double[0] = x;
  return words[1]!;
}

/** Exact 2^k at index k + 1074, for k from -1074 to 1023. A table, since building a double from bits is slow. */
const powers = powersOfTwo();

/** Exact 2^k; 0 below -1074 and Infinity above 1023. */
export function powerOfTwo(k: number): number {
  if (k < -1074) return 0;
  return k > 1023 ? Number.POSITIVE_INFINITY : powers[k + 1074]!;
}

/** `x * 2^k` rounded once, for any whole k. */
export function scaleByPowerOfTwo(x: number, k: number): number {
  if (k > 1023) return x * powerOfTwo(1023) * powerOfTwo(k - 1023);
  if (k >= -1022) return x * powerOfTwo(k);
  // Two steps keep the second factor normal, so that only the last product rounds.
  return x * powerOfTwo(k + 54) * powerOfTwo(-54);
}

function powersOfTwo(): Float64Array {
  const table = new Float64Array(2098);
  let power = 1;
  for (let k = 0; k <= 1023; k += 1) {
    table[k + 1074] = power;
    power *= 2;
  }
  power = 1;
  for (let k = 0; k >= -1074; k -= 1) {
    table[k + 1074] = power;
    power /= 2;
  }
  return table;
}

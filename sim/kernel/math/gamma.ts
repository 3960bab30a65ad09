import { exp } from "./exp.ts";
import { ln } from "./ln.ts";

const halfLnTwoPi = 0.9189385332046728;
/** Coefficients of 1/x, 1/x^3, ... in Stirling's series. */
const stirling = Float64Array.of(
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
);

/** Natural logarithm of the gamma function for x > 0; absolute error about 1e-14. */
export function lnGamma(x: number): number {
  // Stirling's series needs a large argument; the recurrence gamma(x + 1) = x gamma(x) brings any there.
  let product = 1;
  let shifted = x;
  while (shifted < 12) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  let series = 0;
  for (let i = stirling.length - 1; i >= 0; i -= 1) series = series * square + stirling[i]!;
  return (shifted - 0.5) * ln(shifted) - shifted + halfLnTwoPi + series * inverse - ln(product);
}

/** The gamma function for x > 0; relative error about 1e-13. */
export function gamma(x: number): number {
  return exp(lnGamma(x));
}

/** Probability that a gamma variable of this shape and scale 1 is at most x; relative error about 1e-13. */
export function gammaP(shape: number, x: number): number {
  if (!(x > 0)) return 0;
  if (x === Number.POSITIVE_INFINITY) return 1;
  return x < shape + 1 ? gammaSeries(shape, x) : 1 - gammaFraction(shape, x);
}

/** Probability that a gamma variable of this shape and scale 1 exceeds x, accurate far into the tail. */
export function gammaQ(shape: number, x: number): number {
  if (!(x > 0)) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  return x < shape + 1 ? 1 - gammaSeries(shape, x) : gammaFraction(shape, x);
}

/** The power series of P, which converges fast below shape + 1. */
function gammaSeries(shape: number, x: number): number {
  let term = 1 / shape;
  let sum = term;
  for (let n = 1; n < 10_000 && term > sum * 1e-17; n += 1) {
    term *= x / (shape + n);
    sum += term;
  }
  return sum * exp(shape * ln(x) - x - lnGamma(shape));
}

/** The continued fraction of Q by Lentz's method, which converges fast above shape + 1. */
function gammaFraction(shape: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - shape;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < 10_000; n += 1) {
    const a = -n * (n - shape);
    b += 2;
    d = a * d + b;
    if (d < tiny && d > -tiny) d = tiny;
    c = b + a / c;
    if (c < tiny && c > -tiny) c = tiny;
    d = 1 / d;
    const step = d * c;
    value *= step;
    if (step - 1 < 1e-16 && step - 1 > -1e-16) break;
  }
  return value * exp(shape * ln(x) - x - lnGamma(shape));
}

import { expect, test } from "vitest";
import { Stream } from "../random/stream.ts";
import { exp, expm1 } from "./exp.ts";
import { gammaP, gammaQ, lnGamma } from "./gamma.ts";
import { ln, ln1p } from "./ln.ts";
import { normalCdf } from "./normal-cdf.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { pow } from "./pow.ts";
import { cos, sin } from "./trigonometry.ts";

const chance = new Stream("1", "math");

/** The machine's own functions, themselves within an ulp, are only the yardstick; ours never call them. */
test.each<[string, number, (x: number) => number, (x: number) => number, () => number]>([
  ["ln", 1, ln, Math.log, () => chance.uniform() * 100],
  ["ln of tiny and huge numbers", 1, ln, Math.log, () => 2 ** (chance.uniform() * 2090 - 1070)],
  ["ln1p", 2, ln1p, Math.log1p, () => chance.uniform() * 2 - 1],
  ["exp", 1, exp, Math.exp, () => chance.uniform() * 1400 - 700],
  ["exp where results are subnormal", 1, exp, Math.exp, () => -700 - chance.uniform() * 50],
  ["expm1", 5, expm1, Math.expm1, () => chance.uniform() * 4 - 2],
  ["sin", 2, sin, Math.sin, () => chance.uniform() * 2000 - 1000],
  ["cos", 2, cos, Math.cos, () => chance.uniform() * 2000 - 1000],
  ["x^0.5", 2, (x) => pow(x, 0.5), Math.sqrt, () => chance.uniform() * 1e9],
  ["x^-2.7", 4, (x) => pow(x, -2.7), (x) => x ** -2.7, () => chance.uniform() * 50 + 0.01],
  ["x^100.1", 5, (x) => pow(x, 100.1), (x) => x ** 100.1, () => chance.uniform() * 5 + 0.01],
])("%s is within %d units in the last place", (_, ulpMax, ours, theirs, sample) => {
  let worst = 0;
  for (let i = 0; i < 50_000; i += 1) {
    const x = sample();
    worst = Math.max(worst, ulpsApart(ours(x), theirs(x)));
  }
  expect(worst).toBeLessThanOrEqual(ulpMax);
});

function ulpsApart(a: number, b: number): number {
  if (a === b) return 0;
  const bits = new BigInt64Array(Float64Array.of(a, b).buffer);
  const gap = bits[0]! - bits[1]!;
  return Number(gap < 0n ? -gap : gap);
}

test("edges are what arithmetic says", () => {
  expect(ln(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(ln(-1)).toBeNaN();
  expect(ln(1)).toBe(0);
  expect(ln(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(exp(0)).toBe(1);
  expect(exp(710)).toBe(Number.POSITIVE_INFINITY);
  expect(exp(-746)).toBe(0);
  expect(exp(Number.NaN)).toBeNaN();
  expect(pow(0, 2)).toBe(0);
  expect(pow(0, -1)).toBe(Number.POSITIVE_INFINITY);
  expect(pow(-2, 3)).toBe(-8);
  expect(pow(-2, 0.5)).toBeNaN();
  expect(pow(9, 0)).toBe(1);
  expect(pow(10, 400)).toBe(Number.POSITIVE_INFINITY);
  expect(sin(0)).toBe(0);
  expect(cos(0)).toBe(1);
  expect(sin(1e7)).toBeNaN();
});

test("the gamma function and its integrals agree with published values", () => {
  expect(lnGamma(0.5)).toBeCloseTo(0.5723649429247001, 13);
  expect(lnGamma(100) / 359.1342053695754).toBeCloseTo(1, 14);
  for (const [shape, x] of [
    [0.3, 0.01],
    [0.3, 5],
    [4, 2],
    [4, 20],
    [200, 190],
  ] as const) {
    expect(gammaP(shape, x) + gammaQ(shape, x)).toBeCloseTo(1, 13);
  }
  // For whole shapes Q is a Poisson sum: e^-x (1 + x + x^2/2 + x^3/6).
  expect(gammaQ(4, 20) / (Math.exp(-20) * (1 + 20 + 200 + 8000 / 6))).toBeCloseTo(1, 12);
});

test("the normal distribution function holds far into its tails and is inverse to the quantile", () => {
  expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14);
  expect(normalCdf(-5) / 2.866515718791939e-7).toBeCloseTo(1, 12);
  expect(normalCdf(-30) / 4.906713927148187e-198).toBeCloseTo(1, 11);
  for (const p of [1e-300, 1e-20, 0.001, 0.3, 0.5, 0.8, 0.999]) {
    expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 11);
  }
});

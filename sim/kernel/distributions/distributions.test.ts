import { expect, test } from "vitest";
import { KernelError } from "../kernel-error.ts";
import { normalQuantile } from "../math/normal-quantile.ts";
import { KeyedStream } from "../random/keyed-stream.ts";
import { Stream } from "../random/stream.ts";
import { cdfFunction } from "./cdf.ts";
import type { Distribution } from "./distribution.ts";
import { lognormalFromQuantiles } from "./lognormal-from-quantiles.ts";
import { distributionMistakes } from "./mistakes.ts";
import { mean, variance } from "./moments.ts";
import { quantile, quantileFunction } from "./quantile.ts";
import { compileQuantiles } from "./quantile-table.ts";

/** From SciPy 1.17: quantiles at these u, mean and variance. */
const quantilePoints = [1e-6, 0.01, 0.5, 0.9, 0.999, 1 - 1e-9];
const references: {
  name: string;
  of: Distribution;
  quantiles: number[];
  mean: number;
  variance: number;
}[] = [
  {
    name: "exponential",
    of: { kind: "exponential", mean: 3 },
    quantiles: [
      3.0000015000010004e-6, 0.030151007560504324, 2.0794415416798357, 6.907755278982138,
      20.723265836946407, 62.169797595685026,
    ],
    mean: 3.0,
    variance: 9.0,
  },
  {
    name: "uniform",
    of: { kind: "uniform", low: 2, high: 5 },
    quantiles: [2.000003, 2.03, 3.5, 4.7, 4.997, 4.999999997],
    mean: 3.5,
    variance: 0.75,
  },
  {
    name: "erlang",
    of: { kind: "erlang", shape: 4, mean: 10 },
    quantiles: [
      0.1774809783965527, 2.058121715863463, 9.180151872127242, 16.70195767063966,
      32.655601947970176, 72.88451648785382,
    ],
    mean: 10.0,
    variance: 25.0,
  },
  {
    name: "gamma below 1",
    of: { kind: "gamma", shape: 0.4, scale: 7 },
    quantiles: [
      5.190748277794797e-15, 5.190775771725402e-5, 1.015546991504048, 7.908899778308541,
      35.29826011921974, 127.09354653443026,
    ],
    mean: 2.8000000000000003,
    variance: 19.6,
  },
  {
    name: "gamma",
    of: { kind: "gamma", shape: 9.5, scale: 2 },
    quantiles: [
      2.25505372342003, 7.632729647571471, 18.337652896756474, 27.203571029356844,
      43.82019596451753, 81.55935772651448,
    ],
    mean: 19.0,
    variance: 38.0,
  },
  {
    name: "lognormal",
    of: { kind: "lognormal", median: 20, sigma: 0.7 },
    quantiles: [
      0.717727906099425, 3.924695472991499, 20.0, 49.048929908612216, 173.97209066485283,
      1331.6808060359872,
    ],
    mean: 25.552426264097733,
    variance: 412.8560087896152,
  },
  {
    name: "weibull",
    of: { kind: "weibull", shape: 0.8, scale: 12 },
    quantiles: [
      3.7947355639120304e-7, 0.038186245880756434, 7.589498375666111, 34.03696726106647,
      134.38550427601302, 530.5838105906686,
    ],
    mean: 13.596037155832155,
    variance: 293.71031340172084,
  },
  {
    name: "weibull steep",
    of: { kind: "weibull", shape: 3.5, scale: 2 },
    quantiles: [
      0.03861396009394693, 0.5373094089037163, 1.8011569406773749, 2.538166994788197,
      3.4740858867881235, 4.755113740848916,
    ],
    mean: 1.7994943530056782,
    variance: 0.32429100584918924,
  },
  {
    name: "pareto",
    of: { kind: "pareto", shape: 2.5, low: 4, high: Number.POSITIVE_INFINITY },
    quantiles: [
      4.00000160000112, 4.01611290368363, 5.278031643091577, 10.047545726038322, 63.395727698444524,
      15924.287002287736,
    ],
    mean: 6.666666666666667,
    variance: 35.55555555555556,
  },
  {
    name: "bounded pareto",
    of: { kind: "pareto", shape: 1.2, low: 1, high: 1000 },
    quantiles: [
      1.000000833124773, 1.008408318493763, 1.7814245494059577, 6.800112269605014,
      262.4039309257374, 999.9966832858486,
    ],
    mean: 4.49399698209851,
    variance: 355.1812463547375,
  },
];

/** One of every kind, for what must hold for all. */
const kinds: Record<string, Distribution> = {
  ...Object.fromEntries(references.map(({ name, of }) => [name, of])),
  deterministic: { kind: "deterministic", value: 5 },
  hyperexponential: { kind: "hyperexponential", means: [1, 20], weights: [9, 1] },
  empirical: { kind: "empirical", values: [5, 1, 9, 2, 2, 30, 4.5] },
  mixture: {
    kind: "mixture",
    parts: [
      { weight: 0.8, of: { kind: "lognormal", median: 10, sigma: 0.3 } },
      { weight: 0.2, of: { kind: "exponential", mean: 200 } },
    ],
  },
  "mixture with an atom": {
    kind: "mixture",
    parts: [
      { weight: 0.9, of: { kind: "deterministic", value: 3 } },
      { weight: 0.1, of: { kind: "uniform", low: 0, high: 100 } },
    ],
  },
  zipf: { kind: "zipf", count: 50, exponent: 1.1 },
  discrete: { kind: "discrete", values: [7, 1, 3], weights: [1, 2, 5] },
  truncated: {
    kind: "truncated",
    of: { kind: "lognormal", median: 10, sigma: 1 },
    low: 4,
    high: 60,
  },
  shifted: { kind: "shifted", of: { kind: "exponential", mean: 2 }, by: 10 },
};

test.each(references)("$name has the quantiles and moments that SciPy gives", (reference) => {
  for (const [i, u] of quantilePoints.entries()) {
    const expected = reference.quantiles[i]!;
    const got = quantile(reference.of, u);
    // 1 - 1e-9 has only seven digits of distance from 1.
    const tolerance = u > 0.9999 ? 1e-7 : 1e-10;
    expect(Math.abs(got - expected) / expected, `at ${u}: ${got}`).toBeLessThan(tolerance);
  }
  expect(mean(reference.of) / reference.mean).toBeCloseTo(1, 11);
  expect(variance(reference.of) / reference.variance).toBeCloseTo(1, 10);
});

test.each(Object.entries(kinds))("%s: cdf and quantile are inverse", (_, of) => {
  const cdf = cdfFunction(of);
  for (let i = 1; i < 400; i += 1) {
    const u = i / 400;
    const x = quantile(of, u);
    const step = 1e-9 * Math.max(x, 1e-3);
    expect(cdf(x + step) + 1e-9).toBeGreaterThanOrEqual(u);
    expect(cdf(x - step) - 1e-6).toBeLessThanOrEqual(u);
  }
});

test.each(Object.entries(kinds))("%s: a table draws what the quantiles say", (_, of) => {
  const table = compileQuantiles(of);
  for (let i = 0; i < 4000; i += 1) {
    const u = (i + 0.37) / 4000;
    const exact = quantile(of, u);
    expect(Math.abs(table.at(u) - exact)).toBeLessThanOrEqual(3e-3 * Math.abs(exact) + 1e-12);
  }
  expect(table.at(1 - 2 ** -53)).toBe(quantile(of, 1 - 2 ** -53));
});

test.each(Object.entries(kinds))("%s: draws have its mean, variance and shape", (name, of) => {
  const count = 200_000;
  const table = compileQuantiles(of);
  const stream = new Stream("1", name);
  const keyed = new KeyedStream("1", name);
  for (const draw of [() => stream.draw(table), (i: number) => keyed.draw(table, i, 1, 2)]) {
    const values = Float64Array.from({ length: count }, (_, i) => draw(i)).sort();
    const average = values.reduce((sum, value) => sum + value, 0) / count;
    const spread = Math.sqrt(variance(of) / count);
    // |z| < 4.5 fails by chance once in 150,000 draws; a table's own bias adds 1 in 4,000 at most.
    if (spread < Number.POSITIVE_INFINITY) {
      expect(Math.abs(average - mean(of))).toBeLessThanOrEqual(4.5 * spread + 2.5e-4 * mean(of));
    }
    // Kolmogorov's distance times the root of n exceeds 2.3 by chance once in 20,000; atoms only make it smaller.
    expect(kolmogorov(values, cdfFunction(of)) * Math.sqrt(count)).toBeLessThan(2.3);
  }
});

/** The mean of the quantile, and of its square, at the middles of many equal parts: the far tails are a little short. */
test.each(Object.entries(kinds).filter(([, of]) => variance(of) < 1e4 && of.kind !== "pareto"))(
  "%s: mean and variance are those of its quantiles",
  (_, of) => {
    const parts = 20_000;
    const at = quantileFunction(of);
    let first = 0;
    let square = 0;
    for (let i = 0; i < parts; i += 1) {
      const value = at((i + 0.5) / parts);
      first += value / parts;
      square += (value * value) / parts;
    }
    expect(Math.abs(first / mean(of) - 1)).toBeLessThan(1e-3);
    expect(Math.abs(square / (variance(of) + mean(of) ** 2) - 1)).toBeLessThan(1e-2);
  },
);

/** Pearson's statistic of counts against probabilities. */
function pearson(counts: readonly number[], parts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, i) => {
    const expected = total * (parts[i] ?? 0);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

test.each<[string, Distribution, readonly number[]]>([
  ["discrete", kinds["discrete"]!, [1, 3, 7]],
  ["zipf", kinds["zipf"]!, Array.from({ length: 50 }, (_, rank) => rank)],
  ["zipf of 5 with exponent 2", { kind: "zipf", count: 5, exponent: 2 }, [0, 1, 2, 3, 4]],
])("%s: each value comes as often as it should", (name, of, values) => {
  const stream = new Stream("1", `pearson ${name}`);
  const table = compileQuantiles(of);
  const counts = new Map(values.map((value) => [value, 0]));
  for (let i = 0; i < 200_000; i += 1) {
    const value = stream.draw(table);
    counts.set(value, (counts.get(value) ?? Number.NaN) + 1);
  }
  const cdf = cdfFunction(of);
  const parts = values.map((value) => cdf(value) - cdf(value - 0.5));
  const degrees = values.length - 1;
  // Exceeded by chance once in 10,000: chi-square by Wilson and Hilferty.
  const limit = degrees * (1 - 2 / (9 * degrees) + 3.72 * Math.sqrt(2 / (9 * degrees))) ** 3;
  expect(pearson([...counts.values()], parts)).toBeLessThan(limit);
});

test("a distribution of one value, and one cut where nothing is, are told from others", () => {
  expect(cdfFunction({ kind: "uniform", low: 3, high: 3 })(3)).toBe(1);
  expect(cdfFunction({ kind: "lognormal", median: 3, sigma: 0 })(3)).toBe(1);
  const nowhere = { kind: "truncated", of: { kind: "uniform", low: 0, high: 1 }, low: 2, high: 3 };
  expect(distributionMistakes(nowhere as Distribution)).toEqual([
    "of must have some of its probability above low and up to high",
  ]);
});

/** Largest gap between the empirical and the stated distribution function, judged at distinct values. */
function kolmogorov(sorted: Float64Array, cdf: (x: number) => number): number {
  let worst = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    if (i + 1 < sorted.length && sorted[i] === sorted[i + 1]) continue;
    const gap = (i + 1) / sorted.length - cdf(sorted[i]!);
    worst = Math.max(worst, Math.abs(gap));
  }
  return worst;
}

test("a lognormal is found from its median and 95th percentile", () => {
  const of = lognormalFromQuantiles({ p50: 8, p95: 30 });
  expect(quantile(of, 0.5)).toBeCloseTo(8, 12);
  expect(quantile(of, 0.95)).toBeCloseTo(30, 10);
});

test("mostly straight distributions need few exact cells", () => {
  expect(compileQuantiles({ kind: "exponential", mean: 1 }).exactCellCount()).toBeLessThan(20);
  expect(
    compileQuantiles({ kind: "lognormal", median: 1, sigma: 1 }).exactCellCount(),
  ).toBeLessThan(40);
});

test("every mistake in a distribution is told at once, with its place", () => {
  const bad: Distribution = {
    kind: "mixture",
    parts: [
      { weight: -1, of: { kind: "exponential", mean: 0 } },
      { weight: 1, of: { kind: "gamma", shape: Number.NaN, scale: -2 } },
    ],
  };
  expect(distributionMistakes(bad)).toEqual([
    "weights must be 2 numbers, 0 or more, not all 0",
    "parts[0].of.mean must be above 0",
    "parts[1].of.shape must be above 0",
    "parts[1].of.scale must be above 0",
  ]);
  expect(() => compileQuantiles(bad)).toThrow(KernelError);
});

test("ziggurat and inverse draw the same normal and exponential", () => {
  const stream = new Stream("1", "ziggurat");
  const count = 400_000;
  const normals = Float64Array.from({ length: count }, () => stream.normal()).sort();
  const exponentials = Float64Array.from({ length: count }, () => stream.exponential(3)).sort();
  // Far quantiles, where a wrong tail would show: the error of order statistic k of n is about root k in rank.
  for (const rank of [20, 100, 1000, 40_000, 200_000, 360_000, 399_000, 399_900, 399_980]) {
    const slack = 4.5 * Math.sqrt((rank * (count - rank)) / count);
    const low = Math.max(1, rank - slack) / count;
    const high = Math.min(count - 0.01, rank + slack) / count;
    expect(normals[rank]!).toBeGreaterThan(normalQuantile(low));
    expect(normals[rank]!).toBeLessThan(normalQuantile(high));
    expect(exponentials[rank]!).toBeGreaterThan(-3 * Math.log(1 - low));
    expect(exponentials[rank]!).toBeLessThan(-3 * Math.log(1 - high));
  }
});

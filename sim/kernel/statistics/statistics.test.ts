import { expect, test } from "vitest";
import { createKernel } from "../kernel.ts";
import { studentCdf, studentQuantile } from "../math/student.ts";
import { Stream } from "../random/stream.ts";
import { BatchMeans } from "./batch-means.ts";
import { Histogram } from "./histogram.ts";
import { pairedInterval, replicationInterval } from "./intervals.ts";
import { mser } from "./mser.ts";
import { Tally } from "./tally.ts";

function kernelWithClock() {
  const kernel = createKernel({ seed: 1, programVersion: "test" });
  kernel.handler("nothing", () => {});
  return kernel;
}

test("a tally has the mean and variance of its observations, also far from 0 and when merged", () => {
  const values = Array.from({ length: 1000 }, (_, i) => 1e9 + ((i * 7919) % 1000));
  const whole = new Tally();
  const halves = [new Tally(), new Tally()];
  for (const [i, value] of values.entries()) {
    whole.record(value);
    halves[i % 2]!.record(value);
  }
  const average = 1e9 + 499.5;
  const spread = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / 999;
  halves[0]!.merge(halves[1]!);
  for (const tally of [whole, halves[0]!]) {
    expect(tally.mean()).toBeCloseTo(average, 6);
    expect(tally.variance() / spread).toBeCloseTo(1, 9);
    expect([tally.count, tally.min, tally.max]).toEqual([1000, 1e9, 1e9 + 999]);
  }
  expect(new Tally().mean()).toBeNaN();
});

test("a level is averaged over the time it held each value", () => {
  const kernel = kernelWithClock();
  const level = kernel.level("queue");
  kernel.runUntil(10);
  level.set(4);
  kernel.runUntil(15);
  level.add(-4);
  kernel.runUntil(20);
  expect(level.mean()).toBe(1);
  expect(level.variance()).toBe(3);
  expect(level.busyPart()).toBe(0.25);
  expect(level.busyPeriodCount).toBe(1);
  level.set(2);
  kernel.runUntil(30);
  expect(level.busyPeriodMeanUs()).toBe(7.5);
  level.reset();
  kernel.runUntil(40);
  expect([level.mean(), level.max, level.busyPart()]).toEqual([2, 2, 1]);
});

test("a rate counts in all and by whole windows", () => {
  const kernel = kernelWithClock();
  const rate = kernel.rate("requests", { windowUs: 1_000_000 });
  kernel.runUntil(300_000);
  rate.add(5);
  expect(rate.lastWindowPerSecond()).toBe(0);
  kernel.runUntil(1_000_000);
  expect(rate.lastWindowPerSecond()).toBe(5);
  rate.add();
  expect(rate.perSecond()).toBe(6);
  kernel.runUntil(2_500_000);
  expect(rate.lastWindowPerSecond()).toBe(1);
  kernel.runUntil(9_000_000);
  expect(rate.lastWindowPerSecond()).toBe(0);
});

test.each([0.05, 0.01, 0.001])(
  "histogram quantiles are within %d of the exact ones",
  (relativeError) => {
    const histogram = new Histogram({ lowest: 1, highest: 1e8, relativeError });
    const chance = new Stream("1", "values");
    const values = Float64Array.from({ length: 20_000 }, () => 2 ** (chance.uniform() * 26));
    for (const value of values) histogram.record(value);
    values.sort();
    for (const p of [0.0001, 0.01, 0.3, 0.5, 0.9, 0.99, 0.9999, 1]) {
      const exact = values[Math.max(1, Math.ceil(p * values.length)) - 1]!;
      expect(Math.abs(histogram.quantile(p) - exact) / exact).toBeLessThanOrEqual(relativeError);
    }
    expect(histogram.mean()).toBeCloseTo(values.reduce((sum, v) => sum + v, 0) / values.length, 3);
  },
);

test("a histogram counts what is below and above its range, and refuses NaN", () => {
  const histogram = new Histogram({ lowest: 10, highest: 1000 });
  for (const value of [0, 3, 50, 5000, 7000]) histogram.record(value);
  expect(histogram.count).toBe(5);
  expect(histogram.quantile(0.2)).toBe(0);
  expect(histogram.quantile(1)).toBe(7000);
  expect(histogram.countAtMost(100)).toBe(3);
  expect(() => histogram.record(Number.NaN)).toThrow(/NaN/);
});

test("histograms of one scale add up to the histogram of all", () => {
  const parts = [0, 1, 2].map(() => new Histogram({ lowest: 1, highest: 1e6 }));
  for (let i = 1; i < 3000; i += 1) {
    parts[0]!.record(i * 3);
    parts[1 + (i % 2)]!.record(i * 3);
  }
  parts[1]!.merge(parts[2]!);
  for (const p of [0.1, 0.5, 0.99]) expect(parts[1]!.quantile(p)).toBe(parts[0]!.quantile(p));
  expect(() => parts[0]!.merge(new Histogram({ lowest: 1, highest: 1e5 }))).toThrow(/scales/);
});

test("Student's quantiles are those of the tables", () => {
  expect(studentQuantile(0.975, 9)).toBeCloseTo(2.262157162798205, 11);
  expect(studentQuantile(0.995, 1)).toBeCloseTo(63.656741162871526, 8);
  expect(studentQuantile(0.1, 30)).toBeCloseTo(-1.3104150253913955, 11);
  expect(studentQuantile(0.99999, 4)).toBeCloseTo(23.332182700855984, 8);
  expect(studentCdf(0, 5)).toBeCloseTo(0.5, 14);
});

test("an interval of confidence 0.9 holds the truth in 9 of 10 cases", () => {
  const chance = new Stream("1", "coverage");
  let held = 0;
  for (let trial = 0; trial < 4000; trial += 1) {
    const values = Array.from({ length: 6 }, () => 3 + chance.normal());
    const { low, high } = replicationInterval(values, { confidence: 0.9 });
    if (low <= 3 && 3 <= high) held += 1;
  }
  // |z| < 4.5 fails by chance once in 150,000 runs.
  expect(Math.abs(held - 3600)).toBeLessThan(4.5 * Math.sqrt(4000 * 0.9 * 0.1));
  expect(replicationInterval([5], { confidence: 0.9 }).halfWidth).toBe(Number.POSITIVE_INFINITY);
});

test("pairs with common luck tell two designs apart where separate runs cannot", () => {
  const chance = new Stream("1", "pairs");
  const luck = Array.from({ length: 10 }, () => 100 * chance.normal());
  const first = luck.map((value) => value + chance.normal());
  const second = luck.map((value) => value + 5 + chance.normal());
  const { low, high } = pairedInterval(first, second, { confidence: 0.99 });
  expect(low).toBeGreaterThan(0);
  expect(high).toBeLessThan(10);
  expect(replicationInterval(first, { confidence: 0.99 }).halfWidth).toBeGreaterThan(50);
  expect(() => pairedInterval([1], [1, 2], { confidence: 0.9 })).toThrow(/pairs/);
});

test("the warm-up ends where a series has come down to its level", () => {
  const chance = new Stream("1", "warm-up");
  const series = Array.from({ length: 200 }, (_, i) => 10 * 0.9 ** i + 0.3 * chance.normal());
  const cut = mser(series);
  expect(cut).toBeGreaterThan(10);
  expect(cut).toBeLessThan(60);
  expect(mser(Array.from({ length: 100 }, (_, i) => i))).toBe(100);
  expect(mser(new Array<number>(50).fill(3))).toBe(0);
  expect(mser([])).toBe(0);
});

test("batch means of a series with memory give an honest interval, at a fixed size", () => {
  const chance = new Stream("1", "autoregressive");
  let held = 0;
  for (let trial = 0; trial < 300; trial += 1) {
    const batches = new BatchMeans();
    // Each value keeps 0.9 of the one before: the plain interval would be 4.4 times too narrow.
    let value = 5;
    for (let i = 0; i < 20_000; i += 1) {
      value = 0.9 * value + chance.normal();
      batches.record(value);
    }
    expect(batches.batches().length).toBeLessThanOrEqual(512);
    const { low, high } = batches.interval({ confidence: 0.95 });
    if (low <= 0 && 0 <= high) held += 1;
  }
  expect(held).toBeGreaterThan(300 * 0.95 - 4.5 * Math.sqrt(300 * 0.95 * 0.05));
});

import { expect, test } from "vitest";
import { createKernel } from "../../kernel/kernel.ts";
import { nearestRank, percentileOf, rankInterval } from "./order-statistics.ts";

const exact = (values: readonly number[]) => values.map((value) => ({ value, censored: false }));

/** P(Bin(count, part) <= upTo) by multiplying out, without logarithms. */
function cumulative(count: number, upTo: number, part: number): number {
  let sum = 0;
  for (let hits = 0; hits <= upTo; hits += 1) {
    let term = 1;
    for (let i = 0; i < hits; i += 1) term *= ((count - i) / (i + 1)) * part;
    for (let i = hits; i < count; i += 1) term *= 1 - part;
    sum += term;
  }
  return sum;
}

test("the interval of a median is that of the tables", () => {
  // Conover, Practical Nonparametric Statistics: 95 % intervals of the median by the sign test.
  expect(rankInterval(10, 50, 0.95)).toEqual({ low: 2, high: 9 });
  expect(rankInterval(20, 50, 0.95)).toEqual({ low: 6, high: 15 });
  expect(rankInterval(6, 50, 0.95)).toEqual({ low: 1, high: 6 });
});

test("each end errs with at most 2.5 %, and the next rank inward would err with more", () => {
  for (const count of [5, 20, 59, 200]) {
    for (const percentile of [5, 50, 90, 95, 99]) {
      const part = percentile / 100;
      const { low, high } = rankInterval(count, percentile, 0.95);
      if (low > 0) expect(cumulative(count, low - 1, part)).toBeLessThanOrEqual(0.025);
      expect(cumulative(count, low, part)).toBeGreaterThan(0.025);
      if (high <= count) {
        expect(1 - cumulative(count, high - 1, part)).toBeLessThanOrEqual(0.025 + 1e-12);
      }
      expect(1 - cumulative(count, high - 2, part)).toBeGreaterThan(0.025 - 1e-12);
    }
  }
});

test("with too few seeds a high percentile has no upper bound, and says so", () => {
  const { atMost, low, high } = percentileOf(exact([1, 2, 3, 4, 5]), 95, 0.95);
  expect({ atMost, high }).toEqual({ atMost: 5, high: null });
  expect(low).toBe(4);
  // 1 - 0.95^n > 0.975 first at n = 72.
  expect(rankInterval(71, 95, 0.95).high).toBe(72);
  expect(rankInterval(72, 95, 0.95).high).toBe(72);
});

test("the nearest rank of a percentile is the one that reaches it", () => {
  expect(nearestRank(200, 95)).toBe(190);
  expect(nearestRank(20, 95)).toBe(19);
  expect(nearestRank(20, 50)).toBe(10);
  expect(nearestRank(3, 50)).toBe(2);
  expect(nearestRank(1, 99)).toBe(1);
});

test("a run that never recovered stays in the percentiles as a lower bound", () => {
  const values = exact(Array.from({ length: 19 }, (_, at) => at + 1));
  const some = [...values, { value: 10, censored: true }];
  // Whether the censored run belongs before or after the others decides which value is the 95th percentile.
  expect(percentileOf(some, 95, 0.95)).toMatchObject({ atLeast: 18, atMost: 19, high: null });
  expect(percentileOf(some, 40, 0.95)).toMatchObject({ atLeast: 8, atMost: 8 });
  const all = values.map(({ value }) => ({ value, censored: true }));
  expect(percentileOf(all, 50, 0.95)).toMatchObject({ atLeast: 10, atMost: null, high: null });
});

test("an interval holds the true percentile at least as often as it promises", () => {
  const stream = createKernel({ seed: "coverage", programVersion: "test" }).stream("values");
  let held = 0;
  const samples = 2000;
  for (let n = 0; n < samples; n += 1) {
    const values = exact(Array.from({ length: 40 }, () => stream.uniform()));
    const { low, high } = percentileOf(values, 80, 0.9);
    if ((low ?? 0) <= 0.8 && 0.8 <= (high ?? 1)) held += 1;
  }
  expect(held / samples).toBeGreaterThan(0.9);
  expect(held / samples).toBeLessThan(0.98);
});

test("an empty sample is refused", () => {
  expect(() => percentileOf([], 50, 0.95)).toThrow("empty sample");
});

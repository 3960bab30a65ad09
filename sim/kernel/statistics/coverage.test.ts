import { expect, test } from "vitest";
import { Stream } from "../random/stream.ts";
import { BatchMeans } from "./batch-means.ts";
import { type Interval, pairedInterval, replicationInterval } from "./intervals.ts";
import { mser } from "./mser.ts";

const confidence = 0.95;

/** Part of so many intervals that hold the truth. */
function coverage(trials: number, truth: number, interval: () => Interval): number {
  let held = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const { low, high } = interval();
    if (low <= truth && truth <= high) held += 1;
  }
  return held / trials;
}

/** A 95 % interval that covers in 92 to 98 % of the cases: 1000 trials leave it by chance once in 80,000 if it is exact. */
function expectHonest(part: number): void {
  expect(part).toBeGreaterThan(0.92);
  expect(part).toBeLessThan(0.98);
}

test.each([3, 10, 30])("an interval from %d replications covers as it says", (count) => {
  const chance = new Stream("1", `replications ${count}`);
  const draw = () => 3 + 2 * chance.normal();
  expectHonest(
    coverage(1000, 3, () =>
      replicationInterval(Array.from({ length: count }, draw), { confidence }),
    ),
  );
});

test("a paired interval covers the difference of two designs that share their luck", () => {
  const chance = new Stream("1", "pairs");
  expectHonest(
    coverage(1000, 0.5, () => {
      const luck = Array.from({ length: 10 }, () => 5 * chance.normal());
      const first = luck.map((value) => value + chance.normal());
      const second = luck.map((value) => value + 0.5 + chance.normal());
      return pairedInterval(first, second, { confidence });
    }),
  );
});

/** Waits in M/M/1 by Lindley's recursion, begun empty: 4 on average at load 0.8, with a long memory. */
function lindley(chance: Stream, count: number, record: (wait: number) => void): void {
  let wait = 0;
  for (let i = 0; i < count; i += 1) {
    record(wait);
    wait = Math.max(0, wait + chance.exponential(1) - chance.exponential(1.25));
  }
}

type Series = (chance: Stream, record: (value: number) => void) => void;

test.each<[string, number, "mser" | "none", Series]>([
  [
    "of a series that keeps 0.9 of the value before",
    0,
    "mser",
    (chance, record) => {
      let value = 0;
      for (let i = 0; i < 20_000; i += 1) {
        value = 0.9 * value + chance.normal();
        record(value);
      }
    },
  ],
  ["of waits in M/M/1", 4, "none", (chance, record) => lindley(chance, 60_000, record)],
])("an interval from the batch means %s covers as it says", (name, truth, warmUp, series) => {
  const chance = new Stream("1", name);
  expectHonest(
    coverage(400, truth, () => {
      const means = new BatchMeans();
      series(chance, (value) => means.record(value));
      return means.interval({ confidence, warmUp });
    }),
  );
});

test("an interval from fewer values than it seems would not cover: dependent ones are not replications", () => {
  const chance = new Stream("1", "dependent");
  const part = coverage(300, 4, () => {
    const waits: number[] = [];
    lindley(chance, 2000, (wait) => waits.push(wait));
    return replicationInterval(waits, { confidence });
  });
  expect(part).toBeLessThan(0.5);
});

test("intervals have the known answers", () => {
  const { mean, halfWidth, count } = replicationInterval([1, 2, 3, 4, 5], { confidence });
  // 2.7764 root(2.5 / 5), from the table of Student's t with four degrees of freedom.
  expect([mean, count]).toEqual([3, 5]);
  expect(halfWidth).toBeCloseTo(1.9632432, 6);
  const paired = pairedInterval([1, 2, 3], [2, 4, 3], { confidence });
  expect(paired.mean).toBe(1);
  expect(paired.halfWidth).toBeCloseTo(4.3026527 / Math.sqrt(3), 6);
});

test("a confidence that is none is refused", () => {
  for (const wrong of [0, 1, 95, Number.NaN]) {
    expect(() => replicationInterval([1, 2], { confidence: wrong })).toThrow(/between 0 and 1/);
  }
});

test("MSER-5 cuts a start that is too low by what it takes to recover", () => {
  const chance = new Stream("1", "start");
  let late = 0;
  for (let trial = 0; trial < 200; trial += 1) {
    // 40 batches of five at a wrong level, then 400 at the right one.
    const means = Array.from({ length: 440 }, (_, i) => (i < 40 ? 5 : 0) + chance.normal());
    const cut = mser(means);
    expect(cut).toBeGreaterThanOrEqual(39);
    if (cut > 60) late += 1;
  }
  // It sometimes cuts more: that costs data, never the truth.
  expect(late).toBeLessThan(60);
});

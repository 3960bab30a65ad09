import { expect, test } from "vitest";
import { KeyedStream } from "./keyed-stream.ts";
import { Stream } from "./stream.ts";

/** Chi-square of counts that should be equal, as a standard normal deviate (Wilson and Hilferty). */
function evenness(counts: Float64Array): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (Math.cbrt(chi / freedom) - 1 + 2 / (9 * freedom)) / Math.sqrt(2 / (9 * freedom));
}

// |z| < 5 fails by chance less than once in a million checks.
const zMax = 5;

test("the first draws of a named stream never change", () => {
  const stream = new Stream("42", "orders");
  expect([stream.uniform(), stream.uniform(), stream.int(1000), stream.normal()]).toEqual([
    0.8260534631997973, 0.8035229063270518, 939, 1.1469702898708023,
  ]);
  const keyed = new KeyedStream("42", "orders");
  expect([keyed.uniform(1, 2, 3), keyed.uniform(3, 2, 1), keyed.int(1000, -1, 0, 2)]).toEqual([
    0.14068481281752332, 0.5165515219488006, 654,
  ]);
});

test("streams fill the unit interval evenly, also in pairs and in their low bits", () => {
  const stream = new Stream("1", "even");
  const counts = new Float64Array(1024);
  const pairs = new Float64Array(4096);
  const low = new Float64Array(1024);
  let before = 0;
  for (let i = 0; i < 1_000_000; i += 1) {
    const u = stream.uniform();
    counts[Math.floor(u * 1024)]! += 1;
    pairs[Math.floor(before * 64) * 64 + Math.floor(u * 64)]! += 1;
    low[(u * 2 ** 53) % 1024]! += 1;
    before = u;
  }
  for (const cells of [counts, pairs, low]) expect(Math.abs(evenness(cells))).toBeLessThan(zMax);
});

test("streams with like names or like seeds have nothing in common", () => {
  const names = ["a", "b", "aa", "ab", "a1", "a2", "orders.1", "orders.2"];
  const streams = [
    ...names.map((name) => new Stream("1", name)),
    ...["2", "3", "11"].map((seed) => new Stream(seed, "a")),
    new Stream("1a", ""),
  ];
  const count = 20_000;
  const draws = streams.map((stream) =>
    Float64Array.from({ length: count }, () => stream.uniform() - 0.5),
  );
  for (const [i, left] of draws.entries()) {
    for (const right of draws.slice(i + 1)) {
      const product = left.reduce((sum, value, at) => sum + value * right[at]!, 0);
      expect(Math.abs(product * 12) / Math.sqrt(count)).toBeLessThan(zMax);
    }
  }
});

test("keyed draws are even along each key, over grids, and when only one bit of a key changes", () => {
  const keyed = new KeyedStream("1", "grid");
  const walks: ((i: number) => number)[] = [
    (i) => keyed.uniform(i, 0, 0),
    (i) => keyed.uniform(0, i, 0),
    (i) => keyed.uniform(0, 0, i),
    (i) => keyed.uniform(i >> 10, i & 1023, 7),
    (i) => keyed.uniform(i << 12, 0, i & 3),
    (i) => keyed.uniform(-i, i, -i),
    (i) => (keyed.uniform(i, 5, 0) + keyed.uniform(i, 5, 1)) % 1,
    (i) => (keyed.uniform(i, 5, 0) - keyed.uniform(i ^ 1, 5, 0) + 1) % 1,
    (i) => (keyed.uniform(i, 5, 0) - keyed.uniform(i ^ 0x80000000, 5, 0) + 1) % 1,
    (i) => (keyed.uniform(2, i, 0) - keyed.uniform(2, i, 1 << 31) + 1) % 1,
    (i) => (keyed.uniform(i, 1, 0) - keyed.uniform(i + 1, 0, 0) + 1) % 1,
    (i) => (keyed.uniform(i, 3, 0) * 67_108_864) % 1,
  ];
  for (const [at, walk] of walks.entries()) {
    const counts = new Float64Array(1024);
    for (let i = 0; i < 400_000; i += 1) counts[Math.floor(walk(i) * 1024)]! += 1;
    expect(Math.abs(evenness(counts)), `walk ${at}`).toBeLessThan(zMax);
  }
});

test("one changed bit of a key changes every bit of the draw half of the time", () => {
  const keyed = new KeyedStream("1", "avalanche");
  const count = 4000;
  for (let word = 0; word < 3; word += 1) {
    for (let bit = 0; bit < 32; bit += 1) {
      const flips = new Float64Array(53);
      for (let i = 0; i < count; i += 1) {
        const key = [i, i * 7919, i % 11];
        const before = keyed.uniform(key[0]!, key[1]! | 0, key[2]!) * 2 ** 53;
        key[word] = (key[word]! | 0) ^ (1 << bit);
        const after = keyed.uniform(key[0]!, key[1]! | 0, key[2]!) * 2 ** 53;
        for (let out = 0; out < 53; out += 1) {
          if (Math.floor(before / 2 ** out) % 2 !== Math.floor(after / 2 ** out) % 2)
            flips[out]! += 1;
        }
      }
      for (const flip of flips) {
        // 5,088 proportions: |z| < 6 fails by chance once in 100,000 runs.
        expect(Math.abs(flip / count - 0.5) * 2 * Math.sqrt(count)).toBeLessThan(6);
      }
    }
  }
});

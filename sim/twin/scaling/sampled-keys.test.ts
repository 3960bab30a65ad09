import { expect, test } from "vitest";
import { partitionWithin } from "../../components/fabric/partition-law.ts";
import { sampledKeys } from "./sampled-keys.ts";

const even = (count: number) => Array.from({ length: count }, () => 1);

test("a sample keeps one partition in k of whatever k divides, with all its symbols", () => {
  const { symbols } = sampledKeys(5, even(2000), 100);
  for (const count of [5, 10, 50]) {
    const kept = new Set<number>();
    const dropped = new Set<number>();
    symbols.forEach((isKept, symbol) => {
      (isKept === 1 ? kept : dropped).add(partitionWithin("symbol", symbol, count));
    });
    expect(kept.size).toBe(count / 5);
    expect([...kept].filter((partition) => dropped.has(partition))).toEqual([]);
  }
});

test("the share of the load is that of the symbols that are kept, the nearest to one in k", () => {
  const weights = Array.from({ length: 200 }, (_, at) => 1 / (at + 1));
  const { symbols, loadShare } = sampledKeys(5, weights, 100);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const kept = weights.reduce((sum, weight, at) => sum + (symbols[at] === 1 ? weight : 0), 0);
  expect(loadShare).toBeCloseTo(kept / total, 12);
  for (let residue = 0; residue < 5; residue += 1) {
    const other = weights.reduce(
      (sum, weight, at) => sum + (partitionWithin("symbol", at, 5) === residue ? weight : 0),
      0,
    );
    expect(Math.abs(loadShare - 0.2)).toBeLessThanOrEqual(Math.abs(other / total - 0.2) + 1e-12);
  }
});

test("users are kept by whole partitions, too, and about one in k of them", () => {
  const { users, userShare } = sampledKeys(5, even(100), 20_000);
  expect(new Set([...users].map((user) => partitionWithin("user", user, 10))).size).toBe(2);
  expect(userShare).toBeGreaterThan(0.19);
  expect(userShare).toBeLessThan(0.21);
});

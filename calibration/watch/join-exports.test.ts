import { expect, test } from "vitest";
import { createSeries, type Series } from "../series/series.ts";
import { aloneMin, joinExports, periodsOf } from "./join-exports.ts";

const startMs = Date.UTC(2026, 2, 2);

function minutes(from: number, values: readonly number[]): readonly Series[] {
  const name = {
    id: "Count",
    component: "ApiName=api",
    metric: "Count",
    stat: "Sum",
    unit: "Count",
    missingMeans: "zero" as const,
  };
  const timesMs = values.map((_, i) => startMs + (from + i) * 60_000);
  return [createSeries(name, { timesMs, values, periodSec: 60 }, "new.json")];
}

test("short exports in a row become one that is long enough, a gap between them staying one", () => {
  const first = minutes(0, [1, 2, 3, 4]);
  expect(periodsOf(first)).toBeLessThan(aloneMin);
  const joined = joinExports(first, minutes(5, [6, 7, 8]), "new.json");
  expect(periodsOf(joined)).toBe(8);
  expect([...joined[0]!.values]).toEqual([1, 2, 3, 4, 6, 7, 8]);
  expect(joined[0]!.gaps).toHaveLength(1);
});

test("what a later export says of the same minute stands, and the oldest minutes drop out", () => {
  const again = joinExports(minutes(0, [1, 2, 3]), minutes(2, [30, 4]), "new.json");
  expect([...again[0]!.values]).toEqual([1, 2, 30, 4]);
  const many = joinExports(
    minutes(
      0,
      Array.from({ length: 70 }, (_, i) => i),
    ),
    minutes(70, [70]),
    "new.json",
  );
  expect(many[0]!.values).toHaveLength(60);
  expect(many[0]!.values[0]).toBe(11);
});

import { expect, test } from "vitest";
import { bracketAfter, type LoadBracket, nextLoad } from "./load-search.ts";

const options = { startPerSecond: 500, maxPerSecond: 100_000, tolerance: 0.05 };

/** Searches a platform that holds what `holds` says, and the loads that were tried. */
function search(holds: (load: number) => boolean, changes: Partial<typeof options> = {}) {
  const tried: number[] = [];
  let bracket: LoadBracket = { held: 0, failed: undefined };
  for (;;) {
    const load = nextLoad(bracket, { ...options, ...changes });
    if (load === undefined) return { bracket, tried };
    tried.push(load);
    if (tried.length > 60) throw new Error("the search does not end");
    bracket = bracketAfter(bracket, load, holds(load));
  }
}

test("the bracket closes around any knee, to within the tolerance", () => {
  for (const knee of [3, 47, 500, 545, 1999, 33_333, 99_000]) {
    const { bracket, tried } = search((load) => load <= knee);
    expect(bracket.held).toBeLessThanOrEqual(knee);
    expect(bracket.failed).toBeGreaterThan(knee);
    expect(bracket.failed! / bracket.held).toBeLessThanOrEqual(1.05);
    expect(tried.length).toBeLessThan(20);
    expect(new Set(tried).size).toBe(tried.length);
  }
});

test("a platform that holds everything ends at the bound, one that holds nothing near zero", () => {
  expect(search(() => true).bracket).toEqual({ held: 100_000, failed: undefined });
  const { bracket } = search(() => false);
  expect(bracket.held).toBe(0);
  expect(bracket.failed).toBeLessThanOrEqual(1);
});

test("loads are numbers that can be typed", () => {
  const { tried } = search((load) => load <= 7777, { tolerance: 0.001 });
  for (const load of tried) expect(String(load)).toMatch(/^\d{1,3}(0*|\.\d+)$/);
});

import { expect, test } from "vitest";
import { bracketAfter, bracketFrom, type LoadBracket, nextRun } from "./load-search.ts";

const options = { startPerSecond: 500, maxPerSecond: 100_000, tolerance: 0.05 };

/** Searches a platform that holds what `holds` says, and the loads that were run. */
function search(
  holds: (load: number) => boolean,
  changes: Partial<typeof options> = {},
  hint?: LoadBracket,
) {
  const tried: number[] = [];
  const asked = { ...options, ...changes };
  let known: LoadBracket = { held: 0, failed: undefined };
  for (;;) {
    const load = nextRun(known, asked, hint);
    if (load === undefined) return { bracket: bracketFrom(known, asked), tried };
    tried.push(load);
    if (tried.length > 60) throw new Error("the search does not end");
    known = bracketAfter(known, load, holds(load));
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

test("a hint from a platform much like this one spares runs and changes nothing else", () => {
  const hint = search((load) => load <= 1320, { tolerance: 0.1 }).bracket;
  for (const knee of [1320, 1270, 1500, 700, 40, 9000]) {
    const holds = (load: number) => load <= knee;
    const alone = search(holds, { tolerance: 0.1 });
    const hinted = search(holds, { tolerance: 0.1 }, hint);
    expect(hinted.bracket).toEqual(alone.bracket);
    expect(new Set(hinted.tried).size).toBe(hinted.tried.length);
  }
  expect(search((load) => load <= 1350, { tolerance: 0.1 }, hint).tried).toHaveLength(2);
});

test("a hint beyond the bound of the search is not run", () => {
  const { tried } = search(() => true, { maxPerSecond: 600 }, { held: 1000, failed: 1080 });
  expect(tried).toEqual([500, 600]);
});

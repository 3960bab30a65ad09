import { expect, test } from "vitest";
import { BookSide } from "./book-side.ts";
import { LevelPool } from "./level-pool.ts";

/** A whole number from 0 up to `end`, the same ones in every run. */
function numbers(): (end: number) => number {
  let state = 1;
  return (end) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % end;
  };
}

function emptySide() {
  const bestKeys = new Float64Array(2).fill(Number.NaN);
  return { bestKeys, levels: new LevelPool(), side: new BookSide(bestKeys, 1) };
}

test("a side tells its best key through thousands of comings and goings, and NaN when it is empty", () => {
  const { bestKeys, levels, side } = emptySide();
  const next = numbers();
  const present = new Set<number>();
  for (let step = 0; step < 5000; step++) {
    const key = next(300) - 150;
    if (!present.has(key) && next(2) === 0) {
      side.insert(side.indexOf(key), key, levels.allocate(key));
      present.add(key);
    } else if (present.has(key)) {
      side.removeAt(side.indexOf(key));
      present.delete(key);
    } else if (present.size > 0 && next(4) === 0) {
      present.delete(bestKeys[1]!);
      side.removeBest();
    }
    expect(bestKeys[1]).toBe(present.size > 0 ? Math.max(...present) : Number.NaN);
  }
  side.clear();
  expect([...bestKeys]).toEqual([Number.NaN, Number.NaN]);
});

test("every level is found by its key while it stands, also where more stand than are remembered", () => {
  const { levels, side } = emptySide();
  const keys = Array.from({ length: 3000 }, (_, at) => at * 5);
  const rows = keys.map((key) => {
    const level = levels.allocate(key);
    side.insert(side.indexOf(key), key, level);
    return level;
  });
  for (const round of [1, 2]) {
    const found = keys.map((key) => side.levelOf(key, levels));
    expect(found, `round ${round}`).toEqual(rows);
  }
  side.removeAt(side.indexOf(keys[7]!));
  expect(side.levelOf(keys[7]!, levels)).toBe(-1);
  expect(side.levelOf(3, levels)).toBe(-1);
});

import { expect, test } from "vitest";
import { LevelPool } from "./level-pool.ts";

test("rows that were given back serve again, the last first, empty and with their new key", () => {
  const levels = new LevelPool();
  const rows = [10, 11, 12].map((key) => levels.allocate(key));
  expect(rows).toEqual([0, 1, 2]);
  levels.tail[0] = 7;
  levels.shown[0] = 7;
  levels.release(2);
  levels.release(0);
  expect([20, 21, 22].map((key) => levels.allocate(key))).toEqual([0, 2, 3]);
  expect([0, 2, 3].map((row) => levels.key[row])).toEqual([20, 21, 22]);
  expect([levels.head[0], levels.tail[0], levels.shown[0]]).toEqual([-1, -1, 0]);
});

test("thousands of levels come and go without more rows than stood at once, and what stands keeps its row", () => {
  const levels = new LevelPool();
  const rows = Array.from({ length: 5000 }, (_, key) => levels.allocate(key));
  levels.head[4321] = 99;
  levels.shown[4321] = 5;
  expect(rows.map((row) => levels.key[row])).toEqual(rows);
  for (let round = 0; round < 3; round++) {
    for (const row of rows.slice(0, 100)) levels.release(row);
    for (let key = 0; key < 100; key++) expect(levels.allocate(key)).toBeLessThan(100);
  }
  expect([levels.head[4321], levels.key[4321], levels.shown[4321]]).toEqual([99, 4321, 5]);
});

test("cleared, the rows begin anew", () => {
  const levels = new LevelPool();
  for (const key of [1, 2, 3]) levels.allocate(key);
  levels.release(1);
  levels.clear();
  expect([4, 5].map((key) => levels.allocate(key))).toEqual([0, 1]);
});

import { expect, test } from "vitest";
import { WeightedChoice } from "./weighted-choice.ts";

test("a choice gets the part of the unit interval that its weight is of all weights", () => {
  const choice = new WeightedChoice([3, 1, 0, 4]);
  expect([0, 0.3749, 0.375, 0.4999, 0.5, 0.9999].map((u) => choice.at(u))).toEqual([
    0, 0, 1, 1, 3, 3,
  ]);
});

test("a single choice is always taken", () => {
  expect(new WeightedChoice([7]).at(0.999)).toBe(0);
});

import { expect, test } from "vitest";
import { type TornadoMeasure, tornadoes } from "./tornado.ts";

const range = (path: string) => ({ path, low: 1, high: 3, why: "a test" });
const measure: TornadoMeasure = { id: "rto", words: "until it is back", unit: "s", scenario: "x" };

/** The usual time is 10; each assumption adds what the table says at its ends. */
function barsFor(added: Readonly<Record<string, readonly [number | null, number | null]>>) {
  const assumptions = Object.keys(added).map(range);
  const [tornado] = tornadoes({ measures: [measure], assumptions }, (_, variant) => {
    if (variant === undefined) return 10;
    const [low, high] = added[variant.range.path]!;
    const change = variant.value === variant.range.low ? low : high;
    return change === null ? null : 10 + change;
  });
  return tornado!.bars.map(({ path, atLow, atHigh, swing }) => [path, atLow, atHigh, swing]);
}

test("the assumption that moves a measure most comes first, and one that moves nothing last", () => {
  expect(barsFor({ none: [0, 0], some: [-2, 1], most: [0, 9] })).toEqual([
    ["most", 10, 19, 9],
    ["some", 8, 11, 3],
    ["none", 10, 10, 0],
  ]);
});

test("a swing counts from the usual value when both ends lie on one side of it", () => {
  expect(barsFor({ one: [5, 7] })).toEqual([["one", 15, 17, 7]]);
});

test("an end at which it is never over outweighs every number", () => {
  expect(barsFor({ long: [0, 90], endless: [0, null] })).toEqual([
    ["endless", 10, null, null],
    ["long", 10, 100, 90],
  ]);
});

import { expect, test } from "vitest";
import { table, wrap } from "./terminal.ts";

test("columns line up, and nothing trails", () => {
  expect(
    table([
      ["key", "value"],
      ["longer key", "1"],
      ["k", ""],
    ]),
  ).toEqual(["key         value", "longer key  1", "k"]);
});

test("text breaks at blanks, and a long word stays whole", () => {
  expect(wrap("one two incomprehensibilities three", 10, "  ")).toEqual([
    "  one two",
    "  incomprehensibilities",
    "  three",
  ]);
});

import { expect, test } from "vitest";
import { decimalToUnits, unitsToDecimal } from "./decimal.ts";
import { Interner } from "./interner.ts";

test.each([
  ["236.47", "0.01", 23647],
  ["0.1", "0.01", 10],
  ["1.10", "0.05", 22],
  ["8.65557792", "0.00000001", 865557792],
  ["007", "1", 7],
  ["90071992547409.91", "0.01", 9007199254740991],
  ["-90071992547409.91", "0.01", -9007199254740991],
  ["-1.05", "0.05", -21],
  ["+1.05", "0.05", 21],
  ["5.", "0.5", 10],
  ["0", "0.01", 0],
])("%s in units of %s is %i, exactly", (text, unit, units) => {
  expect(decimalToUnits(text, unit)).toEqual({ units });
});

test.each([
  ["1.005", "0.01", "not-a-multiple"],
  ["0.07", "0.05", "not-a-multiple"],
  ["1e3", "0.01", "not-a-number"],
  ["", "0.01", "not-a-number"],
  ["1,5", "0.01", "not-a-number"],
  ["90071992547409.92", "0.01", "too-large"],
  ["-90071992547409.92", "0.01", "too-large"],
  ["1", "0", "not-a-number"],
  ["1", "-1", "not-a-number"],
  ["1", "x", "not-a-number"],
  ["x1", "1", "not-a-number"],
  ["1x", "1", "not-a-number"],
  [".5", "0.5", "not-a-number"],
])("%s in units of %s is refused", (text, unit, problem) => {
  expect(decimalToUnits(text, unit)).toEqual({ problem });
});

test("units go back to the decimal they came from", () => {
  expect(unitsToDecimal(23647, "0.01")).toBe("236.47");
  expect(unitsToDecimal(-5, "0.01")).toBe("-0.05");
  expect(unitsToDecimal(22, "0.05")).toBe("1.10");
  expect(unitsToDecimal(7, "1")).toBe("7");
  expect(unitsToDecimal(0, "0.01")).toBe("0.00");
  expect(unitsToDecimal(0, "1")).toBe("0");
  expect(() => unitsToDecimal(7, "x")).toThrow("the unit x is no decimal number");
});

test("names are numbered densely in order of first use and come back as they were", () => {
  const ids = new Interner<string | number>();
  expect([ids.intern("b"), ids.intern(7), ids.intern("b"), ids.find("c")]).toEqual([0, 1, 0, -1]);
  expect([ids.nameOf(0), ids.nameOf(1), ids.count]).toEqual(["b", 7, 2]);
  expect(() => ids.nameOf(2)).toThrow("nobody has the number 2");
});

test("a full interner stops instead of growing", () => {
  const ids = new Interner<string>(1);
  ids.intern("a");
  expect(() => ids.intern("b")).toThrow("more than 1 names");
});

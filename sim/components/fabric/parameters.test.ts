import { expect, test } from "vitest";
import { assumption } from "../../facts/parameter.ts";
import { resolveParameters } from "./parameters.ts";

const defaults = {
  startUsP50: assumption(5_000_000, "us", "a test"),
  startUsP95: assumption(20_000_000, "us", "a test"),
  restartUsLow: assumption(1, "us", "a test"),
  restartUsHigh: assumption(2, "us", "a test"),
};

function resolve(overrides: Readonly<Record<string, number>>) {
  return resolveParameters("database", defaults, overrides);
}

test("what the topology says stands in place of the default, and says what it replaced", () => {
  const { startUsP50, startUsP95 } = resolve({ startUsP50: 20_000_000 });
  expect([startUsP50.value, startUsP50.origin, startUsP50.replaced]).toEqual([
    20_000_000,
    "override",
    5_000_000,
  ]);
  expect(startUsP95).toBe(defaults.startUsP95);
});

test.each([
  [{ startUsP50: 20_000_001 }, "startUsP50 20000001 above startUsP95 20000000"],
  [{ startUsP95: 4_999_999 }, "startUsP50 5000000 above startUsP95 4999999"],
  [{ restartUsLow: 3 }, "restartUsLow 3 above restartUsHigh 2"],
])("a distribution that ends below where it begins is told: %o", (overrides, problem) => {
  expect(() => resolve(overrides)).toThrow(`Component "database" has ${problem}`);
});

test("both ends may move together", () => {
  const { startUsP50, startUsP95 } = resolve({ startUsP50: 30_000_000, startUsP95: 60_000_000 });
  expect([startUsP50.value, startUsP95.value]).toEqual([30_000_000, 60_000_000]);
});

test("a name that the component does not have is told with those that it has", () => {
  expect(() => resolve({ startUs: 1 })).toThrow('Component "database" has no parameter "startUs"');
});

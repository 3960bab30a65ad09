import { expect, test } from "vitest";
import { firstOf } from "../scenarios/nearest-name.ts";
import { loadScenario, shippedScenarioIds } from "./scenario-files.ts";

test("shipped scenarios that stand by themselves are listed before those of subfolders", () => {
  const ids = shippedScenarioIds();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.indexOf("az-power-loss")).toBeLessThan(ids.indexOf("aws-2017-02-s3"));
  expect(ids.indexOf("az-power-loss")).toBeLessThan(ids.indexOf("az-power-loss-two-zones"));
  expect(ids).not.toContain("current");
});

test("a scenario of a subfolder is found by its id alone", () => {
  expect(loadScenario("aws-2017-02-s3").scenario.id).toBe("aws-2017-02-s3");
});

test("of many names a line holds the first twenty", () => {
  const names = Array.from({ length: 21 }, (_, at) => `s${at}`);
  expect(firstOf(names)).toMatch(/^s0, .*, s19, \.\.\.$/);
  expect(firstOf(names.slice(0, 20))).toMatch(/, s19$/);
});

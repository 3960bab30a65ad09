import { expect, test } from "vitest";
import { type Estimate, identified, unsettled } from "../estimate.ts";
import { mergeParameters } from "./merge-parameters.ts";

const about = { n: 10, period: null, unit: "ms", why: "measured" };
const known = (value: number) => identified(value, [value * 0.95, value * 1.05], about);
const bound = (high: number) =>
  unsettled("only-a-bound", { interval: [null, high] }, { ...about, settledBy: "more" });
const parameter = (name: string, estimate: Estimate) => ({
  name,
  before: 1,
  estimate,
  usableFor: "",
  notUsableFor: "",
});
const merged = (name: string, metrics: Estimate, separate: Estimate) => {
  const { parameters, findings } = mergeParameters(
    [parameter(name, metrics)],
    [parameter(name, separate)],
  );
  return { value: parameters[0]!.estimate, contradictions: findings.length };
};

test("metrics of production stand before a load test, and a contradiction is told", () => {
  expect(merged("a.cpu-ms", known(40), known(41))).toEqual({ value: known(40), contradictions: 0 });
  expect(merged("a.cpu-ms", known(40), known(80))).toEqual({ value: known(40), contradictions: 1 });
  expect(merged("a.cpu-ms", known(40), bound(30)).contradictions).toBe(1);
  expect(merged("a.cpu-ms", known(40), bound(60)).contradictions).toBe(0);
});

test("what only a separate measurement identifies is taken, and so are bursts from event times", () => {
  expect(merged("a.cpu-ms", bound(60), known(40)).value).toEqual(known(40));
  expect(merged("workload.self-excitation", known(0.5), known(0.45)).value).toEqual(known(0.45));
  expect(merged("workload.self-excitation", known(0.5), bound(0.3)).value).toEqual(known(0.5));
});

import { expect, test } from "vitest";
import { sampleRecording } from "../recording/sample-recording.ts";
import { type RunSummary, summaryOf } from "./run-summary.ts";
import { sweepOf } from "./sweep-results.ts";

/** A run whose matching came back after so many seconds. */
function run(seed: number, rtoSeconds: number, changes: Partial<RunSummary> = {}): RunSummary {
  const summary = summaryOf(sampleRecording({ seed: String(seed) }));
  const functions = summary.functions.map((each) =>
    each.function === "matching" ? { ...each, rtoSeconds } : each,
  );
  return { ...summary, functions, ...changes };
}

test("luck that two designs share cancels in their difference", () => {
  const luck = [50, 200, 90, 130, 60];
  const [, faster] = sweepOf([
    { values: { tasks: 6 }, runs: luck.map((seconds, seed) => run(seed, seconds)) },
    { values: { tasks: 9 }, runs: luck.map((seconds, seed) => run(seed, seconds - 10)) },
  ]);
  const { difference } = faster!.overFirst.find((each) => each.quantity === "matching.rtoSeconds")!;
  expect(difference).toMatchObject({ mean: -10, halfWidth: 0, count: 5 });
  // The designs by themselves could not be told apart.
  expect(faster!.results.functions[1]!.rtoSeconds[0]).toMatchObject({ atLeast: 80 });
});

test("a pair in which one never recovered, or had no baseline, is no pair", () => {
  const open = run(1, 40);
  const functions = open.functions.map((each) => ({ ...each, censored: true }));
  const sick = run(2, 40);
  const baseline = { ...sick.baseline, healthy: false, reasons: ["slow"] };
  const [, second] = sweepOf([
    { values: {}, runs: [run(1, 50), run(2, 50), run(3, 50), run(4, 52)] },
    {
      values: {},
      runs: [{ ...open, functions }, { ...sick, baseline }, run(3, 45), run(4, 47)],
    },
  ]);
  const { difference } = second!.overFirst.find((each) => each.quantity === "matching.rtoSeconds")!;
  expect(difference).toMatchObject({ mean: -5, count: 2 });
});

/** Drills as JUnit XML: a suite a scenario, a case an objective. */
import type { Builder, TestSuite } from "junit-report-builder";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import type { ObjectiveResult } from "../../sim/twin/results-types.ts";
import type { DrillRun } from "./drill-run.ts";
import { measuredText, replayCommand } from "./verdict.ts";

/** The builder comes from outside, so that only those who ask for JUnit load it. */
export function junitReport(builder: Builder, runs: readonly DrillRun[]): string {
  const scenarios = [...new Set(runs.map(({ scenarioName }) => scenarioName))];
  for (const scenarioName of scenarios) {
    const own = runs.filter((run) => run.scenarioName === scenarioName);
    const simulatedSeconds = own.reduce(
      (sum, { recording }) => sum + recording.head.durationUs / 1e6,
      0,
    );
    const suite = builder
      .testSuite()
      .name(scenarioName)
      .time(own.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0))
      .property("simulatedSeconds", String(simulatedSeconds))
      .property("seeds", own.map(({ recording }) => recording.head.seed).join(" "));
    for (const run of own) addCases(suite, run, own.length > 1);
  }
  return builder.build();
}

function addCases(suite: TestSuite, run: DrillRun, severalSeeds: boolean): void {
  const { recording, scenarioName } = run;
  const { head } = recording;
  const suffix = severalSeeds ? ` (seed ${head.seed})` : "";
  const { baseline, objectives } = head.results;
  const baselineCase = suite
    .testCase()
    .className(scenarioName)
    .name(`baseline${suffix}`)
    .time(run.wallSeconds);
  if (!baseline.healthy) {
    baselineCase.failure(
      `${baseline.reasons.join("; ")} (${again(recording, scenarioName)})`,
      "baseline-unhealthy",
    );
  }
  for (const objective of objectives) {
    const testCase = suite
      .testCase()
      .className(scenarioName)
      .name(`${objective.id}${suffix}`)
      .time(0);
    if (objective.met) continue;
    testCase.failure(failureText(objective, recording, scenarioName), objective.kind);
    testCase.stacktrace(objective.because);
  }
}

function failureText(
  objective: ObjectiveResult,
  recording: Recording,
  scenarioName: string,
): string {
  return `${measuredText(objective)}, ${again(recording, scenarioName)}`;
}

function again(recording: Recording, scenarioName: string): string {
  return `seed ${recording.head.seed}; replay: ${replayCommand(recording, scenarioName)}`;
}

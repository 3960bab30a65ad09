/** Drills as JUnit XML: a suite a scenario, a case an objective. */
import type { Builder, TestSuite } from "junit-report-builder";
import type {
  EnsembleObjective,
  EnsembleResults,
} from "../../sim/twin/ensemble/ensemble-results.ts";
import type { RunSummary } from "../../sim/twin/ensemble/run-summary.ts";
import type { ObjectiveResult } from "../../sim/twin/results-types.ts";
import type { DrillRun } from "./drill-run.ts";
import { measuredText, replayCommand } from "./verdict.ts";

/** The builder comes from outside, so that only those who ask for JUnit load it. */
export function junitReport(
  builder: Builder,
  runs: readonly DrillRun[],
  ensembles: readonly EnsembleResults[] = [],
): string {
  const scenarios = [...new Set(runs.map(({ scenarioName }) => scenarioName))];
  for (const scenarioName of scenarios) {
    const own = runs.filter((run) => run.scenarioName === scenarioName);
    const simulatedSeconds = own.reduce((sum, { summary }) => sum + summary.durationSeconds, 0);
    const suite = builder
      .testSuite()
      .name(scenarioName)
      .time(own.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0))
      .property("simulatedSeconds", String(simulatedSeconds))
      .property("timeScale", String(own[0]?.timeScale ?? 1))
      .property("seeds", own.map(({ summary }) => summary.seed).join(" "));
    for (const run of own) addCases(suite, run, own.length > 1);
    const ensemble = ensembles.find(({ scenario }) => scenario === own[0]?.summary.scenario);
    for (const objective of ensemble?.ensembleObjectives ?? []) {
      addEnsembleCase(suite, objective, scenarioName);
    }
  }
  return builder.build();
}

function addCases(suite: TestSuite, run: DrillRun, severalSeeds: boolean): void {
  const { summary, scenarioName } = run;
  const suffix = severalSeeds ? ` (seed ${summary.seed})` : "";
  const { baseline, objectives } = summary;
  const baselineCase = suite
    .testCase()
    .className(scenarioName)
    .name(`baseline${suffix}`)
    .time(run.wallSeconds);
  if (!baseline.healthy) {
    baselineCase.failure(
      `${baseline.reasons.join("; ")} (${again(summary, scenarioName)})`,
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
    testCase.failure(failureText(objective, summary, scenarioName), objective.kind);
    testCase.stacktrace(objective.because);
  }
}

/** An objective over many seeds; skipped when there were too few, and its name says so. */
function addEnsembleCase(
  suite: TestSuite,
  { id, kind, met, because, seedsNeeded }: EnsembleObjective,
  scenarioName: string,
): void {
  const what = met === undefined ? `not judged, needs ${seedsNeeded} seeds` : "all seeds";
  const testCase = suite.testCase().className(scenarioName).name(`${id} (${what})`).time(0);
  if (met === undefined) testCase.skipped();
  if (met === false) {
    const again = `npx stormbell drill ${scenarioName} --seeds ${seedsNeeded}`;
    testCase.failure(`${because} replay: ${again}`, kind);
  }
}

function failureText(
  objective: ObjectiveResult,
  summary: RunSummary,
  scenarioName: string,
): string {
  return `${measuredText(objective)}, ${again(summary, scenarioName)}`;
}

function again(summary: RunSummary, scenarioName: string): string {
  return `seed ${summary.seed}; replay: ${replayCommand(summary, scenarioName)}`;
}

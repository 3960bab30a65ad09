/** What `stormbell drill` does. */
import { appendFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TwinError } from "../sim/errors/twin-error.ts";
import { exitCode } from "./exit-code.ts";
import { drillReport, drillVerdict } from "./report/drill-report.ts";
import type { DrillRun } from "./report/drill-run.ts";
import { githubAnnotations, githubSummary } from "./report/github-report.ts";
import { jsonReport } from "./report/json-report.ts";
import { junitReport } from "./report/junit-report.ts";
import { verdictOf } from "./report/verdict.ts";
import { defaultRecordingPath, type RunScenario, runOne, writeRecording } from "./run-one.ts";
import { type LoadedScenario, loadScenario, shippedScenarioIds } from "./scenario-files.ts";
import { createProgress, print, printJson, printNote } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

export interface DrillOptions {
  readonly all?: true;
  readonly seeds: string;
  readonly junit?: string;
  readonly json?: true;
}

const seedsMax = 10_000;

export async function drillCommand(
  runScenario: RunScenario,
  names: readonly string[],
  options: DrillOptions,
): Promise<void> {
  const seedCount = seedCountOf(options.seeds);
  // All are read before the first runs, so that a slip in the last is not found after an hour.
  const scenarios = namesOf(names, options).map(loadScenario);
  const runs: DrillRun[] = [];
  for (const scenario of scenarios) {
    for (let seed = 1; seed <= seedCount; seed += 1) {
      runs.push(drillOne(runScenario, scenario, String(seed)));
      // Between two runs Ctrl-C is heard.
      await nextTurn();
    }
  }
  if (options.junit !== undefined) {
    const { default: builder } = await import("junit-report-builder");
    writeOutput(options.junit, junitReport(builder.newBuilder(), runs));
  }
  tellGithub(runs);
  if (options.json) printJson(jsonOf(runs));
  else print(...drillReport(runs));
  const failed = runs.some(({ recording }) => verdictOf(recording).kind !== "met");
  process.exitCode = failed ? exitCode.missed : exitCode.met;
}

function drillOne(runScenario: RunScenario, loaded: LoadedScenario, seed: string): DrillRun {
  const { scenario, topology, name, path } = loaded;
  const run = runOne(runScenario, { scenario, topology, seed }, createProgress());
  const { kind, text } = verdictOf(run.recording);
  const recordingPath = kind === "met" ? undefined : defaultRecordingPath(run.recording);
  if (recordingPath !== undefined) writeRecording(recordingPath, run.recording);
  printNote(text);
  return { ...run, scenarioName: name, scenarioPath: path, recordingPath };
}

function namesOf(names: readonly string[], { all }: DrillOptions): readonly string[] {
  if (all && names.length > 0) {
    throw new TwinError({
      code: "drill.all-and-some",
      problem: "--all and single scenarios were asked for together",
      remedy: "Leave one of them out",
    });
  }
  const chosen = all ? shippedScenarioIds() : names;
  if (chosen.length > 0) return chosen;
  throw new TwinError({
    code: "drill.nothing",
    problem: "No scenario was named, so nothing would be checked",
    remedy: `Name some of ${shippedScenarioIds().join(", ")}, or give --all`,
  });
}

function seedCountOf(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= seedsMax) return count;
  throw new TwinError({
    code: "drill.seeds",
    problem: `"${text}" is no number of seeds`,
    remedy: `Give a whole number from 1 to ${seedsMax}`,
    at: "--seeds",
  });
}

function jsonOf(runs: readonly DrillRun[]): object {
  return {
    runCount: runs.length,
    metCount: runs.filter(({ recording }) => verdictOf(recording).kind === "met").length,
    verdictText: drillVerdict(runs),
    runs: runs.map((run) => ({
      scenarioName: run.scenarioName,
      wallSeconds: run.wallSeconds,
      ...jsonReport(run.recording, run),
    })),
  };
}

/** GitHub reads commands from either stream; stdout stays data. */
function tellGithub(runs: readonly DrillRun[]): void {
  if (process.env["GITHUB_ACTIONS"] === "true") {
    const annotations = githubAnnotations(runs);
    if (annotations.length > 0) printNote(...annotations);
  }
  const summaryPath = process.env["GITHUB_STEP_SUMMARY"] ?? "";
  if (summaryPath !== "") appendFileSync(summaryPath, githubSummary(runs));
}

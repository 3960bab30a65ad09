/** What `stormbell drill` does. */
import { appendFileSync } from "node:fs";
import { firstOf } from "../scenarios/nearest-name.ts";
import { type Mistake, TwinError } from "../sim/errors/twin-error.ts";
import { type EnsembleResults, ensembleOf } from "../sim/twin/ensemble/ensemble-results.ts";
import { isNarrowEnough, seedsBetweenLooks } from "../sim/twin/ensemble/stop-rule.ts";
import { exitCode } from "./exit-code.ts";
import { loadOrderFlow } from "./order-flow-file.ts";
import { drillReport, drillVerdict } from "./report/drill-report.ts";
import type { DrillRun } from "./report/drill-run.ts";
import { ensembleReport } from "./report/ensemble-report.ts";
import { githubAnnotations, githubSummary } from "./report/github-report.ts";
import { junitReport } from "./report/junit-report.ts";
import { soundnessOf } from "./report/soundness.ts";
import { verdictOf } from "./report/verdict.ts";
import { recordingPathOf } from "./run-one.ts";
import { type LoadedScenario, loadScenario, shippedScenarioIds } from "./scenario-files.ts";
import { type SeedOptions, scaledScenario, seedPlan } from "./seed-options.ts";
import { print, printJson, printNote } from "./terminal.ts";
import type { RunJob } from "./worker/run-job.ts";
import type { RunJobs } from "./worker/run-jobs.ts";
import { writeOutput } from "./write-output.ts";

export interface DrillOptions extends SeedOptions {
  readonly all?: true;
  readonly orders?: string;
  readonly branch?: true;
  readonly untilHalfWidth?: number;
  readonly junit?: string;
  readonly json?: true;
  readonly scale?: number;
}

/** Of each scenario, runs with these seeds keep their recordings when they fail. */
const recordedSeedsMax = 5;

/** A scenario with its runs so far. */
interface Ensemble {
  readonly loaded: LoadedScenario;
  readonly runs: DrillRun[];
  stoppedEarly: boolean;
}

export async function drillCommand(
  runJobs: RunJobs,
  names: readonly string[],
  options: DrillOptions,
): Promise<void> {
  const scenarios = loadAll(namesOf(names, options)).map((loaded) => ({
    ...loaded,
    scenario: scaledScenario(loaded.scenario, options.scale),
  }));
  const plan = seedPlan(
    options,
    scenarios.map(({ scenario }) => scenario),
  );
  if (options.branch) refuseCalm(scenarios);
  const ensembles = scenarios.map((loaded): Ensemble => {
    return { loaded, runs: [], stoppedEarly: false };
  });
  const { untilHalfWidth } = options;
  const step = untilHalfWidth === undefined ? plan.seedCount : seedsBetweenLooks;
  for (let from = 1; from <= plan.seedCount; from += step) {
    const open = ensembles.filter(({ stoppedEarly }) => !stoppedEarly);
    await runSeeds(runJobs, open, options, [from, Math.min(plan.seedCount, from + step - 1)]);
    if (untilHalfWidth === undefined) break;
    for (const each of open) {
      const summaries = each.runs.map(({ summary }) => summary);
      each.stoppedEarly =
        summaries.length < plan.seedCount && isNarrowEnough(summaries, untilHalfWidth);
    }
  }
  await tell(ensembles, plan.notes, options);
}

async function runSeeds(
  runJobs: RunJobs,
  ensembles: readonly Ensemble[],
  options: DrillOptions,
  [from, to]: readonly [number, number],
): Promise<void> {
  const orders =
    options.orders === undefined
      ? {}
      : {
          orders: {
            path: options.orders,
            contentHash: loadOrderFlow(options.orders).contentHash,
          },
        };
  const planned = ensembles.flatMap((ensemble) =>
    Array.from({ length: to - from + 1 }, (_, at) => {
      const { scenario, topology } = ensemble.loaded;
      const seed = String(from + at);
      const recording =
        from + at <= recordedSeedsMax ? { recordingPath: recordingPathOf(scenario.id, seed) } : {};
      const warmUp = options.branch ? { warmUpSeed: "1" } : {};
      const job: RunJob = { scenario, topology, seed, ...orders, ...warmUp, ...recording };
      return { ensemble, job };
    }),
  );
  const finished = await runJobs(planned.map(({ job }) => job));
  for (const [at, { ensemble }] of planned.entries()) {
    const run = finished[at];
    if (run === undefined) throw new Error("a job without a run");
    const { summary, wallSeconds, recordingPath } = run;
    const { name, path, scenario } = ensemble.loaded;
    ensemble.runs.push({
      summary,
      timeScale: scenario.timeScale ?? 1,
      wallSeconds,
      recordingPath,
      scenarioName: name,
      scenarioPath: path,
    });
  }
}

async function tell(
  ensembles: readonly Ensemble[],
  notes: readonly string[],
  options: DrillOptions,
): Promise<void> {
  const runs = ensembles.flatMap((ensemble) => ensemble.runs);
  const results = ensembles.map((each) => ensembleOf(each.runs.map(({ summary }) => summary)));
  if (options.junit !== undefined) {
    const { default: builder } = await import("junit-report-builder");
    writeOutput(options.junit, junitReport(builder.newBuilder(), runs, results));
  }
  tellGithub(runs);
  const stops = ensembles
    .filter(({ stoppedEarly }) => stoppedEarly)
    .map(({ loaded, runs: own }) => {
      const within = `its recovery times are known to within ${options.untilHalfWidth} s`;
      return `${loaded.name} stopped after ${own.length} seeds: ${within}`;
    });
  if (notes.length + stops.length > 0) printNote(...notes, ...stops);
  const missed = missedOverSeeds(ensembles, results);
  if (options.json) {
    printJson({
      ...jsonOf(runs, results, [...notes, ...stops]),
      verdictText: drillVerdict(runs, missed),
    });
  }
  if (!options.json) tellPeople(ensembles, results, runs);
  const failed = missed.length > 0 || runs.some(({ summary }) => verdictOf(summary).kind !== "met");
  // The platform may miss what was promised; the books of the simulation itself must always balance.
  const isSound = soundnessOf(runs).broken.length === 0;
  process.exitCode = isSound ? (failed ? exitCode.missed : exitCode.met) : exitCode.internal;
}

function tellPeople(
  ensembles: readonly Ensemble[],
  results: readonly EnsembleResults[],
  runs: readonly DrillRun[],
): void {
  const lines = ensembles.flatMap(({ loaded }, at) => {
    const result = results[at];
    if (result === undefined) return [];
    const isSingle = result.seedCount === 1 && result.ensembleObjectives.length === 0;
    return isSingle ? [] : [...ensembleReport(result, loaded.name), ""];
  });
  print(...lines, ...drillReport(runs, missedOverSeeds(ensembles, results)));
}

function missedOverSeeds(
  ensembles: readonly Ensemble[],
  results: readonly EnsembleResults[],
): readonly string[] {
  return results.flatMap(({ ensembleObjectives }, at) =>
    ensembleObjectives
      .filter(({ met }) => met === false)
      .map(({ id }) => `${ensembles[at]?.loaded.name} ${id}`),
  );
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
    remedy: `Name some of ${firstOf(shippedScenarioIds())} (files in scenarios/), or give --all`,
  });
}

/** All are read before the first runs, so that a slip in the last is not found after an hour; their mistakes are told at once. */
function loadAll(names: readonly string[]): readonly LoadedScenario[] {
  const mistakes: Mistake[] = [];
  const loaded = names.flatMap((name) => {
    try {
      return [loadScenario(name)];
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      mistakes.push(...error.mistakes);
      return [];
    }
  });
  const [only, second] = mistakes;
  if (only === undefined) return loaded;
  if (second === undefined) throw new TwinError(only);
  throw new TwinError(
    {
      code: "drill.several-mistakes",
      problem: `${mistakes.length} mistakes in the scenarios that were named`,
      remedy: "Mend each of them; nothing was run",
    },
    { mistakes },
  );
}

/** Without a fault there is no instant before which futures could be shared. */
function refuseCalm(scenarios: readonly LoadedScenario[]): void {
  const calm = scenarios.find(({ scenario }) => scenario.faults.length === 0);
  if (calm === undefined) return;
  throw new TwinError({
    code: "drill.branch-without-fault",
    problem: `Scenario "${calm.name}" has no fault, so its runs have no warm-up to share`,
    remedy: "Leave --branch out, or the scenario",
    at: "--branch",
  });
}

function jsonOf(
  runs: readonly DrillRun[],
  results: readonly EnsembleResults[],
  notes: readonly string[],
): object {
  return {
    scenarioCount: new Set(runs.map(({ scenarioName }) => scenarioName)).size,
    runCount: runs.length,
    metCount: runs.filter(({ summary }) => verdictOf(summary).kind === "met").length,
    soundness: soundnessOf(runs),
    notes,
    ensembles: results.map((result) => ({
      ...result,
      ensembleObjectives: result.ensembleObjectives.map(({ met, ...objective }) => ({
        ...objective,
        verdict: met === undefined ? "not judged" : met ? "met" : "missed",
      })),
    })),
    runs: runs.map(({ scenarioName, timeScale, wallSeconds, recordingPath, summary }) => {
      const { kind, text } = verdictOf(summary);
      return {
        scenarioName,
        timeScale,
        wallSeconds,
        ...(recordingPath === undefined ? {} : { recording: recordingPath }),
        verdict: kind,
        verdictText: text,
        ...summary,
      };
    }),
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

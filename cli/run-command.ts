/** What `stormbell run` does. */
import { checkedScenario } from "../scenarios/checked-scenario.ts";
import { TwinError } from "../sim/errors/twin-error.ts";
import { programVersion } from "../sim/twin/program-version.ts";
import { decodeRecording } from "../sim/twin/recording/recording-file.ts";
import type { Recording } from "../sim/twin/recording/recording-types.ts";
import { exitCode } from "./exit-code.ts";
import { loadOrderFlow } from "./order-flow-file.ts";
import { readInput } from "./read-input.ts";
import { jsonReport } from "./report/json-report.ts";
import { textReport } from "./report/text-report.ts";
import {
  defaultRecordingPath,
  type RunInputs,
  type RunScenario,
  runOne,
  writeRecording,
} from "./run-one.ts";
import { loadScenario } from "./scenario-files.ts";
import { scaledScenario } from "./seed-options.ts";
import { createProgress, print, printJson, printNote } from "./terminal.ts";

export interface RunOptions {
  readonly seed?: string;
  readonly orders?: string;
  readonly duration?: string;
  readonly out?: string;
  readonly json?: true;
  readonly scale?: number;
}

export function runCommand(runScenario: RunScenario, name: string, options: RunOptions): void {
  if (name.endsWith(".stormrec")) {
    repeat(runScenario, name, options);
    return;
  }
  const loaded = loadScenario(name);
  for (const { at, problem, remedy } of loaded.warnings)
    printNote(`${at} warning: ${problem} - ${remedy}`);
  const inputs: RunInputs = {
    scenario:
      options.duration === undefined
        ? scaledScenario(loaded.scenario, options.scale)
        : checkedScenario(
            {
              ...scaledScenario(loaded.scenario, options.scale),
              durationSeconds: secondsOf(options.duration),
            },
            loaded.topology,
          ),
    topology: loaded.topology,
    seed: options.seed ?? "1",
    ...(options.orders === undefined ? {} : { orderFlow: loadOrderFlow(options.orders) }),
  };
  const { recording, wallSeconds } = runOne(runScenario, inputs, createProgress());
  const path = options.out ?? defaultRecordingPath(recording);
  writeRecording(path, recording);
  report(recording, name, path, options);
  const speed = Math.round(recording.head.results.totals.requests / wallSeconds);
  printNote(`${wallSeconds.toFixed(1)} s on this machine, ${speed} requests a second`);
  process.exitCode = codeOf(recording);
}

/** Runs a recording's scenario with its seed and compares what came out. */
function repeat(runScenario: RunScenario, path: string, options: RunOptions): void {
  refuseChanges(options);
  const before = decodeRecording(readInput(path), path);
  const { head } = before;
  const inputs: RunInputs = {
    scenario: head.scenario,
    topology: head.topology,
    seed: head.seed,
    ...(head.orderFile === undefined
      ? {}
      : { orderFlow: sameOrders(before, path, options.orders) }),
  };
  const { recording } = runOne(runScenario, inputs, createProgress());
  const equal = recording.head.digest === head.digest;
  const sameVersion = head.programVersion === programVersion;
  if (options.out !== undefined) writeRecording(options.out, recording);
  if (options.json) {
    printJson({
      equal,
      sameVersion,
      recorded: head.digest,
      repeated: recording.head.digest,
      recordedVersion: head.programVersion,
      version: programVersion,
    });
  } else {
    print(...comparisonLines(before, recording, equal));
  }
  if (!equal) process.exitCode = sameVersion ? exitCode.internal : exitCode.missed;
}

function comparisonLines(before: Recording, after: Recording, equal: boolean): readonly string[] {
  const { head } = before;
  if (equal)
    return [`equal: ${head.scenario.id}, seed ${head.seed} gave digest ${head.digest} again`];
  const reason =
    head.programVersion === programVersion
      ? `The same version (${programVersion}) must repeat a run: this is a bug in stormbell, please report it with the recording.`
      : `The recording was made by version ${head.programVersion}, and this is ${programVersion}: runs may differ between versions.`;
  return [`DIFFERENT: recorded ${head.digest}, repeated ${after.head.digest}`, reason];
}

function refuseChanges(options: RunOptions): void {
  for (const key of ["seed", "duration", "scale"] as const) {
    if (options[key] === undefined) continue;
    throw new TwinError({
      code: "run.recording-changed",
      problem: `A recording is repeated with its own ${key}`,
      remedy: `Leave --${key} out, or run its scenario by name`,
      at: `--${key}`,
    });
  }
}

function sameOrders(recording: Recording, path: string, ordersPath: string | undefined) {
  const { orderFile } = recording.head;
  if (ordersPath === undefined) {
    throw new TwinError({
      code: "run.orders-needed",
      problem: `The recording replayed orders from ${orderFile?.name}, which it does not hold`,
      remedy: "Give that file with --orders",
      at: path,
    });
  }
  const orderFlow = loadOrderFlow(ordersPath);
  if (orderFlow.contentHash === orderFile?.contentHash) return orderFlow;
  throw new TwinError({
    code: "run.orders-differ",
    problem: `The orders are not those of the recording (${orderFlow.contentHash} instead of ${orderFile?.contentHash})`,
    remedy: `Give the file that was used: ${orderFile?.name}`,
    at: ordersPath,
  });
}

function report(
  recording: Recording,
  scenarioName: string,
  recordingPath: string,
  options: RunOptions,
): void {
  const told = { scenarioName, recordingPath };
  if (options.json) printJson(jsonReport(recording, told));
  else print(...textReport(recording, told));
}

/** A missed objective is a finding; a broken invariant means that the run itself cannot be believed. */
function codeOf(recording: Recording): number {
  const sound = recording.head.results.invariants.every(({ violations }) => violations === 0);
  return sound ? exitCode.met : exitCode.internal;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new TwinError({
    code: "run.duration",
    problem: `"${text}" is no duration`,
    remedy: "Give seconds above 0, such as 1800",
    at: "--duration",
  });
}

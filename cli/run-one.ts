/** One run with a person in front of it: progress, Ctrl-C, and a recording written whole or not at all. */
import { gzipSync } from "node:zlib";
import type { OrderFlow } from "../sim/twin/clients/order-flow.ts";
import { encodeRecording } from "../sim/twin/recording/recording-file.ts";
import type { Recording } from "../sim/twin/recording/recording-types.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import type { Progress } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

/** What one run is made of. */
export interface RunInputs {
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly seed: string;
  readonly orderFlow?: OrderFlow;
}

/** The twin's door, so that tests can stand something else behind it. */
export type RunScenario = (
  options: RunInputs & { readonly onProgress?: (fractionDone: number) => boolean },
) => Recording | undefined;

export interface TimedRun {
  readonly recording: Recording;
  /** Seconds on this machine. */
  readonly wallSeconds: number;
}

export function runOne(runScenario: RunScenario, inputs: RunInputs, progress: Progress): TimedRun {
  const startedMs = performance.now();
  let shownMs = 0;
  const title = `${inputs.scenario.id}, seed ${inputs.seed}`;
  const recording = runScenario({
    ...inputs,
    onProgress: (fractionDone) => {
      const nowMs = performance.now();
      if (nowMs - shownMs > 100) {
        shownMs = nowMs;
        progress.show(progressLine(title, fractionDone, (nowMs - startedMs) / 1000));
      }
      return true;
    },
  });
  progress.end();
  if (recording === undefined) throw new Error("a run ended early though nothing asked it to");
  return { recording, wallSeconds: (performance.now() - startedMs) / 1000 };
}

export function progressLine(title: string, fractionDone: number, passedSeconds: number): string {
  const width = 24;
  const done = Math.max(0, Math.min(width, Math.round(fractionDone * width)));
  const bar = "#".repeat(done) + "-".repeat(width - done);
  const leftSeconds =
    fractionDone > 0.02 ? Math.ceil(passedSeconds / fractionDone - passedSeconds) : undefined;
  const left = leftSeconds === undefined ? "" : `, about ${leftSeconds} s left`;
  return `${title} [${bar}] ${Math.floor(fractionDone * 100)}%${left}`;
}

/** Packs and writes a recording. */
export function writeRecording(path: string, recording: Recording): void {
  writeOutput(path, gzipSync(encodeRecording(recording)));
}

/** `recordings/az-power-loss-1.stormrec` */
export function defaultRecordingPath(recording: Recording): string {
  const { scenario, seed } = recording.head;
  return recordingPathOf(scenario.id, seed);
}

export function recordingPathOf(scenarioId: string, seed: string): string {
  return `recordings/${scenarioId}-${seed.replace(/[^A-Za-z0-9._-]/g, "_")}.stormrec`;
}

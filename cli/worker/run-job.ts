/** What goes to a worker and what comes back: plain data, so that it can be sent between threads. */
import type { Mistake } from "../../sim/errors/twin-error.ts";
import type { WatchedRun } from "../../sim/twin/claims/watched-run.ts";
import type { RunSummary } from "../../sim/twin/ensemble/run-summary.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";

/** One run to be made. */
export interface RunJob {
  readonly scenario: Scenario;
  /** Without the scenario's overrides. */
  readonly topology: Topology;
  readonly seed: string;
  /** Order file to replay; its hash stands for its content. */
  readonly orders?: { readonly path: string; readonly contentHash: string };
  /** Seed of a warm-up from which this run branches with luck of its own; from the beginning when left out. */
  readonly warmUpSeed?: string;
  /** Where to keep the recording if an objective is missed; it is not kept when left out. */
  readonly recordingPath?: string;
  /** Whether events, levels and the bill are wanted beside the summary. */
  readonly watched?: true;
}

/** A finished run. */
export interface FinishedRun {
  readonly summary: RunSummary;
  /** Seconds it took on the machine that made it; its part of a shared warm-up included. */
  readonly wallSeconds: number;
  /** Where its recording lies, if it was kept. */
  readonly recordingPath?: string;
  /** Only when the job wanted it. */
  readonly watched?: WatchedRun;
}

export type JobOutcome =
  | { readonly ok: true; readonly run: FinishedRun }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Jobs of one worker, one after the other; several only when they share a warm-up. */
export interface WorkerTask {
  readonly jobs: readonly RunJob[];
  /** Key of each job, and where finished runs are kept; nothing is kept without a folder. */
  readonly keys: readonly string[];
  readonly storeFolder: string | undefined;
  /** Thousandths done, one cell a task, shared with the main thread. */
  readonly progress: Int32Array;
  readonly progressAt: number;
}

import type { RunSummary } from "../../sim/twin/ensemble/run-summary.ts";

/** One run of a drill, with what only the machine knows. */
export interface DrillRun {
  /** As the user can give it to `run`. */
  readonly scenarioName: string;
  /** The scenario's file, from the folder where the command was given. */
  readonly scenarioPath: string;
  readonly summary: RunSummary;
  /** Seconds of the story in one second of the run; 1 when nothing was shortened. */
  readonly timeScale: number;
  readonly recordingPath: string | undefined;
  /** Seconds that the run took on the machine that made it. */
  readonly wallSeconds: number;
}

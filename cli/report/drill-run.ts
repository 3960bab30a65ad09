import type { Recording } from "../../sim/twin/recording/recording-types.ts";

/** One run of a drill, with what only the machine knows. */
export interface DrillRun {
  /** As the user can give it to `run`. */
  readonly scenarioName: string;
  /** The scenario's file, from the folder where the command was given. */
  readonly scenarioPath: string;
  readonly recording: Recording;
  readonly recordingPath: string | undefined;
  /** Seconds that the run took on this machine. */
  readonly wallSeconds: number;
}

import type { RecordingHead } from "../../../sim/twin/recording/recording-types.ts";
import type { RunResults } from "../../../sim/twin/results-types.ts";

export type Frames = readonly (Float32Array | Float64Array)[];

/** Everything of a run but its results, which a live run does not have yet. */
export type PartialHead = Omit<RecordingHead, "results" | "digest"> & {
  readonly results?: RunResults;
  readonly digest?: string;
};

/** What page and worker say to each other. */

import type { FaultSpec } from "../../../sim/twin/faults/fault-types.ts";
import type { RecordingHead } from "../../../sim/twin/recording/recording-types.ts";
import type { EventRecord } from "../../../sim/twin/results-types.ts";
import type { OpenHead } from "../../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../../sim/twin/scenario-types.ts";
import type { Topology } from "../../../sim/twin/topology-types.ts";

/** A mistake as the page tells it. */
export interface ToldMistake {
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
  /** `file:line:column`, or a path; empty when there is none. */
  readonly at: string;
}

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly mistakes: readonly ToldMistake[] };

export interface OpenedRecording {
  readonly head: RecordingHead;
  readonly frames: readonly (Float32Array | Float64Array)[];
}

export type RunRequest =
  | {
      readonly kind: "shipped";
      readonly id: string;
      readonly scenario: Scenario;
      readonly topology: Topology;
      readonly seed: string;
    }
  | {
      readonly kind: "text";
      readonly text: string;
      readonly fileName: string;
      readonly seed: string;
    }
  | { readonly kind: "branch"; readonly head: RecordingHead; readonly fault: FaultSpec };

/** Frames that a live run has added. Values of channel c begin at c times the number of frames, levels and counts apart. */
export interface FrameChunk {
  readonly fromFrame: number;
  readonly toFrame: number;
  readonly levels: Float32Array;
  readonly counts: Float64Array;
  readonly newEvents: readonly EventRecord[];
  /** Number of events that the page should have before it adds these. */
  readonly eventsBefore: number;
  readonly nowUs: number;
}

export interface RunListener {
  /** The reasons of its numbers may be missing still. */
  began(head: OpenHead): void;
  /** The same head with every text, when `began` had none. */
  explained(head: OpenHead): void;
  /** The run goes on when the first of them has been drawn. */
  advanced(chunk: FrameChunk): void | Promise<void>;
  /** The run's answer waits until this was heard. */
  ended(head: RecordingHead): void | Promise<void>;
}

export interface SimulationApi {
  open(bytes: Uint8Array, name: string): Promise<Outcome<OpenedRecording>>;
  check(text: string, fileName: string): Promise<Outcome<{ title: string }>>;
  run(request: RunRequest, listener: RunListener): Promise<Outcome<boolean>>;
  cancel(): Promise<void>;
}

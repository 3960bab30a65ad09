import type { ChannelRecord, ComponentRecord, EventRecord, RunResults } from "../results-types.ts";
import type { Scenario } from "../scenario-types.ts";
import type { Topology } from "../topology-types.ts";

/** Where replayed order flow came from; its content is an input of the run. */
export interface OrderFileRecord {
  readonly name: string;
  /** Hash of the commands as numbers, 16 hexadecimal digits. */
  readonly contentHash: string;
  readonly commandCount: number;
}

/** What CloudWatch was told of one metric, period by period from the start of the run. */
export interface MetricRecord {
  readonly namespace: string;
  readonly name: string;
  readonly statistic: string;
  readonly unit: string;
  /** Component id. */
  readonly component: string;
  readonly dimension?: { readonly name: string; readonly value: string };
  /** `null` where nothing was published. */
  readonly values: readonly (number | null)[];
}

/** Everything of a run but the frames. */
export interface RecordingHead {
  readonly programVersion: string;
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly seed: string;
  readonly orderFile?: OrderFileRecord;
  readonly digest: string;
  readonly durationUs: number;
  /** Microseconds between frames. */
  readonly frameStepUs: number;
  readonly frameCount: number;
  readonly zones: readonly { readonly id: string; readonly region: string }[];
  readonly components: readonly ComponentRecord[];
  readonly channels: readonly ChannelRecord[];
  /** Calls of the flows, for edges of the map: path and the channel that counts them. */
  readonly edges: readonly {
    readonly path: string;
    readonly from: string;
    readonly to: string;
    readonly channel: number;
  }[];
  readonly events: readonly EventRecord[];
  /** Left out of a platform without CloudWatch, and of recordings made before metrics were recorded. */
  readonly metrics?: { readonly periodSeconds: number; readonly series: readonly MetricRecord[] };
  readonly results: RunResults;
}

/** A whole run as anything downstream reads it. */
export interface Recording {
  readonly head: RecordingHead;
  /** One array a channel, `frameCount` long: Float32 for levels, Float64 for counts. */
  readonly frames: readonly (Float32Array | Float64Array)[];
}

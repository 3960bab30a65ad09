import type { PutBatches } from "./put-batches.ts";
import type { Shards } from "./shards.ts";

/** What producers of batches and consumers by position need of a log that is divided: a data stream, or a Kafka topic. */
export interface RecordStream {
  readonly shards: Shards;
  readonly batches: PutBatches;
  /** Records that a consumer at a position can read now. */
  readable(shard: number, position: number): number;
  /** Whether the service can be read at all. */
  readonly isServing: boolean;
}

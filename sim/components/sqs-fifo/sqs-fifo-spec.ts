import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A FIFO queue whose message groups are the symbols. */
export interface SqsFifoSpec extends ComponentSpecBase {
  readonly service: "sqs-fifo";
  /** Zones with hosts of the service. */
  readonly zones: readonly string[];
  /** High-throughput mode lifts the API rate from per queue to per partition of message groups. */
  readonly highThroughput?: boolean;
  /** A dead-letter queue of its own; messages are handed out again without end when left out. */
  readonly deadLetters?: DeadLetterSpec;
}

/** When a message is set aside, and how long it is kept there. */
export interface DeadLetterSpec {
  /** Receives after which a message is not handed out once more, 1 to 1,000 (sqs.dlq.receives). */
  readonly receivesMax: number;
  /** Seconds after which a message that was set aside is gone, 60 to 1,209,600; four days when left out (sqs.retention-s). */
  readonly retentionSeconds?: number;
}

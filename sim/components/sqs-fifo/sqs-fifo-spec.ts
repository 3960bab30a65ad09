import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A FIFO queue whose message groups are the symbols. */
export interface SqsFifoSpec extends ComponentSpecBase {
  readonly service: "sqs-fifo";
  /** Zones with hosts of the service. */
  readonly zones: readonly string[];
  /** High-throughput mode lifts the API rate from per queue to per partition of message groups. */
  readonly highThroughput?: boolean;
}

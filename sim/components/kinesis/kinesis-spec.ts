import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A data stream. */
export interface KinesisSpec extends ComponentSpecBase {
  readonly service: "kinesis";
  /** Zones with hosts of the service. */
  readonly zones: readonly string[];
  /** Provisioned shards. When left out: on demand, with the capacity of a fresh stream. */
  readonly shardCount?: number;
}

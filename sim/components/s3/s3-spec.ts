import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A bucket of the standard class. */
export interface S3Spec extends ComponentSpecBase {
  readonly service: "s3";
  /** Zones with hosts of the service. */
  readonly zones: readonly string[];
  /** Prefixes over which the keys are spread. 1 when left out. */
  readonly prefixCount?: number;
  /** Bucket in another region whose objects are replicated into this one; none when left out. */
  readonly replicaOf?: string;
  /** Whether replication time control is paid for, and its bound kept: 99.99 % within 15 minutes (s3.rtc). Without when left out. */
  readonly replicationTimeControl?: boolean;
}

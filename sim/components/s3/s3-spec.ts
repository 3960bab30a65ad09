import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A bucket of the standard class. */
export interface S3Spec extends ComponentSpecBase {
  readonly service: "s3";
  /** Zones with hosts of the service. */
  readonly zones: readonly string[];
  /** Prefixes over which the keys are spread. 1 when left out. */
  readonly prefixCount?: number;
}

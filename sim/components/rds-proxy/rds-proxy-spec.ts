import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** Pooled connections in front of an Aurora cluster: callers call it, and it calls the cluster beneath. */
export interface RdsProxySpec extends ComponentSpecBase {
  readonly service: "rds-proxy";
  /** Zones with hosts of the service. */
  readonly zones: readonly string[];
  /** Cluster behind it. */
  readonly target: string;
}

import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** An Application Load Balancer: one node in each zone, cross-zone balancing on. */
export interface LoadBalancerSpec extends ComponentSpecBase {
  readonly service: "load-balancer";
  /** Zone ids with a node each. */
  readonly zones: readonly string[];
  /** Ids of the ecs-fargate services behind it. */
  readonly targets: readonly string[];
  /** How a node chooses among healthy targets. `round-robin` when left out. */
  readonly algorithm?: "round-robin" | "least-outstanding-requests";
  readonly healthCheck?: LoadBalancerHealthCheckSpec;
  /** Seconds that a target which leaves may take to finish its requests, 0..3600. 300 when left out. */
  readonly deregistrationDelaySeconds?: number;
}

/** Left-out fields have the documented defaults: every 30 s, 5 s time-out, 2 to fail, 5 to return. */
export interface LoadBalancerHealthCheckSpec {
  /** 5..300 */
  readonly intervalSeconds?: number;
  /** 2..120, less than the interval. */
  readonly timeoutSeconds?: number;
  /** Checks in a row, 2..10. */
  readonly unhealthyThreshold?: number;
  /** Checks in a row, 2..10. */
  readonly healthyThreshold?: number;
}

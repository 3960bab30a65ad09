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
  /** Seconds over which a target that has become healthy gets its full share, 30..900 (round robin only). None when left out. */
  readonly slowStartSeconds?: number;
  /** A node uses all targets once less than this share of them is healthy in its eyes, 0..1; when none is, if left out. */
  readonly failOpenBelowShare?: number;
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

import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A load balancer with one node in each zone. */
export interface LoadBalancerSpec extends ComponentSpecBase {
  readonly service: "load-balancer";
  /**
   * `application`: request by request, to the targets of all zones. `network`: connection by connection, by hash, and to those of the
   * node's own zone unless `crossZone` says otherwise. `application` when left out.
   */
  readonly type?: "application" | "network";
  /** Zone ids with a node each. */
  readonly zones: readonly string[];
  /** Ids of the ecs-fargate services behind it. */
  readonly targets: readonly string[];
  /** How a node of an application balancer chooses among healthy targets. `round-robin` when left out. */
  readonly algorithm?: "round-robin" | "least-outstanding-requests";
  /** Seconds over which a target that has become healthy gets its full share, 30..900 (application, round robin only). None when left out. */
  readonly slowStartSeconds?: number;
  /** A node uses all targets once less than this share of them is healthy in its eyes, 0..1; when none is, if left out. */
  readonly failOpenBelowShare?: number;
  readonly healthCheck?: LoadBalancerHealthCheckSpec;
  /** Seconds that a target which leaves may take to finish its requests, 0..3600. 300 when left out. */
  readonly deregistrationDelaySeconds?: number;
  /** Network only: whether a node also uses targets of other zones. Not when left out. */
  readonly crossZone?: boolean;
  /** Network only: whether connections to a target that becomes unhealthy are broken. They are when left out. */
  readonly terminateUnhealthyConnections?: boolean;
  /** Network only: seconds of silence after which a connection is known no more, 60..6000. 350 when left out. */
  readonly idleTimeoutSeconds?: number;
}

/** Left-out fields have the documented defaults: every 30 s, 5 s time-out (network: 10 s), 2 to fail, 5 to return. */
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

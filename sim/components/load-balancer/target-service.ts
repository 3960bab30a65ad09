import type { Component } from "../fabric/component.ts";

/** Operation that a balancer's health checks ask of a target; every service behind a balancer offers it. */
export const healthCheckOperation = "health-check";

/** A service whose tasks stand behind a load balancer, as the balancer talks to it. */
export interface TargetService extends Component {
  /** The balancer as a whole has come to call a target healthy or unhealthy. */
  targetJudged(instance: number, healthy: boolean, causeSeq: number): void;
  /** A target that was drained has nothing left inside, or its time is up. */
  targetDrained(instance: number): void;
}

export function isTargetService(component: Component): component is TargetService {
  return "targetJudged" in component && "targetDrained" in component;
}

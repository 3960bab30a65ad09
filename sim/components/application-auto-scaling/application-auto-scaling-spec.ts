import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** Target tracking: keeps the CPU of services near their targets by changing how many tasks they want. */
export interface AutoScalingSpec extends ComponentSpecBase {
  readonly service: "application-auto-scaling";
  /** Ids of ecs-fargate services; each says its target and bounds in its `scaling`. */
  readonly targets: readonly string[];
  /** Component of the service cloudwatch through whose alarms it sees. */
  readonly cloudwatch: string;
}

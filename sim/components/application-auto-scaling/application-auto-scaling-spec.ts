import type { AlarmSpec } from "../cloudwatch/cloudwatch-spec.ts";
import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** Changes how many tasks services want: by target tracking on their CPU, and by the policies given here. */
export interface AutoScalingSpec extends ComponentSpecBase {
  readonly service: "application-auto-scaling";
  /** Ids of ecs-fargate services; each says its target and bounds in its `scaling`. */
  readonly targets: readonly string[];
  /** Component of the service cloudwatch through whose alarms it sees. */
  readonly cloudwatch: string;
  readonly predictive?: readonly PredictivePolicy[];
  readonly scheduled?: readonly ScheduledAction[];
  readonly steps?: readonly StepPolicy[];
}

/** Capacity ahead of each hour, by a forecast from past hours. It never takes tasks away. */
export interface PredictivePolicy {
  /** One of the targets. */
  readonly target: string;
  /** Mean vCPUs that the service used in each past hour, the last of them just before the hour in which the run begins. */
  readonly historyVcpus: readonly number[];
  /** Minutes of its hour that have passed when the run begins, 0..59. */
  readonly beginsAtMinute: number;
  /** Whether it acts, or only forecasts, as AWS has it unless told otherwise. */
  readonly mode: "forecast-only" | "forecast-and-scale";
}

/** New bounds at an instant, as a schedule sets them. */
export interface ScheduledAction {
  /** Kebab-case, unique among the actions. */
  readonly id: string;
  readonly target: string;
  /** Seconds from the start of the run. */
  readonly atSeconds: number;
  readonly taskCountMin: number;
  readonly taskCountMax: number;
}

/** More or fewer tasks by how far a metric is beyond its bound. */
export interface StepPolicy {
  readonly target: string;
  /** The alarm that starts it; it is put in force with the policy. */
  readonly alarm: AlarmSpec;
  /** In rising order of `from`; the last one that is reached counts. */
  readonly adjustments: readonly StepAdjustment[];
}

export interface StepAdjustment {
  /** Distance of the metric from the alarm's threshold, 0 or more, from which on this step counts. */
  readonly from: number;
  /** Tasks to add; negative takes them away. */
  readonly addTasks: number;
}

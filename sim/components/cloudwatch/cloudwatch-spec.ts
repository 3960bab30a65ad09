import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** Metrics and alarms of the account. */
export interface CloudWatchSpec extends ComponentSpecBase {
  readonly service: "cloudwatch";
  readonly alarms: readonly AlarmSpec[];
}

/** How an alarm treats periods for which it has no datapoint; `missing` at AWS when left out, and here. */
export type MissingDataTreatment = "missing" | "ignore" | "breaching" | "not-breaching";

/** An alarm on one metric, in one-minute periods. */
export interface AlarmSpec {
  /** Kebab-case, unique among the alarms. */
  readonly id: string;
  /** Component that the metric is about. */
  readonly component: string;
  /** As AWS has it: `CPUUtilization`. */
  readonly metric: string;
  /** In the unit of the metric. */
  readonly threshold: number;
  readonly comparison: ">" | ">=" | "<" | "<=";
  /** Last datapoints that are looked at (N of "M of N"), 1..30. */
  readonly periods: number;
  /** How many of them must breach (M); all when left out. */
  readonly datapointsToAlarm?: number;
  readonly missingData?: MissingDataTreatment;
}

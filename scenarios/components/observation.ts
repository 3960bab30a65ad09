/** Alarms, and what changes capacity when they are raised. */
import * as z from "zod";
import { atLeastZero, componentName, count, countFromOne, id, text } from "../fields.ts";
import { base } from "./base-fields.ts";

const alarm = z.strictObject({
  id: id.describe("Unique among the alarms"),
  component: componentName("Component that the metric is about"),
  metric: text.describe("As AWS has it: CPUUtilization"),
  threshold: z.number().describe("In the unit of the metric"),
  comparison: z.enum([">", ">=", "<", "<="]),
  periods: z.int().min(1).max(30).describe("Last datapoints that are looked at (N of M of N)"),
  datapointsToAlarm: countFromOne
    .describe("How many of them must breach (M); all when left out")
    .exactOptional(),
  missingData: z
    .enum(["missing", "ignore", "breaching", "not-breaching"])
    .describe("How periods without a datapoint count; missing when left out")
    .exactOptional(),
});

const policyTarget = componentName("One of the targets", "ecs-fargate");

export const autoScaling = z.strictObject({
  service: z
    .literal("application-auto-scaling")
    .describe(
      "Changes how many tasks services want: target tracking on CPU, forecasts, schedules, steps",
    ),
  ...base,
  targets: z
    .array(componentName("Id of an ecs-fargate service", "ecs-fargate"))
    .describe("Services, each of which says its target and bounds in its scaling"),
  cloudwatch: componentName("Component through whose alarms it sees", "cloudwatch"),
  predictive: z
    .array(
      z.strictObject({
        target: policyTarget,
        historyVcpus: z
          .array(atLeastZero)
          .describe(
            "Mean vCPUs used in each past hour, the last of them just before the hour in which the run begins; 24 at the least",
          ),
        beginsAtMinute: z
          .number()
          .min(0)
          .max(59)
          .describe("Minutes of its hour that have passed when the run begins"),
        mode: z.enum(["forecast-only", "forecast-and-scale"]),
      }),
    )
    .describe("Capacity ahead of each hour, by a forecast from past hours; it takes none away")
    .exactOptional(),
  scheduled: z
    .array(
      z.strictObject({
        id: id.describe("Unique among the actions"),
        target: policyTarget,
        atSeconds: atLeastZero.describe("Seconds from the start of the run"),
        taskCountMin: count,
        taskCountMax: count,
      }),
    )
    .describe("New bounds at an instant")
    .exactOptional(),
  steps: z
    .array(
      z.strictObject({
        target: policyTarget,
        alarm: alarm.describe("Starts it; put in force with the policy"),
        adjustments: z
          .array(
            z.strictObject({
              from: atLeastZero.describe(
                "Distance of the metric from the threshold from which on this step counts",
              ),
              addTasks: z.int().describe("Tasks to add; negative takes them away"),
            }),
          )
          .min(1)
          .describe("In rising order of from; the last one that is reached counts"),
      }),
    )
    .describe("More or fewer tasks by how far a metric is beyond its bound")
    .exactOptional(),
});

export const cloudWatch = z.strictObject({
  service: z.literal("cloudwatch").describe("Metrics and alarms of the account"),
  ...base,
  alarms: z.array(alarm),
});

/** A whole scenario file; a type test holds it equal to `sim/twin/scenario-types.ts`. */
import * as z from "zod";
import { faultSchema } from "./fault-schema.ts";
import { atLeastZero, id, moreThanZero, text } from "./fields.ts";
import { objectiveSchema } from "./objective-schema.ts";
import { delay, roleSchema, runbookSchema } from "./runbook-schema.ts";
import { acceptance } from "./topology-schema.ts";
import { workloadSchema } from "./workload-schema.ts";

const costAlarmSchema = z
  .strictObject({
    id: id.describe("Unique among all alarms; runbooks name it"),
    services: z
      .array(text)
      .min(1)
      .describe("Kinds of services that count, such as dynamodb; all when left out")
      .exactOptional(),
    usdMax: moreThanZero.describe("US dollars that the day or the week may cost"),
    spentUsd: atLeastZero.describe("What it had cost when the run begins"),
    updateAtSeconds: moreThanZero.describe(
      "Seconds from the start of the run at which billing data is next updated",
    ),
    updateEverySeconds: moreThanZero
      .describe("From one update to the next; 21,600 when left out")
      .exactOptional(),
  })
  .describe("A bound on what a day or a week may cost, told when billing data is updated");

const lostTradesSchema = z
  .strictObject({
    policy: z
      .enum(["bust", "honour", "manual"])
      .describe(
        "Call them off; re-instate them where both orders still have the quantity; or let people decide (step settle-trades)",
      ),
    compareEverySeconds: moreThanZero.describe(
      "Seconds from one comparison of the clients' reports with the venue's history to the next",
    ),
    review: delay.describe("For manual: how long people look at one trade").exactOptional(),
  })
  .describe("What the venue does about trades that clients were told of and its history lost");

export const scenarioSchema = z
  .strictObject({
    id: id.describe("Unique; the file's name without .yaml"),
    title: text,
    description: text,
    topology: text.describe(
      "Id of a shipped topology, or the path of a topology file relative to this one",
    ),
    componentOverrides: z
      .record(z.string(), z.record(z.string(), z.unknown()))
      .describe("Changes to components of the topology by id: any fields of the component")
      .exactOptional(),
    acceptance: acceptance
      .describe("Where an order counts as accepted; as the topology says when left out")
      .exactOptional(),
    warmUpSeconds: atLeastZero.describe(
      "Seconds before judgement begins: caches fill, scaling settles",
    ),
    // Outcomes are kept by the second, so that the length decides how much memory a run takes.
    durationSeconds: moreThanZero
      .max(31_536_000)
      .describe("Seconds simulated in all, warm-up included; a year at most"),
    timeScale: z
      .number()
      .gt(1)
      .describe(
        "Seconds of the story told in one second of the run: its windows are shortened, and reports say so; 1 when left out",
      )
      .exactOptional(),
    scale: z
      .int()
      .min(2)
      .max(1000)
      .describe(
        "Simulates one in so many symbols and users, and as much of what they share; reports say so. Exact when left out",
      )
      .exactOptional(),
    workload: workloadSchema,
    costAssumptions: z
      .record(z.string(), z.number().nonnegative())
      .describe("Numbers to use instead of what the bill assumes (bytes, days kept), by name")
      .exactOptional(),
    costAlarms: z.array(costAlarmSchema).max(16).exactOptional(),
    lostTrades: lostTradesSchema.exactOptional(),
    faults: z.array(faultSchema),
    roles: z
      .array(roleSchema)
      .describe("People who can be paged; nobody when left out")
      .exactOptional(),
    runbooks: z
      .array(runbookSchema)
      .describe("What people do about an outage; nothing when left out")
      .exactOptional(),
    objectives: z.array(objectiveSchema),
  })
  .describe("Topology + workload + faults + people + objectives + duration");

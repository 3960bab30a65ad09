/** The matching tier and its log. */
import * as z from "zod";
import { componentName, countFromOne, moreThanZero, text } from "../fields.ts";
import { base, zones } from "./base-fields.ts";

export const journal = z.strictObject({
  service: z.literal("journal").describe("The durable command log of the matching service"),
  ...base,
  zones: zones.describe(
    "Zones that hold a copy; with three, a write is durable when a majority has it",
  ),
  survivesPowerLoss: z
    .boolean()
    .describe("Whether a copy is still there when power returns, or gone with its host"),
  replicaOf: text
    .describe("Journal in another region that it is a copy of; none when left out")
    .exactOptional(),
});

export const matchingService = z.strictObject({
  service: z
    .literal("matching-service")
    .describe("The tier that runs the matching engine: one active task, fenced"),
  ...base,
  zones: zones.describe(
    "Zones in which its task may be placed; the first task stands in the first",
  ),
  vcpu: moreThanZero,
  memoryGb: moreThanZero,
  capacityProvider: componentName(
    "Hosts of one's own that tasks are placed on; Fargate's when left out",
    "ec2-capacity-provider",
  ).exactOptional(),
  queue: componentName(
    "Queue, topic or stream it takes commands from",
    "sqs-fifo",
    "msk",
    "kinesis",
  ),
  journal: componentName("Log that makes a command count", "journal"),
  stream: componentName(
    "Stream, topic or event bus on which it publishes what was executed",
    "eventbridge",
    "kinesis",
    "msk",
  ),
  pollerCount: countFromOne.describe("Receives that it keeps open at once"),
  snapshotIntervalSeconds: moreThanZero.describe("Seconds between durable snapshots of the books"),
  requestLog: z
    .boolean()
    .describe(
      "Whether the engine drops what it has executed before, however late it comes again; true when left out",
    )
    .exactOptional(),
  taskCount: z
    .union([z.literal(0), z.literal(1)])
    .describe("Tasks at the start; 1 when left out")
    .exactOptional(),
  standbyFor: text
    .describe("Matching service in another region whose books it can take over; none when left out")
    .exactOptional(),
});

/** Components in which programs run. */
import * as z from "zod";
import { factNumberAt } from "../../sim/facts/facts.ts";
import {
  atLeastZero,
  componentName,
  count,
  countFromOne,
  id,
  moreThanZero,
  text,
} from "../fields.ts";
import { base, zones } from "./base-fields.ts";

export const ecsFargate = z.strictObject({
  service: z
    .literal("ecs-fargate")
    .describe("A program in containers: a fleet of equal tasks over several zones"),
  ...base,
  zones: zones.describe("Zones to spread tasks over"),
  taskCount: count.describe("Tasks at the start, and until something scales them"),
  vcpu: moreThanZero,
  memoryGb: moreThanZero,
  threadsMax: countFromOne.describe(
    "Most requests inside one task at once; more are refused (503)",
  ),
  balancer: componentName(
    "Load balancer that the tasks register with",
    "load-balancer",
  ).exactOptional(),
  capacityProvider: componentName(
    "Hosts of one's own that tasks are placed on; Fargate's when left out",
    "ec2-capacity-provider",
  ).exactOptional(),
  operations: z
    .array(
      z.strictObject({
        name: text,
        cpuMs: z
          .union([
            atLeastZero,
            z.strictObject({ median: moreThanZero, sigma: atLeastZero.exactOptional() }),
          ])
          .describe("Milliseconds of one vCPU: a number, or a lognormal by median and sigma (0.5)"),
      }),
    )
    .min(1)
    .describe("What the program can be asked to do"),
  scaling: z
    .strictObject({
      targetCpuPercent: moreThanZero.max(100),
      taskCountMin: count,
      taskCountMax: countFromOne,
    })
    .describe("Target tracking on CPU, carried out by an application-auto-scaling component")
    .exactOptional(),
  containerHealthCheck: z
    .boolean()
    .describe("Whether containers check their own health; true when left out")
    .exactOptional(),
  zoneRebalancing: z
    .boolean()
    .describe("Whether tasks move back when zones are out of balance; true when left out")
    .exactOptional(),
});

export const ec2CapacityProvider = z.strictObject({
  service: z
    .literal("ec2-capacity-provider")
    .describe("Hosts on EC2 on which ECS places tasks: an Auto Scaling group with managed scaling"),
  ...base,
  zones: zones.describe("Zones to spread hosts over"),
  instanceType: z.enum([
    "c7g.medium",
    "c7g.large",
    "c7g.xlarge",
    "c7g.2xlarge",
    "c7g.4xlarge",
    "c7g.8xlarge",
    "c7g.12xlarge",
    "c7g.16xlarge",
  ]),
  hostCount: count.describe("Hosts at the start, which is also the least there are"),
  hostCountMax: z.int().min(1).max(1000),
  targetPercent: z
    .number()
    .min(1)
    .max(100)
    .describe("Share of the hosts that should have tasks; below 100, some stand by")
    .exactOptional(),
  placement: z
    .strictObject({
      strategy: z
        .enum(["cluster", "partition", "spread"])
        .describe(
          "Close together on few racks, in partitions that share no rack, or each on a rack of its own (seven in a zone at most)",
        ),
      partitions: z
        .int()
        .min(1)
        .max(factNumberAt("ec2.placement.partitions-max"))
        .describe("Partitions in each zone; seven when left out")
        .exactOptional(),
    })
    .describe("Placement group of the hosts; wherever there is room when left out")
    .exactOptional(),
});

const lambdaFunction = z.strictObject({
  id,
  source: componentName(
    "Stream, topic or queue whose records it gets; for a queue declare actor calls receive-FUNCTION and delete-FUNCTION. When left out, rules of an event bus invoke it (invoke-FUNCTION)",
    "kinesis",
    "msk",
    "sqs-fifo",
  ).exactOptional(),
  batchSizeMax: countFromOne.describe(
    "Most records in one invocation; of a queue, which hands out as many by a receive, ten at most",
  ),
  concurrencyMax: countFromOne
    .describe("Most executions at once for a queue; the account's when left out")
    .exactOptional(),
  durationMs: z
    .strictObject({ median: moreThanZero, sigma: atLeastZero })
    .describe("Milliseconds of work of one invocation, without the calls it makes: lognormal"),
  memoryMb: moreThanZero,
  timeoutMs: moreThanZero
    .describe("Milliseconds after which an invocation is given up; 30,000 when left out")
    .exactOptional(),
  calls: z
    .array(
      z.strictObject({
        name: text.describe("Name of an actor call that the topology declares for this component"),
        per: z
          .enum(["batch", "symbol", "record"])
          .describe(
            "Once a batch, once for each symbol in it, or (from a queue) once for each message",
          ),
      }),
    )
    .describe("What it calls, in order, one after the other")
    .exactOptional(),
});

export const lambda = z.strictObject({
  service: z.literal("lambda").describe("The functions of the account in one region"),
  ...base,
  zones: zones.describe("Zones in which execution environments run"),
  functions: z.array(lambdaFunction).min(1),
  concurrencyMax: countFromOne
    .describe("Most executions at once; the account's default when left out")
    .exactOptional(),
});

/** Runbooks as zod schemas; a type test holds them equal to `sim/twin/runbooks/runbook-types.ts`. */
import * as z from "zod";
import { factNumberAt } from "../sim/facts/facts.ts";
import {
  atLeastZero,
  componentName,
  count,
  countFromOne,
  id,
  moreThanZero,
  regionName,
  retriesMax,
  share,
  text,
  zoneName,
} from "./fields.ts";
import { businessFunction } from "./topology-schema.ts";

export const delay = z
  .strictObject({
    medianSeconds: atLeastZero,
    p95Seconds: moreThanZero
      .describe("95th percentile of a lognormal; always the median when left out")
      .exactOptional(),
  })
  .describe("A time that people take");

export const roleSchema = z.strictObject({
  id: id.describe("Unique in the scenario; runbooks name it"),
  title: text.describe("For people; the id when left out").exactOptional(),
  count: countFromOne
    .describe("How many are on call: one who follows a runbook follows no other; 1 when left out")
    .exactOptional(),
  paging: delay.describe("From the page until somebody sits in front of a screen"),
});

const detectionSchema = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("alarm").describe("An alarm of CloudWatch; never, while that is blind"),
    alarm: text.describe("Id of an alarm that the topology declares"),
  }),
  z.strictObject({
    source: z.literal("probe").describe("A robot outside the platform that tries a function"),
    function: businessFunction,
    everySeconds: moreThanZero,
    failuresInARow: countFromOne,
  }),
  z.strictObject({
    source: z.literal("runbook").describe("Planned: it follows on another runbook"),
    runbook: text.describe("Id of the runbook that must be completed"),
    after: delay.describe("From its completion to the beginning of this one"),
  }),
  z.strictObject({
    source: z.literal("phone-call").describe("Clients who call while a function is out of service"),
    function: businessFunction,
    after: delay.describe("From the beginning of the outage to the call"),
  }),
]);

const tasksOf = "Service of tasks: ecs-fargate or matching-service";

function marketAction<Name extends string>(name: Name, description: string) {
  return z.strictObject({
    do: z.literal(name).describe(description),
    component: componentName("Component id", "matching-service"),
  });
}

const actionSchema = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("inform").describe("Tell clients, managers, a regulator: it only takes time"),
  }),
  z.strictObject({
    do: z
      .literal("shift-zone-away")
      .describe("A zonal shift: the balancer's node there leaves DNS"),
    component: componentName("Component id", "load-balancer"),
    zone: zoneName("Zone id"),
  }),
  z.strictObject({
    do: z.literal("end-zone-shift").describe("The node may return"),
    component: componentName("Component id", "load-balancer"),
    zone: zoneName("Zone id"),
  }),
  z.strictObject({
    do: z.literal("promote-reader").describe("A failover of the database within its region"),
    component: componentName("Component id", "aurora"),
  }),
  z.strictObject({
    do: z.literal("scale-out").describe("Sets how many tasks there should be, and waits for them"),
    component: componentName(tasksOf),
    taskCount: count,
    raiseMinimum: z
      .boolean()
      .describe(
        "Whether auto-scaling keeps at least as many from then on; false when left out: it may take idle tasks away again",
      )
      .exactOptional(),
  }),
  z.strictObject({
    do: z
      .literal("scale-up")
      .describe("Larger instances or nodes, in force once they have been built"),
    component: componentName("Component id", "aurora", "elasticache"),
    factor: z.number().gt(1).max(32).describe("Times the present size"),
  }),
  z.strictObject({
    do: z.literal("raise-throughput").describe("More throughput than was declared, at once"),
    component: componentName("Component id", "dynamodb", "kinesis", "lambda"),
    factor: z.number().gt(0).max(32).describe("Times what was declared"),
  }),
  z.strictObject({
    do: z.literal("roll-back").describe("Replaces all tasks by tasks of the last good release"),
    component: componentName(tasksOf),
  }),
  z.strictObject({
    do: z.literal("restart").describe("Ends tasks; the control plane starts others"),
    component: componentName(tasksOf),
    count: countFromOne
      .describe("How many, beginning with the oldest; all when left out")
      .exactOptional(),
  }),
  z.strictObject({
    do: z.literal("cut-load").describe("Lets only a share of the quota through"),
    component: componentName("Component id", "api-gateway"),
    share: share.describe("Share of the quota that is left, 0..1"),
  }),
  z.strictObject({
    do: z.literal("open-admission-gate").describe("Lets the whole quota through again"),
    component: componentName("Component id", "api-gateway"),
  }),
  z.strictObject({
    do: z.literal("promote-secondary").describe("The secondary cluster takes writes from now on"),
    component: componentName("Component id", "aurora"),
  }),
  z.strictObject({
    do: z.literal("rebuild-books").describe("A standby engine takes the books over"),
    component: componentName("A matching service with standbyFor", "matching-service"),
  }),
  z.strictObject({
    do: z.literal("fail-over-dns").describe("The public name leads users to another region"),
    component: componentName("Component id", "route53"),
    fromRegion: regionName("Region id"),
    toRegion: regionName("Region id"),
    by: z
      .enum(["record-edit", "routing-control"])
      .describe("Through the control plane in us-east-1, or on the data plane"),
    homeRegion: regionName("Only users at home there; all when left out").exactOptional(),
  }),
  z.strictObject({
    do: z.literal("restore-from-backup").describe("Point-in-time restore, and the switch to it"),
    component: componentName("Component id", "aurora"),
    marginSeconds: atLeastZero.describe("Seconds before the first bad row"),
  }),
  z.strictObject({
    do: z.literal("rewrite-rows").describe("Rows that a restored database lacks are written again"),
    component: componentName("Component id", "matching-service"),
    database: componentName("The restored database", "aurora"),
  }),
  z.strictObject({
    do: z.literal("wait-for-region").describe("Wait until a region talks with another again"),
    region: regionName("Region id"),
    otherRegion: regionName("Region id"),
  }),
  z.strictObject({
    do: z
      .literal("reconcile")
      .describe("What stands only in the region that was left is entered again, in its order"),
    component: componentName("The standby that took the books over", "matching-service"),
  }),
  z.strictObject({
    do: z
      .literal("re-replicate")
      .describe("What came back with its region becomes a copy of what took its place"),
    component: componentName("A matching service or a database cluster of two regions"),
  }),
  z.strictObject({
    do: z
      .literal("hand-over")
      .describe("A standby takes the books over in good order from the owner"),
    component: componentName("The standby, or the former owner", "matching-service"),
  }),
  z.strictObject({
    do: z
      .literal("redrive")
      .describe("What lies in the dead-letter queue of a queue or a bus is sent again"),
    component: componentName("A queue with deadLetters, or a bus", "sqs-fifo", "eventbridge"),
    messagesPerSecond: moreThanZero
      .max(factNumberAt("sqs.redrive", "messagesPerSecondMax"))
      .describe("As many as a move task can when left out")
      .exactOptional(),
  }),
  z.strictObject({
    do: z.literal("replay-events").describe("Events of an archive are sent again, marked as such"),
    component: componentName("The bus", "eventbridge"),
    archive: text.describe("One of the archives of the bus"),
    lookBackSeconds: moreThanZero.describe("From so many seconds before the step until the step"),
    rules: z
      .array(text)
      .min(1)
      .describe("Only to these rules; to all when left out")
      .exactOptional(),
  }),
  z.strictObject({
    do: z
      .literal("release-holds")
      .describe("Funds held for orders that stand in no history and wait nowhere are let go of"),
  }),
  z.strictObject({
    do: z
      .literal("settle-trades")
      .describe("Trades that clients were told of and the history lost are decided on, one by one"),
  }),
  z.strictObject({
    do: z.literal("re-point").describe("Symbols of one region go to the queues of another"),
    fromRegion: regionName("Region id"),
    toRegion: regionName("Region id"),
    homeRegion: regionName("Only symbols at home there; all when left out").exactOptional(),
    partition: z
      .strictObject({ number: countFromOne.describe("From 1"), of: countFromOne.max(256) })
      .describe("Only the symbols of one engine of so many at home there; all when left out")
      .exactOptional(),
  }),
  marketAction(
    "halt-market",
    "Nothing trades and nothing is taken, until people lead the market on",
  ),
  marketAction("cancel-only", "Only cancels are taken"),
  marketAction("open-auction", "Orders are collected and don't trade"),
  marketAction("open-market", "The auction is uncrossed, and trading is continuous again"),
]);

const runbookStepSchema = z.strictObject({
  id: id.describe("Unique in the runbook"),
  action: actionSchema,
  execution: delay.describe("How long people take; what the platform takes comes on top"),
  failShare: share
    .describe("Share of the attempts that fail, 0..1; 0 when left out")
    .exactOptional(),
  retriesMax: retriesMax.describe("Further attempts; 2 when left out").exactOptional(),
  giveUpAfterSeconds: moreThanZero
    .describe("Seconds without effect after which it counts as failed; 900 when left out")
    .exactOptional(),
  mistake: z
    .strictObject({ share: share.describe("Share of the attempts, 0..1"), action: actionSchema })
    .describe("What is done instead, by mistake")
    .exactOptional(),
  optional: z
    .boolean()
    .describe("Whether the runbook goes on when it has failed for good; it stops when left out")
    .exactOptional(),
});

export const runbookSchema = z
  .strictObject({
    id: id.describe("Unique in the scenario"),
    title: text.describe("For people; the id when left out").exactOptional(),
    onCall: text.describe("Role that is paged"),
    detection: z
      .array(detectionSchema)
      .min(1)
      .max(16)
      .describe("Of several ways, the first counts"),
    diagnosis: delay.describe("From sitting down to knowing what is wrong"),
    blindFactor: z
      .number()
      .min(1)
      .describe("Times as long while CloudWatch shows nothing, or shows it late; 3 when left out")
      .exactOptional(),
    decision: delay.describe("From knowing to having decided"),
    approvals: z
      .array(z.strictObject({ by: text.describe("Role"), delay }))
      .describe("Roles that must agree, one after the other, each paged first")
      .exactOptional(),
    steps: z.array(runbookStepSchema).min(1),
  })
  .describe("What people do about an outage, from hearing of it to the last step");

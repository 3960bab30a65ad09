/** Scenario files as zod schemas; a type test holds them equal to `sim/twin/scenario-types.ts`. */
import * as z from "zod";
import {
  atLeastZero,
  backoff,
  componentName,
  count,
  countFromOne,
  id,
  moreThanZero,
  placeName,
  regionName,
  retriesMax,
  share,
  text,
  zoneName,
} from "./fields.ts";
import { roleSchema, runbookSchema } from "./runbook-schema.ts";
import { acceptance, businessFunction, requestName } from "./topology-schema.ts";

const faultId = id.describe("Unique in the scenario; reports name it");
const atSeconds = atLeastZero.describe("Seconds from the start of the run, warm-up included");
const durationSeconds = moreThanZero.describe("Seconds that it lasts");
const zone = placeName(
  "Zone id, or zone-of:COMPONENT for wherever that component's first running instance stands at that instant",
);

const faultBase = {
  id: faultId,
  atSeconds,
  repeat: z
    .strictObject({
      count: countFromOne.describe("Times that it strikes in all"),
      everySeconds: moreThanZero.describe("Seconds from one time to the next"),
    })
    .describe("It strikes again and again; once when left out")
    .exactOptional(),
};

const recoveryPoint = z.strictObject({
  afterSeconds: atLeastZero.describe("Seconds after power returned"),
  share: share.describe("Share of the hosts that are back, 0..1"),
});

export const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z
      .literal("zone-power-loss")
      .describe("A zone loses power; its instances go silent at once"),
    ...faultBase,
    zone,
    durationSeconds,
    recoveryCurve: z
      .array(recoveryPoint)
      .min(1)
      .describe("How hosts come back once power is there; all at once when left out")
      .exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("region-power-loss").describe("All zones of a region lose power at once"),
    ...faultBase,
    region: regionName("Region id"),
    durationSeconds,
    recoveryCurve: z
      .array(recoveryPoint)
      .min(1)
      .describe("How hosts come back once power is there; all at once when left out")
      .exactOptional(),
  }),
  z.strictObject({
    kind: z
      .literal("region-partition")
      .describe("A region is cut off from every other region and from clients"),
    ...faultBase,
    region: regionName("Region id"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z
      .literal("instance-slow")
      .describe("Instances of a component take longer for everything"),
    ...faultBase,
    component: componentName("Component id"),
    count: countFromOne
      .describe("How many, beginning with the oldest; all when left out")
      .exactOptional(),
    role: text
      .describe("Only instances with this role: writer, reader, primary, replica, active")
      .exactOptional(),
    factor: z.number().gt(1).describe("Times as long as usual"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z
      .literal("name-service-outage")
      .describe("Names are not answered; what is in caches serves until it expires"),
    ...faultBase,
    component: componentName("Name service", "route53"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("quota-cut").describe("A service grants only a share of its quota"),
    ...faultBase,
    component: componentName("Service with a quota: api-gateway, sqs-fifo, dynamodb or kinesis"),
    share: share.describe("Share of the quota that is left, 0..1"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("service-errors").describe("A managed service answers calls with errors"),
    ...faultBase,
    component: componentName("Managed service"),
    share: share.describe("Share of its calls that fail, 0..1"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("capacity-shortage").describe("New tasks find no hosts; what runs goes on"),
    ...faultBase,
    zone: zoneName("Zone id; every zone when left out").exactOptional(),
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("bad-deployment").describe("A bad release replaces all tasks of a service"),
    ...faultBase,
    component: componentName("Service of tasks: ecs-fargate or matching-service"),
    slowFactor: z
      .number()
      .min(1)
      .describe("Times as long for all work; as usual when left out")
      .exactOptional(),
    crashAfterSeconds: moreThanZero
      .describe("Seconds after which a task of it crashes; never when left out")
      .exactOptional(),
    durationSeconds: moreThanZero.describe("Seconds until the rollback begins"),
  }),
  z.strictObject({
    kind: z.literal("cache-flush").describe("A cache forgets everything and goes on serving"),
    ...faultBase,
    component: componentName("Cache", "elasticache"),
  }),
  z.strictObject({
    kind: z
      .literal("data-corruption")
      .describe("A bad writer puts wrong rows into a database; they stay until it is restored"),
    ...faultBase,
    component: componentName("Database", "aurora"),
    readShare: share.describe("Share of the reads that meet a wrong row and fail, 0..1"),
  }),
  z.strictObject({
    kind: z.literal("load-change").describe("Clients mean to send more, or less"),
    ...faultBase,
    factor: moreThanZero.describe("Times the workload's rate: 10 is a spike, 0.1 a lull"),
    rampSeconds: moreThanZero
      .describe("Seconds over which it comes about; at once when left out")
      .exactOptional(),
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("hot-symbol").describe("One symbol draws a share of all requests to itself"),
    ...faultBase,
    symbol: count.describe("Number of the symbol, from 0"),
    share: share.describe("Share of all new requests that are about it, 0..1"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z
      .literal("client-retries")
      .describe("Clients retry in another way than the workload says"),
    ...faultBase,
    retriesMax: retriesMax.describe("Further attempts after a failed one"),
    backoffMs: atLeastZero.describe("Milliseconds before the first retry; doubles with each"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z
      .literal("connection-drop")
      .describe("Users lose the connections that they keep open, and log in anew"),
    ...faultBase,
    share: share.describe("Share of the users, 0..1"),
  }),
  z.strictObject({
    kind: z
      .literal("zone-partition")
      .describe("A zone keeps power and loses its links to everywhere else"),
    ...faultBase,
    zone,
    durationSeconds,
    direction: z
      .enum(["both", "inbound", "outbound"])
      .describe("Which way is cut; both when left out")
      .exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("instance-kill").describe("One or more instances of a component die"),
    ...faultBase,
    component: componentName("Component id"),
    count: countFromOne
      .describe("How many, beginning with the oldest; 1 when left out")
      .exactOptional(),
    role: text
      .describe("Only instances with this role: writer, reader, primary, replica, active")
      .exactOptional(),
    manner: z
      .enum(["crash", "power", "hang"])
      .describe(
        "What callers see: refused at once, silence, or accepted and never answered; crash when left out",
      )
      .exactOptional(),
  }),
  z.strictObject({
    kind: z
      .literal("link-degradation")
      .describe("Grey failure: added latency and loss between zones"),
    ...faultBase,
    from: zoneName("Zone id"),
    to: zoneName("Zone id; every other zone when left out").exactOptional(),
    addedLatencyMs: atLeastZero.describe("Milliseconds added one way"),
    lossShare: share.describe("Share of messages lost, 0..1"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z
      .literal("control-plane-freeze")
      .describe("No launches, no replacements, no scaling actions"),
    ...faultBase,
    component: componentName("Only this component's; all when left out").exactOptional(),
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("observability-loss").describe("CloudWatch shows nothing, or shows it late"),
    ...faultBase,
    durationSeconds,
    lateBySeconds: moreThanZero
      .describe("Seconds that datapoints are late; nothing arrives at all when left out")
      .exactOptional(),
  }),
]);

const clientSchema = z
  .strictObject({
    retriesMax: retriesMax.describe(
      "Further attempts after a failed one, with the same client order id",
    ),
    backoffMs: atLeastZero.describe(
      "Milliseconds before the first retry; doubles with each, full jitter",
    ),
    backoff: backoff.exactOptional(),
    retryBudget: z
      .strictObject({
        perRequest: atLeastZero.describe("Retries for each request that the user makes"),
        savedMax: moreThanZero
          .describe("Most that may be saved up, and there is at the start; 1 when left out")
          .exactOptional(),
      })
      .describe("Retries that a user's program allows itself; all when left out")
      .exactOptional(),
    connection: z
      .strictObject({
        reconnectMs: atLeastZero.describe(
          "Milliseconds from the loss to the first log-in; doubles with each that fails",
        ),
        backoff: backoff.exactOptional(),
      })
      .describe(
        "Users keep a connection open and log in anew when they lose it; none when left out",
      )
      .exactOptional(),
    reconciliation: z
      .strictObject({
        askAfterSeconds: moreThanZero.describe(
          "Seconds from giving up to the query; as long at most on top, by chance",
        ),
        asksMax: z.int().min(1).max(200).describe("Most queries about one command"),
      })
      .describe(
        "Users ask what became of commands that they gave up on, and send again what is not there; they don't when left out",
      )
      .exactOptional(),
  })
  .describe("How a client behaves when answers are late or bad");

export const workloadSchema = z
  .strictObject({
    ratePerSecond: moreThanZero.describe(
      "Requests per second that clients mean to send, retries not counted",
    ),
    mix: z
      .partialRecord(requestName, share)
      .describe("Shares of the kinds of request; they sum to 1"),
    userCount: countFromOne,
    symbolCount: countFromOne,
    symbolSkew: atLeastZero.describe("Exponent of the Zipf law of symbol popularity; 0 is even"),
    selfExcitation: z
      .number()
      .min(0)
      .max(0.95)
      .describe("Share of the load that follows from earlier load, 0..0.95; 0 is Poisson"),
    excitationDecaySeconds: moreThanZero.describe("Seconds over which that excitement fades"),
    client: clientSchema,
  })
  .describe("Who sends what, when");

const objectiveId = id.describe("Unique in the scenario");

const over = z
  .strictObject({
    seeds: z.int().min(2).max(10_000).describe("Fewest seeds it may be judged over"),
    percentile: z
      .number()
      .gt(0)
      .lt(100)
      .describe("Which percentile of what the runs measure must keep the bound"),
  })
  .describe("Judged over many seeds, by drill --seeds; every run by itself when left out")
  .exactOptional();

const availability = z
  .number()
  .gt(0)
  .lt(1)
  .describe("Share of a period's outcomes that are to be good: 0.999");

export const objectiveSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("service").describe("What in service means, judged every second over ten"),
    id: objectiveId,
    function: businessFunction,
    goodShareMin: share.describe("Least share of good outcomes in a window, 0..1"),
    latencyMsMax: moreThanZero.describe("Milliseconds within which an outcome is good"),
    holdSeconds: atLeastZero.describe("Seconds it must keep holding to count as restored"),
  }),
  z.strictObject({
    kind: z.literal("rto").describe("Longest outage of a function after a fault"),
    id: objectiveId,
    function: businessFunction,
    secondsMax: atLeastZero,
    sinceRunbook: text
      .describe("Only outages from the beginning of this runbook on")
      .exactOptional(),
    over,
  }),
  z.strictObject({
    kind: z
      .literal("rpo")
      .describe("Most accepted commands and trades lost, doubled, reordered or stranded"),
    id: objectiveId,
    lostMax: count,
    over,
  }),
  z.strictObject({
    kind: z
      .literal("rpo-age")
      .describe(
        "Data loss in time: from the acceptance of the oldest command lost to the first fault",
      ),
    id: objectiveId,
    secondsMax: atLeastZero.describe("Seconds"),
  }),
  z.strictObject({
    kind: z.literal("measure").describe("A bound on what is recorded of components in a span"),
    id: objectiveId,
    title: text.describe("What is bounded, for reports"),
    channels: z
      .array(
        z.strictObject({
          component: componentName("Left out for channels of the whole run").exactOptional(),
          channel: text.describe("As recorded: `tasks-running`"),
          minus: z.boolean().describe("Taken away from the sum").exactOptional(),
        }),
      )
      .min(1)
      .max(16)
      .describe("Their values are added up"),
    take: z
      .enum(["end", "largest", "growth", "rise", "rate"])
      .describe(
        "As it stands at the end of the span, the largest in it, the growth over it, the largest above its beginning, or the growth a second",
      ),
    fromSeconds: atLeastZero.describe(
      "Seconds after the first fault, or after the warm-up of a run without one",
    ),
    toSeconds: moreThanZero.describe("As fromSeconds, and later"),
    atLeast: z
      .number()
      .describe("Least that is allowed; one of the two bounds is given")
      .exactOptional(),
    atMost: z.number().describe("Most that is allowed").exactOptional(),
  }),
  z.strictObject({
    kind: z
      .literal("error-budget")
      .describe("Most of a function's error budget that the run may spend"),
    id: objectiveId,
    function: businessFunction,
    availability,
    periodDays: moreThanZero
      .describe("Days that the budget is for; 30 when left out")
      .exactOptional(),
    spentShareMax: atLeastZero.describe("Share of the budget; 1 is all of it"),
  }),
  z.strictObject({
    kind: z
      .literal("burn-rate")
      .describe("Highest rate at which a function may spend its error budget; 1 spends it evenly"),
    id: objectiveId,
    function: businessFunction,
    availability,
    longSeconds: moreThanZero.describe("The window that shows that it matters"),
    shortSeconds: moreThanZero.describe("The window that shows that it goes on"),
    rateMax: moreThanZero.describe("Times as fast as evenly over the period"),
  }),
  z.strictObject({
    kind: z.literal("cost").describe("Most that an hour of the run, or a month like it, may cost"),
    id: objectiveId,
    per: z.enum(["hour", "month"]),
    usdMax: moreThanZero.describe("US dollars"),
    monthFactor: moreThanZero
      .describe(
        "Mean load of the month over the load of the run; 1 when left out: it lasts day and night",
      )
      .exactOptional(),
  }),
  z.strictObject({
    kind: z
      .literal("invariants")
      .describe("The ledger's invariants hold; every scenario has this one"),
    id: objectiveId,
  }),
]);

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
    durationSeconds: moreThanZero.describe("Seconds simulated in all, warm-up included"),
    timeScale: z
      .number()
      .gt(1)
      .describe(
        "Seconds of the story told in one second of the run: its windows are shortened, and reports say so; 1 when left out",
      )
      .exactOptional(),
    workload: workloadSchema,
    costAssumptions: z
      .record(z.string(), z.number().nonnegative())
      .describe("Numbers to use instead of what the bill assumes (bytes, days kept), by name")
      .exactOptional(),
    costAlarms: z.array(costAlarmSchema).max(16).exactOptional(),
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

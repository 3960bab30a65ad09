/** What happens to the platform; a type test holds it equal to `sim/twin/faults/fault-types.ts`. */
import * as z from "zod";
import {
  atLeastZero,
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
  zoneOrRegionName,
} from "./fields.ts";

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

const symbolMoved = count
  .describe("Number of the only symbol, from 0; all when left out")
  .exactOptional();

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
    component: componentName(
      "Service with a quota: api-gateway, sqs-fifo, dynamodb, eventbridge, kinesis or lambda",
    ),
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
    kind: z
      .literal("open-transaction")
      .describe(
        "A session leaves a transaction open: change capture hands on nothing until it ends",
      ),
    ...faultBase,
    component: componentName("Database", "aurora"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z
      .literal("poison-message")
      .describe("Messages come that kill an engine, or make a function fail, each time"),
    ...faultBase,
    component: componentName("Matching service or functions", "matching-service", "lambda"),
    function: text.describe("The function that fails; of functions only").exactOptional(),
    count: countFromOne.max(1000).describe("How many, the first that come"),
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("load-change").describe("Clients mean to send more, or less"),
    ...faultBase,
    factor: moreThanZero
      .max(10_000)
      .describe("Times the workload's rate: 10 is a spike, 0.1 a lull"),
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
      .literal("volatility-burst")
      .describe("Prices move further, and trade with quotes that are stale by then"),
    ...faultBase,
    factor: countFromOne.min(2).max(1000).describe("Times as far at each step, a whole number"),
    symbol: symbolMoved,
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("one-sided-flow").describe("New orders come from one side; prices follow"),
    ...faultBase,
    side: z.enum(["buy", "sell"]).describe("What clients want"),
    share: share.gt(0.5).describe("Share of new orders that are of that side, above 0.5"),
    symbol: symbolMoved,
    durationSeconds,
  }),
  z.strictObject({
    kind: z.literal("trading-halt").describe("Trading is halted, then reopens as after an outage"),
    ...faultBase,
    component: componentName(
      "Matching service; every one when left out",
      "matching-service",
    ).exactOptional(),
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
      .literal("rack-power-loss")
      .describe("A rack loses power, and with it the hosts of a capacity provider on it"),
    ...faultBase,
    component: componentName(
      "Capacity provider whose oldest running host stands on the rack",
      "ec2-capacity-provider",
    ),
    zone: zoneName("Its oldest host in this zone; in any when left out").exactOptional(),
    durationSeconds,
  }),
  z.strictObject({
    kind: z
      .literal("cell-power-loss")
      .describe("A cell of users loses power: one part of everything that is divided by user"),
    ...faultBase,
    cell: countFromOne.describe("Number of the part, from 1"),
    durationSeconds,
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
      .literal("replication-lag")
      .describe("What is replicated asynchronously leaves late or not at all; nothing else fails"),
    ...faultBase,
    fromPlace: zoneOrRegionName("Zone or region that it comes from"),
    toPlace: zoneOrRegionName("Zone or region that it goes to"),
    addedSeconds: moreThanZero
      .describe("Seconds by which it is late; it stands still when left out")
      .exactOptional(),
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

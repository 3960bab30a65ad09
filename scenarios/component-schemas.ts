/**
 * The components of a topology, one schema a service; a type test holds each equal to the component's own spec type.
 * Every component also takes `id`, `title` and `parameters`.
 */
import * as z from "zod";
import { factNumberAt } from "../sim/facts/facts.ts";
import {
  atLeastZero,
  backoff,
  componentName,
  count,
  countFromOne,
  id,
  moreThanZero,
  share,
  text,
  zoneName,
} from "./fields.ts";

const calling = z
  .strictObject({
    backoff: backoff.exactOptional(),
    retryBudget: z
      .strictObject({
        tokens: moreThanZero
          .describe("Tokens at the start, and at most; 500 when left out")
          .exactOptional(),
        retryCost: moreThanZero.describe("Tokens for a retry; 5 when left out").exactOptional(),
        timeoutCost: moreThanZero
          .describe("Tokens for a retry after a time-out; 10 when left out")
          .exactOptional(),
        successReturns: atLeastZero
          .describe("Tokens that a call which succeeds gives back; 1 when left out")
          .exactOptional(),
      })
      .describe("Retries a caller may still make, by component called: AWS SDKs' standard mode")
      .exactOptional(),
    breaker: z
      .strictObject({
        windowSeconds: moreThanZero.describe("Seconds over which calls are counted"),
        failureShare: share.describe("Share of them that must have failed for it to open"),
        callsMin: countFromOne
          .describe("Fewest calls that it judges by; 20 when left out")
          .exactOptional(),
        openSeconds: moreThanZero.describe("Seconds that it stays open before it tries"),
        probes: countFromOne
          .describe("Calls by which it tries, all of which must succeed; 5 when left out")
          .exactOptional(),
      })
      .describe("Circuit breaker of each instance for each component that it calls")
      .exactOptional(),
  })
  .describe(
    "How its instances behave towards others that fail them; every defence off when left out",
  )
  .meta({ id: "Calling" });

const serving = z
  .strictObject({
    order: z
      .enum(["fifo", "lifo"])
      .describe("Who of the waiting is served next; with lifo the oldest makes way in a full line")
      .exactOptional(),
    dropExpired: z
      .boolean()
      .describe("Whether what no caller waits for any more is dropped before service")
      .exactOptional(),
    waitingMax: count.describe("Most that wait in one instance; more are refused").exactOptional(),
    urgentFirst: z
      .boolean()
      .describe("Whether cancels and health checks are not shed and go to the head of the line")
      .exactOptional(),
    adaptiveLimit: z
      .strictObject({
        targetMs: moreThanZero.describe("Milliseconds up to which an answer is quick"),
        least: countFromOne.describe("Least it shrinks to; 1 when left out").exactOptional(),
      })
      .describe("Bound on what is inside an instance that follows the time it takes")
      .exactOptional(),
    contention: z
      .strictObject({
        waits: atLeastZero.describe("Further time for each other request inside").exactOptional(),
        talks: atLeastZero.describe("Further time for each pair of them").exactOptional(),
      })
      .describe("Work takes 1 + waits (n - 1) + talks n (n - 1) times as long with n inside")
      .exactOptional(),
    coldStart: z
      .strictObject({
        factor: z.number().min(1).describe("Times as long for the first request"),
        requests: countFromOne.describe("Requests after which it is as quick as usual"),
      })
      .describe("Slowness of an instance that was launched during the run")
      .exactOptional(),
  })
  .describe(
    "How its instances serve when much is asked of them; first come, first served when left out",
  )
  .meta({ id: "Serving" });

const base = {
  calling: calling.exactOptional(),
  serving: serving.exactOptional(),
  id: id.describe("Unique in the topology; flows and faults name it"),
  title: text.describe("For people; the id when left out").exactOptional(),
  parameters: z
    .record(z.string(), z.number())
    .describe("Numbers to use instead of the component's own, by parameter name")
    .exactOptional(),
  partitions: z
    .strictObject({
      count: countFromOne,
      by: z.enum(["symbol", "user"]).describe("What decides where a request belongs"),
    })
    .describe("So many components of this kind, each with its part of the symbols or users")
    .exactOptional(),
  inRegions: z
    .array(id)
    .min(1)
    .describe("One such component in each region; its zones are then named without their region")
    .exactOptional(),
  standbyIn: z
    .record(z.string(), z.string())
    .describe(
      "By home region: the region in which a standby of its component stands (ID-REGION-standby)",
    )
    .exactOptional(),
  asStandby: z
    .record(z.string(), z.unknown())
    .describe("Fields of the component that differ in its standbys")
    .exactOptional(),
  perRegion: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .describe("What differs by region: fields of the component, and partitionCount")
    .exactOptional(),
};

const zones = z.array(zoneName("Zone id")).min(1);

const hostZones = zones.describe("Zones with hosts of the service");

const apiGateway = z.strictObject({
  service: z.literal("api-gateway").describe("The managed API front end of a region"),
  ...base,
  api: z.enum(["rest", "http"]).describe("REST and HTTP APIs differ in added latency and price"),
  zones: zones.describe("Zones in which the service has hosts: those of the region"),
  ratePerSecond: moreThanZero
    .describe("A throttle of this API's own; the account's when left out")
    .exactOptional(),
  burst: moreThanZero
    .describe("Requests at once with ratePerSecond; the account's in proportion when left out")
    .exactOptional(),
});

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

const autoScaling = z.strictObject({
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

const aurora = z.strictObject({
  service: z
    .literal("aurora")
    .describe("An Aurora PostgreSQL cluster: one writer, readers, one storage volume"),
  ...base,
  instanceClass: z
    .enum([
      "db.r6g.large",
      "db.r6g.xlarge",
      "db.r6g.2xlarge",
      "db.r6g.4xlarge",
      "db.r6g.8xlarge",
      "db.r6g.16xlarge",
      "db.serverless",
    ])
    .describe("Class of every instance of the cluster"),
  serverless: z
    .strictObject({
      acuMin: moreThanZero,
      acuMax: moreThanZero,
      acuAtStart: moreThanZero
        .describe("ACUs when the run begins; the least when left out")
        .exactOptional(),
    })
    .describe("Bounds of each instance of a serverless cluster; needed with db.serverless")
    .exactOptional(),
  writerZone: zoneName("Zone of the writer"),
  secondaryOf: text
    .describe(
      "Cluster in another region that it is a secondary of; a cluster of its own when left out",
    )
    .exactOptional(),
  backupOf: text
    .describe(
      "Cluster in another region of whose backups copies lie here: there is none before one is restored",
    )
    .exactOptional(),
  readerZones: z
    .array(zoneName("Zone id"))
    .describe("Zones of the readers, in the order in which they would be promoted"),
  storageZones: zones
    .describe(
      "The three zones of the storage volume; the first three of the writer's region when left out",
    )
    .exactOptional(),
});

const cloudFront = z.strictObject({
  service: z
    .literal("cloudfront")
    .describe("The content delivery network in front of the platform"),
  ...base,
  cacheTtlMs: atLeastZero
    .describe(
      "Milliseconds for which an answer to a book query is reused; never when 0 or left out",
    )
    .exactOptional(),
});

const cloudWatch = z.strictObject({
  service: z.literal("cloudwatch").describe("Metrics and alarms of the account"),
  ...base,
  alarms: z.array(alarm),
});

const dynamoDb = z.strictObject({
  service: z
    .literal("dynamodb")
    .describe("A table: user sessions and the leases by which owners are fenced"),
  ...base,
  zones: hostZones,
  replicaOf: text
    .describe("Table in another region that it is a replica of; none when left out")
    .exactOptional(),
  mode: z.enum(["on-demand", "provisioned"]),
  provisioned: z
    .strictObject({ readUnits: moreThanZero, writeUnits: moreThanZero })
    .describe("Units a second of a provisioned table; on-demand tables have none")
    .exactOptional(),
  scaling: z
    .strictObject({
      targetPercent: z.number().min(20).max(90).describe("Share of the units to be used"),
      readUnitsMin: moreThanZero,
      readUnitsMax: moreThanZero,
      writeUnitsMin: moreThanZero,
      writeUnitsMax: moreThanZero,
      cloudwatch: componentName("Component through whose alarms it sees", "cloudwatch"),
    })
    .describe("Target tracking of a provisioned table; it stays as provisioned when left out")
    .exactOptional(),
});

const ecsFargate = z.strictObject({
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

const ec2CapacityProvider = z.strictObject({
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

const elasticache = z.strictObject({
  service: z
    .literal("elasticache")
    .describe("A Redis replication group: one primary, asynchronous replicas"),
  ...base,
  zones: zones.describe(
    "Zones of the nodes, one node each: the primary's first, then the replicas'",
  ),
  nodeType: z.enum([
    "cache.r6g.large",
    "cache.r6g.xlarge",
    "cache.r6g.2xlarge",
    "cache.r6g.4xlarge",
  ]),
  multiAz: z
    .boolean()
    .describe(
      "Whether a replica is promoted when the primary is lost; if there are replicas when left out",
    )
    .exactOptional(),
  warmShare: share
    .describe("Share of the keys that are there when the run begins; 1 when left out")
    .exactOptional(),
});

const eventTarget = z.strictObject({
  call: text.describe("Name of an actor call that the topology declares for this bus"),
  retriesMax: z
    .int()
    .min(0)
    .max(factNumberAt("eventbridge.retry", "attempts"))
    .describe("Tries after the first; 185 when left out")
    .exactOptional(),
  eventAgeSecondsMax: z
    .number()
    .min(60)
    .max(factNumberAt("eventbridge.retry", "hours") * 3600)
    .describe("Seconds after which an event is given up; a day when left out")
    .exactOptional(),
  deadLetterQueue: z
    .boolean()
    .describe("Whether what is given up goes to a dead-letter queue; dropped when left out")
    .exactOptional(),
});

const eventBridge = z.strictObject({
  service: z
    .literal("eventbridge")
    .describe("An event bus: rules send the events that match to targets"),
  ...base,
  zones: hostZones,
  rules: z
    .array(
      z.strictObject({
        id: id.describe("Unique among the rules"),
        events: z
          .array(z.enum(["place", "amend", "cancel", "market-step"]))
          .min(1)
          .describe("What the event is about; everything when left out")
          .exactOptional(),
        symbols: z
          .array(count)
          .min(1)
          .describe("Symbols that it is about, by number; all when left out")
          .exactOptional(),
        sendTo: z
          .array(eventTarget)
          .min(1)
          .max(factNumberAt("eventbridge.rules.max", "targetsPerRule"))
          .describe("Calls to Kinesis, to functions or to another bus"),
      }),
    )
    .max(factNumberAt("eventbridge.rules.max", "rules"))
    .describe("Events that match are sent to every target of the rule"),
});

const journal = z.strictObject({
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

const kinesis = z.strictObject({
  service: z.literal("kinesis").describe("A data stream"),
  ...base,
  zones: hostZones,
  shardCount: countFromOne.describe("Provisioned shards; on demand when left out").exactOptional(),
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

const lambda = z.strictObject({
  service: z.literal("lambda").describe("The functions of the account in one region"),
  ...base,
  zones: zones.describe("Zones in which execution environments run"),
  functions: z.array(lambdaFunction).min(1),
  concurrencyMax: countFromOne
    .describe("Most executions at once; the account's default when left out")
    .exactOptional(),
});

const checksInARow = z.int().min(2).max(10);

const loadBalancer = z.strictObject({
  service: z
    .literal("load-balancer")
    .describe("An Application Load Balancer: one node in each zone"),
  ...base,
  zones: zones.describe("Zones with a node each"),
  targets: z
    .array(componentName("Id of an ecs-fargate service", "ecs-fargate"))
    .min(1)
    .describe("Services behind it"),
  algorithm: z
    .enum(["round-robin", "least-outstanding-requests"])
    .describe("How a node chooses among healthy targets; round-robin when left out")
    .exactOptional(),
  slowStartSeconds: z
    .number()
    .min(30)
    .max(900)
    .describe("Seconds until a target that became healthy gets its full share (round robin only)")
    .exactOptional(),
  failOpenBelowShare: share
    .describe("All targets are used once less than this share is healthy; none when left out")
    .exactOptional(),
  healthCheck: z
    .strictObject({
      intervalSeconds: z.number().min(5).max(300).exactOptional(),
      timeoutSeconds: z.number().min(2).max(120).describe("Less than the interval").exactOptional(),
      unhealthyThreshold: checksInARow.describe("Failed checks in a row").exactOptional(),
      healthyThreshold: checksInARow.describe("Good checks in a row").exactOptional(),
    })
    .describe("Every 30 s, 5 s time-out, 2 to fail, 5 to return when left out")
    .exactOptional(),
  deregistrationDelaySeconds: z
    .number()
    .min(0)
    .max(3600)
    .describe("Seconds that a target which leaves may take to finish; 300 when left out")
    .exactOptional(),
});

const matchingService = z.strictObject({
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
  queue: componentName("Queue or topic it takes commands from", "sqs-fifo", "msk"),
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

const msk = z.strictObject({
  service: z.literal("msk").describe("A Kafka cluster: brokers over zones, topics by partition"),
  ...base,
  zones: zones.describe("Zones with brokers; a partition has one replica in each, three at most"),
  brokersPerZone: countFromOne,
  brokerClass: z.enum(["m7g.large", "m7g.xlarge", "m7g.2xlarge", "m7g.4xlarge", "m5.large"]),
  storageGb: moreThanZero.describe("GB of storage of each broker"),
  topicPartitions: countFromOne.describe("Partitions of every topic"),
  furtherTopics: z
    .array(id)
    .describe("Topics beside orders and trades; each has an operation publish-ID")
    .exactOptional(),
  acks: z
    .enum(["all", "leader"])
    .describe("Whether a send waits for all in-sync replicas or the leader; all when left out")
    .exactOptional(),
  uncleanElection: z
    .boolean()
    .describe(
      "Whether a replica that lacks records may lead; true when left out, as the brokers do",
    )
    .exactOptional(),
  membership: z
    .enum(["static", "dynamic"])
    .describe("Whether a replaced consumer gets its partitions at once; static when left out")
    .exactOptional(),
});

const rdsProxy = z.strictObject({
  service: z
    .literal("rds-proxy")
    .describe(
      "Pooled connections in front of an Aurora cluster; its own call beneath says how long it tries",
    ),
  ...base,
  zones: hostZones,
  target: componentName("Cluster behind it", "aurora"),
});

const route53 = z.strictObject({
  service: z
    .literal("route53")
    .describe("The public DNS zone of the platform, with the clients' resolvers"),
  ...base,
  ttlSeconds: atLeastZero
    .describe("Seconds a client may keep an answer; 60 when left out")
    .exactOptional(),
  records: z
    .array(
      z.strictObject({
        name: text.describe("Such as api.example.com"),
        endpoints: z
          .array(componentName("Component id"))
          .min(1)
          .describe("Components that answer under the name: the first healthy one, in this order"),
        healthCheckIntervalSeconds: z
          .union([z.literal(10), z.literal(30)])
          .describe("How often endpoints are probed; not health-checked when left out")
          .exactOptional(),
      }),
    )
    .min(1),
});

const s3 = z.strictObject({
  service: z.literal("s3").describe("A bucket of the standard class"),
  ...base,
  zones: hostZones,
  prefixCount: countFromOne
    .describe("Prefixes over which the keys are spread; 1 when left out")
    .exactOptional(),
});

const sqsFifo = z.strictObject({
  service: z.literal("sqs-fifo").describe("A FIFO queue whose message groups are the symbols"),
  ...base,
  zones: hostZones,
  highThroughput: z
    .boolean()
    .describe(
      "High-throughput mode lifts the API rate from per queue to per partition of message groups",
    )
    .exactOptional(),
});

const waf = z.strictObject({
  service: z
    .literal("waf")
    .describe("The web application firewall, with at most one rate-based rule"),
  ...base,
  rateLimitPerFiveMin: z
    .int()
    .min(10)
    .describe("Most requests of one address within five minutes; no rule when left out")
    .exactOptional(),
});

export const componentSchema = z
  .discriminatedUnion("service", [
    apiGateway,
    autoScaling,
    aurora,
    cloudFront,
    cloudWatch,
    dynamoDb,
    ec2CapacityProvider,
    ecsFargate,
    elasticache,
    eventBridge,
    journal,
    kinesis,
    lambda,
    loadBalancer,
    matchingService,
    msk,
    rdsProxy,
    route53,
    s3,
    sqsFifo,
    waf,
  ])
  .meta({ id: "Component", description: "One component of a platform" });

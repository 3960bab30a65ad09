/** Components that keep data. */
import * as z from "zod";
import { componentName, countFromOne, moreThanZero, share, text, zoneName } from "../fields.ts";
import { base, hostZones, zones } from "./base-fields.ts";

export const aurora = z.strictObject({
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

export const auroraLimitless = z.strictObject({
  service: z
    .literal("aurora-limitless")
    .describe("An Aurora PostgreSQL Limitless database: routers in front of shards by user"),
  ...base,
  zones: zones.describe("Zones over which routers, shards and standbys are spread, in turn"),
  acuMax: moreThanZero.describe(
    "Most ACUs of all routers and shards together; it decides how many of each there are",
  ),
  acuMin: moreThanZero
    .describe("Least ACUs of all of them together; four for each when left out")
    .exactOptional(),
  computeRedundancy: z
    .union([z.literal(0), z.literal(1), z.literal(2)])
    .describe("Standbys of each shard in other zones"),
  shardCount: countFromOne
    .describe("Shards after splits; as many as come with acuMax when left out")
    .exactOptional(),
  routerCount: countFromOne
    .describe("Routers after more were added; as many as come with acuMax when left out")
    .exactOptional(),
});

export const dms = z.strictObject({
  service: z
    .literal("dms")
    .describe("Change data capture from an Aurora cluster; its call apply says to where"),
  ...base,
  zones: zones.describe(
    "Zone of the replication instance, and of its standby where it is Multi-AZ",
  ),
  source: componentName("Cluster whose changes are captured", "aurora"),
  applies: z
    .enum(["transactional", "batch"])
    .describe("In commits of the source, or in large batches that wait for each other"),
  afterLoss: z
    .enum(["resume", "restart"])
    .describe(
      "How the task of a lost instance without a standby starts: where it was, or with a new slot that leaves a gap",
    ),
});

export const dynamoDb = z.strictObject({
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

export const elasticache = z.strictObject({
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

export const rdsProxy = z.strictObject({
  service: z
    .literal("rds-proxy")
    .describe(
      "Pooled connections in front of an Aurora cluster; its own call beneath says how long it tries",
    ),
  ...base,
  zones: hostZones,
  target: componentName("Cluster behind it", "aurora"),
});

export const s3 = z.strictObject({
  service: z.literal("s3").describe("A bucket of the standard class"),
  ...base,
  zones: hostZones,
  prefixCount: countFromOne
    .describe("Prefixes over which the keys are spread; 1 when left out")
    .exactOptional(),
  replicaOf: text
    .describe("Bucket in another region whose objects are replicated here; none when left out")
    .exactOptional(),
  replicationTimeControl: z
    .boolean()
    .describe("Whether 99.99 % are to be here within 15 minutes; without when left out")
    .exactOptional(),
});

/** Components that carry messages and events. */
import * as z from "zod";
import { factNumberAt } from "../../sim/facts/facts.ts";
import { count, countFromOne, id, moreThanZero, text } from "../fields.ts";
import { base, hostZones, zones } from "./base-fields.ts";

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

const eventPattern = {
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
};

/** A bit of a number for each archive. */
const archivesMax = 16;

export const eventBridge = z.strictObject({
  service: z
    .literal("eventbridge")
    .describe("An event bus: rules send the events that match to targets"),
  ...base,
  zones: hostZones,
  rules: z
    .array(
      z.strictObject({
        id: id.describe("Unique among the rules"),
        ...eventPattern,
        sendTo: z
          .array(eventTarget)
          .min(1)
          .max(factNumberAt("eventbridge.rules.max", "targetsPerRule"))
          .describe("Calls to Kinesis, to functions or to another bus"),
      }),
    )
    .max(factNumberAt("eventbridge.rules.max", "rules"))
    .describe("Events that match are sent to every target of the rule"),
  archives: z
    .array(
      z.strictObject({
        id: id.describe("Unique among the archives; replays name it"),
        ...eventPattern,
        retentionDays: countFromOne
          .describe("Days after which an event is not in it any more; it stays when left out")
          .exactOptional(),
      }),
    )
    .max(archivesMax)
    .describe("Events that match are kept, and can be replayed; none when left out")
    .exactOptional(),
});

export const kinesis = z.strictObject({
  service: z.literal("kinesis").describe("A data stream"),
  ...base,
  zones: hostZones,
  shardCount: countFromOne.describe("Provisioned shards; on demand when left out").exactOptional(),
});

export const msk = z.strictObject({
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

export const sqsFifo = z.strictObject({
  service: z.literal("sqs-fifo").describe("A FIFO queue whose message groups are the symbols"),
  ...base,
  zones: hostZones,
  highThroughput: z
    .boolean()
    .describe(
      "High-throughput mode lifts the API rate from per queue to per partition of message groups",
    )
    .exactOptional(),
  deadLetters: z
    .strictObject({
      receivesMax: z
        .int()
        .min(factNumberAt("sqs.dlq.receives", "min"))
        .max(factNumberAt("sqs.dlq.receives", "max"))
        .describe("Receives after which a message is not handed out once more"),
      retentionSeconds: z
        .number()
        .min(factNumberAt("sqs.retention-s", "min"))
        .max(factNumberAt("sqs.retention-s", "max"))
        .describe("Seconds after which a message that was set aside is gone; four days if left out")
        .exactOptional(),
    })
    .describe("A dead-letter queue; messages are handed out again without end when left out")
    .exactOptional(),
});

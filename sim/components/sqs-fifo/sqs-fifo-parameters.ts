import { assumption, fromFact, type Parameters, usFromFact } from "../../facts/parameter.ts";

/** Parameters of a queue. */
export const queueDefaults = {
  callsPerSecond: fromFact("sqs.fifo.tps"),
  batchMax: fromFact("sqs.batch-size"),
  visibilityTimeoutUs: usFromFact("sqs.visibility-timeout-s", "default"),
  inFlightMax: fromFact("sqs.fifo.in-flight"),
  deduplicationUs: usFromFact("sqs.fifo.dedup-s"),
  apiLatencyMsP50: fromFact("sqs.latency", 0),
  apiLatencyMsP95: fromFact("sqs.latency", 1),
  lingerUs: assumption(
    20_000,
    "us",
    "what order services commonly wait to fill a batch: short against a client's patience, long enough to stay under 300 calls/s",
  ),
  longPollUs: assumption(
    20_000_000,
    "us",
    "longest wait that ReceiveMessage allows, which consumers are advised to use",
  ),
  partitionCount: assumption(
    10,
    "partitions",
    "in high-throughput mode, message groups are hashed to partitions; AWS adds some as the load grows, and says of no queue how many it has",
  ),
  retentionSeconds: fromFact("sqs.retention-s", "default"),
  redrivePerSecond: fromFact("sqs.redrive", "messagesPerSecondMax"),
  hostEvictionUs: assumption(
    5_000_000,
    "us",
    "time until the service's own routing leaves out the hosts of a silent zone; AWS publishes none",
  ),
  messagesMax: assumption(
    1_000_000,
    "messages",
    "bound of the simulation; the service itself has none",
  ),
} satisfies Parameters;

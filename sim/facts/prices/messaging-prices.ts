import { factOf } from "../facts.ts";
import { fromFact, type PriceEntry, remembered } from "./price-entry.ts";

const sqsPage = "https://aws.amazon.com/sqs/pricing/";
const kinesisPage = "https://aws.amazon.com/kinesis/data-streams/pricing/";

/** What carries messages: queues, streams, topics, event buses, replication. */
export const messagingPrices = {
  "sqs.fifo-request": {
    unit: "request",
    quotedFor: 1_000_000,
    usEast1: fromFact("sqs.price-million", "fifo"),
    regions: {
      "eu-west-1": remembered(0.5, sqsPage, "as in us-east-1"),
      "ap-southeast-1": remembered(0.5, sqsPage, "as in us-east-1"),
    },
  },
  "kinesis.shard-hour": {
    unit: "shard-hour",
    usEast1: fromFact("kinesis.price.provisioned", "shardHour"),
    regions: {
      "eu-west-1": remembered(0.017, kinesisPage, "Ireland's list"),
      "ap-southeast-1": remembered(0.018, kinesisPage, "Singapore's list"),
    },
  },
  "kinesis.put-unit": {
    unit: "put unit of 25 KB",
    quotedFor: 1_000_000,
    usEast1: fromFact("kinesis.price.provisioned", "putMillion"),
  },
  "kinesis.stream-hour": {
    unit: "stream-hour",
    usEast1: fromFact("kinesis.price.ondemand", "streamHour"),
  },
  "kinesis.in": { unit: "GB", usEast1: fromFact("kinesis.price.ondemand", "inGb") },
  "kinesis.out": { unit: "GB", usEast1: fromFact("kinesis.price.ondemand", "outGb") },
  ...brokers(),
  "msk.storage": { unit: "GB-month", usEast1: fromFact("msk.price.storage-gb-month", "ebs") },
  "msk.replicator-hour": { unit: "hour", usEast1: fromFact("msk.price.replicator", "hour") },
  "msk.replicator": { unit: "GB", usEast1: fromFact("msk.price.replicator", "gb") },
  "eventbridge.event": {
    unit: "event",
    quotedFor: 1_000_000,
    usEast1: fromFact("eventbridge.price-million"),
  },
  "eventbridge.archived": {
    unit: "GB",
    usEast1: fromFact("eventbridge.price.archive-gb", "processing"),
  },
  "eventbridge.archive": {
    unit: "GB-month",
    usEast1: fromFact("eventbridge.price.archive-gb", "storageMonth"),
  },
} satisfies Readonly<Record<string, PriceEntry>>;

/** `msk.m7g.large-hour` and its like, one for each broker class of the fact. */
function brokers(): Record<`msk.${string}-hour`, PriceEntry> {
  const classes = Object.keys(factOf("msk.price.broker-hour").value as object);
  return Object.fromEntries(
    classes.map((each) => [
      `msk.${each}-hour`,
      { unit: "broker-hour", usEast1: fromFact("msk.price.broker-hour", each) },
    ]),
  );
}

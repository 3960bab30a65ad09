import { type FactKey, factOf } from "../facts.ts";
import type { CommitmentFamily } from "./price.ts";
import { fromFact, fromInfracost, type PriceEntry, remembered } from "./price-entry.ts";

const dynamoPage = "https://aws.amazon.com/dynamodb/pricing/";
const s3Page = "https://aws.amazon.com/s3/pricing/";

/** What keeps data: tables, caches, databases, objects, volumes. */
export const dataPrices = {
  "dynamodb.read-unit": {
    unit: "read unit",
    quotedFor: 1_000_000,
    usEast1: fromFact("dynamodb.price.ondemand", "readMillion"),
    regions: {
      "eu-west-1": remembered(0.1415, dynamoPage, "half of the list before late 2024"),
      "ap-southeast-1": remembered(0.1425, dynamoPage, "half of the list before late 2024"),
    },
  },
  "dynamodb.write-unit": {
    unit: "write unit",
    quotedFor: 1_000_000,
    usEast1: fromFact("dynamodb.price.ondemand", "writeMillion"),
    regions: {
      "eu-west-1": remembered(0.7055, dynamoPage, "half of the list before late 2024"),
      "ap-southeast-1": remembered(0.71, dynamoPage, "half of the list before late 2024"),
    },
  },
  "dynamodb.replicated-write-unit": {
    unit: "replicated write unit",
    quotedFor: 1_000_000,
    usEast1: fromFact("dynamodb.price.ondemand", "replicatedWriteMillion"),
    regions: {
      "eu-west-1": remembered(0.7055, dynamoPage, "as a write there"),
      "ap-southeast-1": remembered(0.71, dynamoPage, "as a write there"),
    },
  },
  "dynamodb.read-capacity-hour": {
    unit: "read capacity unit-hour",
    usEast1: fromFact("dynamodb.price.provisioned", "rcuHour"),
  },
  "dynamodb.write-capacity-hour": {
    unit: "write capacity unit-hour",
    usEast1: fromFact("dynamodb.price.provisioned", "wcuHour"),
  },
  "dynamodb.storage": {
    unit: "GB-month",
    usEast1: fromFact("dynamodb.price.storage", "tableGb"),
  },
  "dynamodb.pitr": { unit: "GB-month", usEast1: fromFact("dynamodb.price.storage", "pitrGb") },
  ...bySize("elasticache.r6g", "elasticache.price.r6g-hour", "elasticache"),
  "elasticache.backup": {
    unit: "GB-month",
    usEast1: fromFact("elasticache.price.backup-gb-month"),
  },
  ...bySize("aurora.r6g", "aurora.price.r6g-hour", "aurora"),
  ...bySize("aurora.r7g", "aurora.price.r7g-hour", "aurora"),
  "aurora.acu-hour": { unit: "ACU-hour", usEast1: fromFact("asv2.price", "standard") },
  "aurora.acu-hour-io-optimized": {
    unit: "ACU-hour",
    usEast1: fromFact("asv2.price", "ioOptimized"),
  },
  "aurora.storage-io-optimized": {
    unit: "GB-month",
    usEast1: fromFact("aurora.price.storage-gb-month", "ioOptimized"),
  },
  "dms.c5.large-hour": {
    unit: "instance-hour",
    usEast1: remembered(0.154, "https://aws.amazon.com/dms/pricing/", "on demand, one zone"),
  },
  "rds-proxy.vcpu-hour": { unit: "vCPU-hour", usEast1: fromFact("rdsproxy.price") },
  "aurora.storage": {
    unit: "GB-month",
    usEast1: fromFact("aurora.price.storage-gb-month", "standard"),
  },
  "aurora.io": {
    unit: "I/O",
    quotedFor: 1_000_000,
    usEast1: fromFact("aurora.price.io-million", "standard"),
  },
  "aurora.replicated-io": {
    unit: "replicated I/O",
    quotedFor: 1_000_000,
    usEast1: fromFact("agd.replicated-io-price"),
  },
  "aurora.backup": { unit: "GB-month", usEast1: fromFact("aurora.price.backup-gb-month") },
  "s3.put": {
    unit: "request",
    quotedFor: 1000,
    usEast1: fromFact("s3.price.requests-1k", "put"),
    regions: {
      "eu-west-1": remembered(0.005, s3Page, "as in us-east-1"),
      "ap-southeast-1": remembered(0.005, s3Page, "as in us-east-1"),
    },
  },
  "s3.get": {
    unit: "request",
    quotedFor: 1000,
    usEast1: fromFact("s3.price.requests-1k", "get"),
    regions: {
      "eu-west-1": remembered(0.0004, s3Page, "as in us-east-1"),
      "ap-southeast-1": remembered(0.0004, s3Page, "as in us-east-1"),
    },
  },
  "s3.lifecycle-transition": {
    unit: "object",
    quotedFor: 1000,
    usEast1: fromFact("s3.price.requests-1k", "glacierPut"),
  },
  "s3.standard": {
    unit: "GB-month",
    usEast1: fromFact("s3.price.gb-month", "standard"),
    regions: {
      "eu-west-1": remembered(0.023, s3Page, "as in us-east-1"),
      "ap-southeast-1": remembered(0.025, s3Page, "Singapore's list"),
    },
  },
  "s3.replication-time-control": { unit: "GB", usEast1: fromFact("s3.price.rtc-gb") },
  "s3.intelligent-infrequent": {
    unit: "GB-month",
    usEast1: fromFact("s3.price.gb-month", "intelligentInfrequent"),
  },
  "s3.intelligent-archive": {
    unit: "GB-month",
    usEast1: fromFact("s3.price.gb-month", "intelligentArchive"),
  },
  "s3.glacier-flexible": {
    unit: "GB-month",
    usEast1: fromFact("s3.price.gb-month", "glacierFlexible"),
  },
  "s3.intelligent-monitoring": {
    unit: "object-month",
    quotedFor: 1000,
    usEast1: fromFact("s3.price.intelligent-monitoring"),
  },
  "ebs.gp3": {
    unit: "GB-month",
    usEast1: fromInfracost(0.08, "ebs_volume_test", "40 GB for 3.20 USD"),
  },
} satisfies Readonly<Record<string, PriceEntry>>;

/** `aurora.r6g.large-hour` and its like, one for each size of a fact. */
function bySize<Prefix extends string>(
  prefix: Prefix,
  factKey: FactKey,
  commitment: CommitmentFamily,
): Record<`${Prefix}.${string}-hour`, PriceEntry> {
  const sizes = Object.keys(factOf(factKey).value as object);
  return Object.fromEntries(
    sizes.map((size) => [
      `${prefix}.${size}-hour`,
      { unit: "hour", commitment, usEast1: fromFact(factKey, size) },
    ]),
  ) as Record<`${Prefix}.${string}-hour`, PriceEntry>;
}

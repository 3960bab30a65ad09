import {
  fromFact,
  fromInfracost,
  type PriceEntry,
  remembered,
  tiersFromFact,
} from "./price-entry.ts";

const cloudWatchPage = "https://aws.amazon.com/cloudwatch/pricing/";
const terabyte = 1024;
const internetTiers = [10 * terabyte, 50 * terabyte, 150 * terabyte];

/** What watches and what connects: metrics, logs, traces, data transfer by path. */
export const operationsPrices = {
  "cloudwatch.alarm-month": { unit: "alarm-month", usEast1: fromFact("cloudwatch.price", 0) },
  "cloudwatch.dashboard-month": {
    unit: "dashboard-month",
    isGlobal: true,
    usEast1: fromFact("cloudwatch.price", 2),
  },
  "cloudwatch.custom-metric-month": {
    unit: "metric-month",
    tiersFrom: [10_000, 250_000, 1_000_000],
    usEast1: remembered([0.3, 0.1, 0.05, 0.02], cloudWatchPage, "the note of cloudwatch.price"),
  },
  "cloudwatch.logs-ingested": {
    unit: "GB",
    usEast1: fromFact("cloudwatch.price", 3),
    regions: {
      "eu-west-1": remembered(0.57, cloudWatchPage, "Ireland's list"),
      "ap-southeast-1": remembered(0.7, cloudWatchPage, "Singapore's list"),
    },
  },
  "cloudwatch.logs-stored": {
    unit: "GB-month",
    usEast1: fromInfracost(0.03, "cloudwatch_log_group_test", "archival storage"),
  },
  "xray.trace": { unit: "trace", quotedFor: 1_000_000, usEast1: fromFact("xray.price", 0) },
  "net.internet-out": {
    unit: "GB",
    tiersFrom: internetTiers,
    usEast1: tiersFromFact(
      "net.price.internet-gb",
      [0, 1, 2, 3].map((tier) => ["us-east-1", tier]),
    ),
    regions: {
      "eu-west-1": fromInfracost(
        [0.09, 0.085, 0.07, 0.05],
        "data_transfer_test",
        "921.60, 3,481.60, 7,168 and 170 USD for 10,240, 40,960, 102,400 and 3,400 GB",
      ),
      "ap-southeast-1": tiersFromFact(
        "net.price.internet-gb",
        [0, 1, 2, 3].map((tier) => ["ap-southeast-1", tier]),
      ),
    },
  },
  "net.inter-zone": {
    unit: "GB each way",
    isGlobal: true,
    usEast1: fromFact("net.price.inter-az-gb"),
  },
  "net.inter-region": {
    unit: "GB out",
    usEast1: fromFact("net.price.inter-region-gb", "us-east-1"),
    regions: {
      "eu-west-1": fromFact("net.price.inter-region-gb", "eu-west-1"),
      "ap-southeast-1": fromFact("net.price.inter-region-gb", "ap-southeast-1"),
    },
  },
  "net.nat-hour": { unit: "gateway-hour", usEast1: fromFact("net.price.nat", "hour") },
  "net.nat": { unit: "GB", usEast1: fromFact("net.price.nat", "gb") },
  "net.privatelink-hour": {
    unit: "endpoint-zone-hour",
    usEast1: fromFact("net.price.privatelink", "azHour"),
  },
  "net.privatelink": { unit: "GB", usEast1: fromFact("net.price.privatelink", "gb") },
} satisfies Readonly<Record<string, PriceEntry>>;

import { assumption, fromFact, type Parameters, usFromFact } from "../../facts/parameter.ts";

/** Numbers that a table works with. */
export const dynamoDbDefaults = {
  partitionWriteUnits: fromFact("dynamodb.partition.wcu"),
  partitionReadUnits: fromFact("dynamodb.partition.rcu"),
  tableUnitsMax: fromFact("dynamodb.table.quota"),
  onDemandWriteUnits: fromFact("dynamodb.ondemand.initial", "writes"),
  onDemandReadUnits: fromFact("dynamodb.ondemand.initial", "reads"),
  onDemandGrowth: fromFact("dynamodb.ondemand.double-peak"),
  onDemandWindowUs: usFromFact("dynamodb.ondemand.window-s"),
  provisionedBurstSeconds: fromFact("dynamodb.burst-s"),
  onDemandBurstSeconds: assumption(1, "s", "an on-demand table smooths over a second, no more"),
  readUnitsPerItem: assumption(0.5, "units", "items up to 4 KB, read eventually consistent"),
  writeUnitsPerItem: assumption(1, "units", "items up to 1 KB"),
  latencyUsP50: assumption(3_500, "us", "'single-digit' milliseconds (dynamodb.latency)"),
  latencyUsP95: assumption(
    8_500,
    "us",
    "so that the 99th percentile is near 12 ms (dynamodb.latency)",
  ),
  itemUs: assumption(300, "us", "each further item of a batch"),
  sessionUs: assumption(43_200_000_000, "us", "a session of a trading day lasts twelve hours"),
  leaseUs: assumption(10_000_000, "us", "as long as a silent owner may hold up its successor"),
  globalLagUs: usFromFact("dgt.mrec.lag-s"),
  scaleOutDatapoints: assumption(
    2,
    "one-minute points in a row",
    "two consecutive minutes above the target, as AWS's knowledge centre says",
  ),
  scaleInDatapoints: assumption(
    15,
    "one-minute points in a row",
    "fifteen consecutive minutes well below the target, by the same source",
  ),
  scaleInPointsBelow: assumption(
    20,
    "percentage points below the target",
    "'20% or more below the target ... (50 RCUs)' of a target of 70, by the same source",
  ),
  capacityUpdateUs: assumption(
    60_000_000,
    "us",
    "until the table has the capacity that it was updated to; AWS publishes 'several minutes' for the whole (dynamodb.autoscaling-delay)",
  ),
  settleUs: assumption(
    240_000_000,
    "us",
    "after an update, until a whole minute at the new capacity is shown: what was measured before is a share of another capacity",
  ),
  decreasesADay: assumption(4, "decreases", "at any time of a day; then one an hour"),
  decreaseEveryUs: assumption(3_600_000_000, "us", "between further decreases of a day"),
  hostEvictionUs: assumption(
    5_000_000,
    "us",
    "until the service's own routing leaves out a silent zone; AWS publishes none",
  ),
} satisfies Parameters;

export type DynamoDbValues = { readonly [Name in keyof typeof dynamoDbDefaults]: number };

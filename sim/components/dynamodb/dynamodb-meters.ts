import {
  channelOf,
  hoursPassed,
  type Meter,
  type MeterSource,
  monthsPassed,
  times,
} from "../fabric/meter.ts";
import type { DynamoDbSpec } from "./dynamodb-spec.ts";

/** Units by use (on demand) or by what is provisioned, storage, and continuous backup of it. */
export function dynamoDbMeters(source: MeterSource<DynamoDbSpec>): readonly Meter[] {
  const { component, region, spec, assume } = source;
  const stored = times(assume.sessionTableGb, monthsPassed(source));
  const replicated: readonly Meter[] =
    spec.replicaOf === undefined
      ? []
      : [
          {
            price: "dynamodb.replicated-write-unit",
            region,
            what: "writes of other regions",
            follows: "load",
            read: channelOf(component, "writes replicated"),
          },
        ];
  const storage: readonly Meter[] = [
    ...replicated,
    { price: "dynamodb.storage", region, what: "storage", follows: "time", read: stored },
    { price: "dynamodb.pitr", region, what: "continuous backup", follows: "time", read: stored },
  ];
  if (spec.mode === "provisioned" && spec.provisioned !== undefined) {
    const hours = hoursPassed(source);
    const { readUnits, writeUnits } = spec.provisioned;
    const isScaled = spec.scaling !== undefined;
    return [
      {
        price: "dynamodb.read-capacity-hour",
        region,
        what: "read capacity",
        follows: "time",
        read: isScaled ? channelOf(component, "read capacity") : times(readUnits, hours),
      },
      {
        price: "dynamodb.write-capacity-hour",
        region,
        what: "write capacity",
        follows: "time",
        read: isScaled ? channelOf(component, "write capacity") : times(writeUnits, hours),
      },
      ...storage,
    ];
  }
  return [
    {
      price: "dynamodb.read-unit",
      region,
      what: "read units",
      follows: "load",
      read: channelOf(component, "read units"),
    },
    {
      price: "dynamodb.write-unit",
      region,
      what: "write units",
      follows: "load",
      read: channelOf(component, "write units"),
    },
    ...storage,
  ];
}

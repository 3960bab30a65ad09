import {
  channelOf,
  gigabyte,
  hoursPassed,
  type Meter,
  type MeterSource,
  times,
} from "../fabric/meter.ts";
import type { KinesisSpec } from "./kinesis-spec.ts";

/** Bytes of one put unit; a record takes one at the least. */
const putUnitBytes = 25 * 1024;

/** Bytes up to which an on-demand stream rounds each record. */
const roundedBytes = 1024;

/** Shards by the hour and put units, or what an on-demand stream takes in and gives out. */
export function kinesisMeters(source: MeterSource<KinesisSpec>): readonly Meter[] {
  const { fabric, component, region, spec, assume } = source;
  const records = channelOf(component, "records taken");
  const hours = hoursPassed(source);
  if (spec.shardCount !== undefined) {
    return [
      {
        price: "kinesis.shard-hour",
        region,
        what: "shards",
        follows: "time",
        read: times(spec.shardCount, hours),
      },
      {
        price: "kinesis.put-unit",
        region,
        what: "put units",
        follows: "load",
        read: times(Math.ceil(assume.recordBytes / putUnitBytes), records),
      },
    ];
  }
  const gigabytes = times(
    (Math.ceil(assume.recordBytes / roundedBytes) * roundedBytes) / gigabyte,
    records,
  );
  const readers = fabric.components.filter((each) => each.service === "lambda").length;
  return [
    { price: "kinesis.stream-hour", region, what: "stream", follows: "time", read: hours },
    { price: "kinesis.in", region, what: "records taken in", follows: "load", read: gigabytes },
    {
      price: "kinesis.out",
      region,
      what: "records given out",
      follows: "load",
      read: times(readers, gigabytes),
    },
  ];
}

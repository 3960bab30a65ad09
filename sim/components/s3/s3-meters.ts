import {
  channelOf,
  gigabyte,
  hoursOfMonth,
  type Meter,
  type MeterSource,
} from "../fabric/meter.ts";

/** Megabytes of a gigabyte. */
const megabytesOfGigabyte = 1024;

/**
 * Requests, and storage: each object is charged with the days that it will be kept, the bill of the steady state in which
 * as much is dropped as comes. Functions archive every record of the streams once, many to an object; everything else
 * is a snapshot, by the megabyte.
 */
export function s3Meters(source: MeterSource): readonly Meter[] {
  const { fabric, component, region, assume } = source;
  const puts = channelOf(component, "objects stored");
  const gets = channelOf(component, "objects read");
  const megabytes = channelOf(component, "stored");
  const archived = channelOf(component, "archived");
  const streams = fabric.components
    .filter((each) => each.service === "kinesis")
    .map((each) => channelOf(each, "records taken"));
  const records = () => streams.reduce((sum, taken) => sum + taken(), 0);
  const keptMonths = (days: number) => (days * 24) / hoursOfMonth;
  return [
    { price: "s3.put", region, what: "puts", follows: "load", read: puts },
    { price: "s3.get", region, what: "gets", follows: "load", read: gets },
    {
      price: "s3.standard",
      region,
      what: "history",
      follows: "load",
      read: () =>
        archived() === 0
          ? 0
          : ((records() * assume.recordBytes) / gigabyte) * keptMonths(assume.archiveKeptDays),
    },
    {
      price: "s3.standard",
      region,
      what: "snapshots",
      follows: "load",
      read: () =>
        ((megabytes() - archived()) / megabytesOfGigabyte) * keptMonths(assume.snapshotKeptDays),
    },
  ];
}

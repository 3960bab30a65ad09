import {
  channelOf,
  gigabyte,
  hoursOfMonth,
  type Meter,
  type MeterSource,
} from "../fabric/meter.ts";
import type { S3Spec } from "./s3-spec.ts";

/** Megabytes of a gigabyte. */
const megabytesOfGigabyte = 1024;

/**
 * Requests, and storage: each object is charged with the days that it will be kept, the bill of the steady state in which
 * as much is dropped as comes. Functions archive every record of the streams once, many to an object; everything else
 * is a snapshot, by the megabyte.
 */
export function s3Meters(source: MeterSource<S3Spec>): readonly Meter[] {
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
    ...replicationMeters(source, records),
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

/**
 * What is replicated into a bucket: a put there for each object, its bytes between the regions (at the destination's own price for what
 * leaves it, which differs little), with time control a further price, and its days in the second bucket.
 */
function replicationMeters(
  { fabric, component, region, spec, assume }: MeterSource<S3Spec>,
  records: () => number,
): readonly Meter[] {
  const original = fabric.components.find(({ id }) => id === spec.replicaOf);
  if (original === undefined) return [];
  const replicated = channelOf(component, "objects replicated");
  const stored = channelOf(original, "objects stored");
  const archived = channelOf(original, "archived");
  const megabytes = channelOf(original, "stored");
  const historyGb = () => (archived() === 0 ? 0 : (records() * assume.recordBytes) / gigabyte);
  const snapshotsGb = () => (megabytes() - archived()) / megabytesOfGigabyte;
  const share = () => replicated() / Math.max(1, stored());
  const gb = () => share() * (historyGb() + snapshotsGb());
  const kept = () =>
    (share() *
      (historyGb() * assume.archiveKeptDays + snapshotsGb() * assume.snapshotKeptDays) *
      24) /
    hoursOfMonth;
  const of = (price: Meter["price"], what: string, read: () => number): Meter => ({
    price,
    region,
    what,
    follows: "load",
    read,
  });
  return [
    of("s3.put", "puts of replication", replicated),
    of("net.inter-region", "replication from another region", gb),
    of("s3.standard", "what was replicated", kept),
    ...(spec.replicationTimeControl === true
      ? [of("s3.replication-time-control", "replication time control", gb)]
      : []),
  ];
}

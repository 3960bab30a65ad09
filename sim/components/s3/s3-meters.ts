import type { Component } from "../fabric/component.ts";
import {
  channelOf,
  gigabyte,
  hoursOfMonth,
  loadMetersIn,
  type Meter,
  type MeterSource,
  monthsOf,
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
  const streams = fabric.components
    .filter((each) => each.service === "kinesis")
    .map((each) => channelOf(each, "records taken"));
  const records = () => streams.reduce((sum, taken) => sum + taken(), 0);
  const { historyGb, snapshotsGb } = storedIn(source, component, records);
  const meter = loadMetersIn(region);
  return [
    ...replicationMeters(source, records),
    meter("s3.put", "puts", puts),
    meter("s3.get", "gets", gets),
    meter("s3.standard", "history", () => historyGb() * monthsOf(assume.archiveKeptDays)),
    meter("s3.standard", "snapshots", () => snapshotsGb() * monthsOf(assume.snapshotKeptDays)),
  ];
}

/** Gigabytes stored in a bucket since the run began: the archived history of the streams, and snapshots, which are everything else. */
function storedIn(
  { assume }: MeterSource<S3Spec>,
  bucket: Component,
  records: () => number,
): { readonly historyGb: () => number; readonly snapshotsGb: () => number } {
  const megabytes = channelOf(bucket, "stored");
  const archived = channelOf(bucket, "archived");
  return {
    historyGb: () => (archived() === 0 ? 0 : (records() * assume.recordBytes) / gigabyte),
    snapshotsGb: () => (megabytes() - archived()) / megabytesOfGigabyte,
  };
}

/**
 * What is replicated into a bucket: a put there for each object, its bytes between the regions (at the destination's own price for what
 * leaves it, which differs little), with time control a further price, and its days in the second bucket.
 */
function replicationMeters(source: MeterSource<S3Spec>, records: () => number): readonly Meter[] {
  const { fabric, component, region, spec, assume } = source;
  const original = fabric.components.find(({ id }) => id === spec.replicaOf);
  if (original === undefined) return [];
  const replicated = channelOf(component, "objects replicated");
  const stored = channelOf(original, "objects stored");
  const { historyGb, snapshotsGb } = storedIn(source, original, records);
  const share = () => replicated() / Math.max(1, stored());
  const gb = () => share() * (historyGb() + snapshotsGb());
  const kept = () =>
    (share() *
      (historyGb() * assume.archiveKeptDays + snapshotsGb() * assume.snapshotKeptDays) *
      24) /
    hoursOfMonth;
  const meter = loadMetersIn(region);
  return [
    meter("s3.put", "puts of replication", replicated),
    meter("net.inter-region", "replication from another region", gb),
    meter("s3.standard", "what was replicated", kept),
    ...(spec.replicationTimeControl === true
      ? [meter("s3.replication-time-control", "replication time control", gb)]
      : []),
  ];
}

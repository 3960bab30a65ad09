import { priceKey } from "../../facts/prices/price-catalogue.ts";
import {
  channelOf,
  gigabyte,
  hoursOfMonth,
  instanceHours,
  type Meter,
  type MeterSource,
  monthsPassed,
} from "../fabric/meter.ts";
import type { AuroraSpec } from "./aurora-spec.ts";

/**
 * Instances by class, I/O, and storage. Each row written is charged with the days that it will be kept, and with the
 * days of backup that hold it: the bill of the steady state, in which as much is dropped as comes.
 */
export function auroraMeters(source: MeterSource<AuroraSpec>): readonly Meter[] {
  const { component, region, assume } = source;
  const months = monthsPassed(source);
  const rows = channelOf(component, "rows written");
  const pages = channelOf(component, "pages fetched");
  const commits = channelOf(component, "commits durable");
  const keptMonths = (days: number) => (days * 24) / hoursOfMonth;
  return [
    // Copies of backups are kept without a cluster; what a restored one costs is not in the bill.
    ...(source.spec.backupOf === undefined ? instanceMeters(source) : []),
    {
      price: "aurora.io",
      region,
      what: "reads and writes of storage",
      follows: "load",
      // A commit writes one unit at the least, and as many as its redo fills.
      read: () => pages() + Math.max(commits(), (rows() * assume.redoBytesPerRow) / assume.ioBytes),
    },
    {
      price: source.spec.backupOf === undefined ? "aurora.storage" : "aurora.backup",
      region,
      what: "storage of what stands",
      follows: "time",
      read: () => assume.databaseBaseGb * months(),
    },
    {
      price: "aurora.storage",
      region,
      what: "storage of what is written",
      follows: "load",
      read: () =>
        ((rows() * assume.databaseRowBytes) / gigabyte) * keptMonths(assume.databaseKeptDays),
    },
    {
      price: "aurora.backup",
      region,
      what: "backup beyond the first day",
      follows: "load",
      read: () =>
        ((rows() * assume.redoBytesPerRow) / gigabyte) *
        keptMonths(Math.max(0, assume.backupKeptDays - 1)),
    },
  ];
}

function instanceMeters(source: MeterSource<AuroraSpec>): readonly Meter[] {
  const { component, region, spec } = source;
  if (spec.instanceClass === "db.serverless") {
    return [
      {
        price: "aurora.acu-hour",
        region,
        what: "serverless capacity",
        follows: "load",
        leastPerHour: (spec.serverless?.acuMin ?? 0) * (1 + spec.readerZones.length),
        read: channelOf(component, "capacity"),
      },
    ];
  }
  return [
    {
      price: priceKey(`aurora.${spec.instanceClass.replace(/^db\./, "")}-hour`),
      region,
      what: `${spec.instanceClass} instances`,
      follows: "time",
      read: instanceHours(source),
    },
  ];
}

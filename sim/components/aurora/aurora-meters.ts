import { priceKey } from "../../facts/prices/price-catalogue.ts";
import { channelOf, instanceHours, type Meter, type MeterSource } from "../fabric/meter.ts";
import type { AuroraSpec } from "./aurora-spec.ts";
import { storageMeters } from "./storage-meters.ts";

/** Instances by class, I/O, and storage. */
export function auroraMeters(source: MeterSource<AuroraSpec>): readonly Meter[] {
  const { component, region, assume } = source;
  const rows = channelOf(component, "rows written");
  const pages = channelOf(component, "pages fetched");
  const commits = channelOf(component, "commits durable");
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
    ...storageMeters(source, {
      standing: source.spec.backupOf === undefined ? "aurora.storage" : "aurora.backup",
      written: "aurora.storage",
    }),
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

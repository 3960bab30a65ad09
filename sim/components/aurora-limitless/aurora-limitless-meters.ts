import {
  channelOf,
  gigabyte,
  hoursOfMonth,
  type Meter,
  type MeterSource,
  monthsPassed,
} from "../fabric/meter.ts";
import { shardGroupSize } from "./aurora-limitless-parameters.ts";
import type { AuroraLimitlessSpec } from "./aurora-limitless-spec.ts";

/**
 * ACU hours of every node, standbys included, and storage; it comes with Aurora I/O-Optimized only, which asks nothing for reads and
 * writes of storage. Assumption: an ACU hour and a GB cost what those of Serverless v2 I/O-Optimized do; the catalogue has no price of
 * Limitless.
 */
export function auroraLimitlessMeters(source: MeterSource<AuroraLimitlessSpec>): readonly Meter[] {
  const { component, region, assume, spec } = source;
  const months = monthsPassed(source);
  const rows = channelOf(component, "rows written");
  const keptMonths = (assume.databaseKeptDays * 24) / hoursOfMonth;
  const size = shardGroupSize(spec);
  const nodes = size.routerCount + size.shardCount * (1 + spec.computeRedundancy);
  return [
    {
      price: "aurora.acu-hour-io-optimized",
      region,
      what: "routers, shards and standbys",
      follows: "load",
      leastPerHour: size.acuMinPerNode * nodes,
      read: channelOf(component, "capacity"),
    },
    {
      price: "aurora.storage-io-optimized",
      region,
      what: "storage of what stands",
      follows: "time",
      read: () => assume.databaseBaseGb * months(),
    },
    {
      price: "aurora.storage-io-optimized",
      region,
      what: "storage of what is written",
      follows: "load",
      read: () => ((rows() * assume.databaseRowBytes) / gigabyte) * keptMonths,
    },
    {
      price: "aurora.backup",
      region,
      what: "backup beyond the first day",
      follows: "load",
      read: () =>
        ((rows() * assume.redoBytesPerRow) / gigabyte) *
        ((Math.max(0, assume.backupKeptDays - 1) * 24) / hoursOfMonth),
    },
  ];
}

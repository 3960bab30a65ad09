import { storageMeters } from "../aurora/storage-meters.ts";
import { channelOf, type Meter, type MeterSource } from "../fabric/meter.ts";
import { shardGroupSize } from "./aurora-limitless-parameters.ts";
import type { AuroraLimitlessSpec } from "./aurora-limitless-spec.ts";

/**
 * ACU hours of every node, standbys included, and storage; it comes with Aurora I/O-Optimized only, which asks nothing for reads and
 * writes of storage. Assumption: an ACU hour and a GB cost what those of Serverless v2 I/O-Optimized do; the catalogue has no price of
 * Limitless.
 */
export function auroraLimitlessMeters(source: MeterSource<AuroraLimitlessSpec>): readonly Meter[] {
  const { component, region, spec } = source;
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
    ...storageMeters(source, {
      standing: "aurora.storage-io-optimized",
      written: "aurora.storage-io-optimized",
    }),
  ];
}

import { instanceHours, type Meter, type MeterSource } from "../fabric/meter.ts";
import type { DmsSpec } from "./dms-spec.ts";

/** Instances, the standby among them: it doubles the rate (dms.price.multi-az-factor). The log that it keeps is not billed apart. */
export function dmsMeters(source: MeterSource<DmsSpec>): readonly Meter[] {
  return [
    {
      price: "dms.c5.large-hour",
      region: source.region,
      what: "replication instances (dms.c5.large)",
      follows: "time",
      read: instanceHours(source),
    },
  ];
}

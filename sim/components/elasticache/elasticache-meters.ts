import { priceKey } from "../../facts/prices/price-catalogue.ts";
import { instanceHours, type Meter, type MeterSource } from "../fabric/meter.ts";
import type { ElastiCacheSpec } from "./elasticache-spec.ts";

/** Nodes by the hour; a node that is replaced is paid for throughout. */
export function elastiCacheMeters(source: MeterSource<ElastiCacheSpec>): readonly Meter[] {
  const { region, spec } = source;
  const nodeClass = spec.nodeType.replace(/^cache\./, "");
  return [
    {
      price: priceKey(`elasticache.${nodeClass}-hour`),
      region,
      what: `${spec.nodeType} nodes`,
      follows: "time",
      read: instanceHours(source),
    },
  ];
}

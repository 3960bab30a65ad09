import { priceKey } from "../../facts/prices/price-catalogue.ts";
import { hoursPassed, type Meter, type MeterSource, monthsPassed, times } from "../fabric/meter.ts";
import type { MskSpec } from "./msk-spec.ts";

/** Brokers by the hour and their storage; records themselves cost nothing but transfer between zones. */
export function mskMeters(source: MeterSource<MskSpec>): readonly Meter[] {
  const { region, spec } = source;
  const brokers = spec.zones.length * spec.brokersPerZone;
  return [
    {
      price: priceKey(`msk.${spec.brokerClass}-hour`),
      region,
      what: "brokers",
      follows: "time",
      read: times(brokers, hoursPassed(source)),
    },
    {
      price: "msk.storage",
      region,
      what: "storage of brokers",
      follows: "time",
      read: times(brokers * spec.storageGb, monthsPassed(source)),
    },
  ];
}

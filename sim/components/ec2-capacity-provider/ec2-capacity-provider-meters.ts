import { priceKey } from "../../facts/prices/price-catalogue.ts";
import {
  hoursOfMonth,
  instanceHours,
  type Meter,
  type MeterSource,
  times,
} from "../fabric/meter.ts";
import type { Ec2CapacityProviderSpec } from "./ec2-capacity-provider-spec.ts";

/** GB of a host's root volume. Assumption: that of the image which ECS advises for its hosts. */
const rootVolumeGb = 30;

/** Hosts from launch to end, whether tasks stand on them or not; ECS itself is free. */
export function ec2CapacityProviderMeters(
  source: MeterSource<Ec2CapacityProviderSpec>,
): readonly Meter[] {
  const { region, spec } = source;
  const hours = instanceHours(source);
  return [
    {
      price: priceKey(`ec2.${spec.instanceType}-hour`),
      region,
      what: `${spec.instanceType} hosts`,
      follows: "time",
      read: hours,
    },
    {
      price: "ebs.gp3",
      region,
      what: "root volumes of hosts",
      follows: "time",
      read: times(rootVolumeGb / hoursOfMonth, hours),
    },
  ];
}

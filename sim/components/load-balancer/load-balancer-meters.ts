import { factNumberAt } from "../../facts/facts.ts";
import {
  answeredBytes,
  channelOf,
  gigabyte,
  hoursPassed,
  type Meter,
  type MeterSource,
} from "../fabric/meter.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import type { LoadBalancerSpec } from "./load-balancer-spec.ts";

/** What one capacity unit of an Application Load Balancer holds for an hour, as AWS documents it. */
const capacityUnit = { newConnectionsPerSecond: 25, gigabytesPerHour: 1 } as const;

/**
 * Hours, and capacity units by whichever dimension is fullest: new connections or bytes. Rules are fewer than the ten
 * that cost nothing, and connections that stay open are few, since the callers keep theirs.
 */
export function loadBalancerMeters(source: MeterSource<LoadBalancerSpec>): readonly Meter[] {
  if (source.spec.type === "network") return networkBalancerMeters(source);
  const { component, region, assume } = source;
  const requests = channelOf(component, "arrived");
  const answered = answeredBytes(source);
  const byConnections = () =>
    (requests() * assume.connectionsPerRequest) / capacityUnit.newConnectionsPerSecond / 3600;
  const byBytes = () =>
    (requests() * assume.requestBytes + answered()) / gigabyte / capacityUnit.gigabytesPerHour;
  return [
    {
      price: "load-balancer.hour",
      region,
      what: "balancer",
      follows: "time",
      read: hoursPassed(source),
    },
    {
      price: "load-balancer.lcu-hour",
      region,
      what: "capacity units",
      follows: "load",
      read: () => Math.max(byConnections(), byBytes()),
    },
  ];
}

/** Hours, and capacity units by whichever dimension is fullest: connections that begin, that are open, or bytes. */
function networkBalancerMeters(source: MeterSource<LoadBalancerSpec>): readonly Meter[] {
  const { component, region, assume } = source;
  const { network } = component as LoadBalancer;
  if (network === undefined) throw new RangeError(`"${component.id}" keeps no connections`);
  const requests = channelOf(component, "arrived");
  const answered = answeredBytes(source);
  // What one unit holds for an hour, of TCP.
  const newFlowsPerSecond = factNumberAt("nlb.capacity-unit", 0);
  const activeFlows = factNumberAt("nlb.capacity-unit", 1);
  const gigabytesPerHour = factNumberAt("nlb.capacity-unit", 2);
  const byNew = () => network.newFlows.value / newFlowsPerSecond / 3600;
  const byActive = () => network.openSeconds.value / activeFlows / 3600;
  const byBytes = () =>
    (requests() * assume.requestBytes + answered()) / gigabyte / gigabytesPerHour;
  return [
    {
      price: "network-load-balancer.hour",
      region,
      what: "balancer",
      follows: "time",
      read: hoursPassed(source),
    },
    {
      price: "network-load-balancer.nlcu-hour",
      region,
      what: "capacity units",
      follows: "load",
      read: () => Math.max(byNew(), byActive(), byBytes()),
    },
  ];
}

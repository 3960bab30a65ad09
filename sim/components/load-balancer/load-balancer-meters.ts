import {
  answeredBytes,
  channelOf,
  gigabyte,
  hoursPassed,
  type Meter,
  type MeterSource,
} from "../fabric/meter.ts";

/** What one capacity unit of an Application Load Balancer holds for an hour, as AWS documents it. */
const capacityUnit = { newConnectionsPerSecond: 25, gigabytesPerHour: 1 } as const;

/**
 * Hours, and capacity units by whichever dimension is fullest: new connections or bytes. Rules are fewer than the ten
 * that cost nothing, and connections that stay open are few, since the callers keep theirs.
 */
export function loadBalancerMeters(source: MeterSource): readonly Meter[] {
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

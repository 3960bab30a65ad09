import { channelOf, type Meter, type MeterSource, monthsPassed, times } from "../fabric/meter.ts";
import type { Route53Spec } from "./route53-spec.ts";

/** Seconds between the probes of a health check that costs no extra. */
const standardIntervalSeconds = 30;

/** A hosted zone, health checks by the month, and look-ups that reach the authority. */
export function route53Meters(source: MeterSource<Route53Spec>): readonly Meter[] {
  const { component, region, spec, assume } = source;
  const months = monthsPassed(source);
  const checked = spec.records.filter((each) => each.healthCheckIntervalSeconds !== undefined);
  const checks = checked.reduce((sum, each) => sum + each.endpoints.length, 0);
  const fast = checked
    .filter((each) => (each.healthCheckIntervalSeconds ?? 0) < standardIntervalSeconds)
    .reduce((sum, each) => sum + each.endpoints.length, 0);
  const features = checks * assume.healthCheckFeatures + fast;
  return [
    {
      price: "route53.hosted-zone-month",
      region,
      what: "hosted zone",
      follows: "time",
      read: months,
    },
    {
      price: "route53.health-check-month",
      region,
      what: "health checks",
      follows: "time",
      read: times(checks, months),
    },
    {
      price: "route53.health-check-feature-month",
      region,
      what: "health checks by HTTPS, or fast",
      follows: "time",
      read: times(features, months),
    },
    {
      price: "route53.query",
      region,
      what: "look-ups",
      follows: "load",
      perClientRequest: 0.1,
      read: channelOf(component, "lookups"),
    },
  ];
}

import { TwinError } from "../../errors/twin-error.ts";
import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { LoadBalancerSpec } from "./load-balancer-spec.ts";

const defaults = {
  healthCheckIntervalUs: usFromFact("alb.health-check.interval-s"),
  healthCheckTimeoutUs: usFromFact("alb.health-check.timeout-s"),
  unhealthyThreshold: fromFact("alb.health-check.unhealthy-threshold"),
  healthyThreshold: fromFact("alb.health-check.healthy-threshold"),
  deregistrationDelayUs: usFromFact("alb.deregistration-delay-s"),
  dnsTtlUs: usFromFact("elb.dns-ttl-s"),
  nodeCheckIntervalUs: usFromFact("route53.health-check.request-interval-s", 0),
  nodeCheckThreshold: fromFact("route53.health-check.failure-threshold"),
  forwardingUs: assumption(
    400,
    "us",
    "Between a same-zone round trip and measured proxy overhead of about a millisecond; AWS gives no figure",
  ),
  nodeInsideMax: assumption(
    100_000,
    "requests",
    "A balancer scales its nodes by itself and no limit is documented; far above what the targets hold",
  ),
};

export type LoadBalancerParameters = typeof defaults;

/** Values of the parameters, by name. */
export type LoadBalancerValues = { readonly [Name in keyof LoadBalancerParameters]: number };

/** The numbers that a balancer works with: its own where the topology states them. */
export function loadBalancerParameters(spec: LoadBalancerSpec): LoadBalancerParameters {
  const parameters = resolveParameters(spec.id, defaults, overridesOf(spec));
  checkHealthCheck(spec.id, valuesOf(parameters));
  return parameters;
}

/** Fields of the specification that are parameters, as overrides by name. */
function overridesOf(spec: LoadBalancerSpec): Readonly<Record<string, number>> {
  const overrides: Record<string, number> = { ...spec.parameters };
  const { healthCheck } = spec;
  const fields: readonly (readonly [string, number | undefined])[] = [
    ["healthCheckIntervalUs", inUs(healthCheck?.intervalSeconds)],
    ["healthCheckTimeoutUs", inUs(healthCheck?.timeoutSeconds)],
    ["unhealthyThreshold", healthCheck?.unhealthyThreshold],
    ["healthyThreshold", healthCheck?.healthyThreshold],
    ["deregistrationDelayUs", inUs(spec.deregistrationDelaySeconds)],
  ];
  for (const [name, value] of fields) if (value !== undefined) overrides[name] = value;
  return overrides;
}

function inUs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1_000_000);
}

function checkHealthCheck(
  id: string,
  values: { healthCheckIntervalUs: number; healthCheckTimeoutUs: number },
): void {
  if (values.healthCheckTimeoutUs < values.healthCheckIntervalUs) return;
  throw new TwinError({
    code: "load-balancer.health-check-overlaps",
    problem: `Health checks of "${id}" take up to ${values.healthCheckTimeoutUs / 1_000_000} s and come every ${values.healthCheckIntervalUs / 1_000_000} s`,
    remedy: "Make timeoutSeconds less than intervalSeconds",
    at: `/components/${id}/healthCheck`,
  });
}

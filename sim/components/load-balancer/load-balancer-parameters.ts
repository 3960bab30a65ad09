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

/** Those of a Network Load Balancer. */
export type NetworkBalancerValues = {
  readonly [Name in keyof ReturnType<typeof networkDefaults>]: number;
};

/** The numbers that an application balancer works with: its own where the topology states them. */
export function loadBalancerParameters(spec: LoadBalancerSpec): LoadBalancerParameters {
  refuse(spec, "network", ["crossZone", "terminateUnhealthyConnections", "idleTimeoutSeconds"]);
  const parameters = resolveParameters(spec.id, defaults, overridesOf(spec));
  checkHealthCheck(spec.id, valuesOf(parameters));
  return parameters;
}

/** The numbers that a network balancer works with. */
export function networkBalancerParameters(
  spec: LoadBalancerSpec,
): ReturnType<typeof networkDefaults> {
  refuse(spec, "application", ["algorithm", "slowStartSeconds"]);
  const parameters = resolveParameters(spec.id, networkDefaults(), {
    ...overridesOf(spec),
    ...(spec.idleTimeoutSeconds !== undefined && {
      idleTimeoutUs: Math.round(spec.idleTimeoutSeconds * 1_000_000),
    }),
  });
  checkHealthCheck(spec.id, valuesOf(parameters));
  return parameters;
}

/** Where a Network Load Balancer differs, and what it has besides. */
function networkDefaults() {
  return {
    ...defaults,
    healthCheckIntervalUs: usFromFact("nlb.health-check.interval-s"),
    healthCheckTimeoutUs: usFromFact("nlb.health-check.timeout-s"),
    unhealthyThreshold: fromFact("nlb.health-check.unhealthy-threshold"),
    healthyThreshold: fromFact("nlb.health-check.healthy-threshold"),
    deregistrationDelayUs: usFromFact("nlb.deregistration-delay-s"),
    forwardingUs: assumption(
      100,
      "us",
      "It passes packets on and ends no connection, so a fraction of the Application Load Balancer's; AWS says ultra-low",
    ),
    idleTimeoutUs: usFromFact("nlb.tcp-idle-timeout-s"),
    registrationUs: assumption(
      120_000_000,
      "us",
      "AWS says that it can take a few minutes until a target is registered and its checks begin; users report 1.5 to 3",
    ),
    connectionsPerCaller: assumption(
      1000,
      "connections",
      "An instance that calls keeps a pool, and a host of a managed gateway stands for many machines with theirs",
    ),
    callerKeepAliveUs: assumption(
      90_000_000,
      "us",
      "Callers close a connection that they have not used for so long, as common HTTP clients do",
    ),
  };
}

/** Refuses what only the other type of balancer has. */
function refuse(
  spec: LoadBalancerSpec,
  other: "application" | "network",
  fields: readonly (keyof LoadBalancerSpec)[],
): void {
  const field = fields.find((each) => spec[each] !== undefined);
  if (field === undefined) return;
  throw new TwinError({
    code: "load-balancer.field-unfit",
    problem: `"${spec.id}" states ${field}, which only a balancer of type ${other} has`,
    remedy: `Take ${field} out, or make it type: ${other}`,
    at: `/components/${spec.id}/${field}`,
  });
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

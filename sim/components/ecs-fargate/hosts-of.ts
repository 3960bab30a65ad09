import { TwinError } from "../../errors/twin-error.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { HostPool } from "./host-pool.ts";

/** Where a fleet finds its hosts, for the options of the fleet. */
export function hostsOf(
  fabric: Fabric,
  spec: { readonly id: string; readonly capacityProvider?: string },
): { readonly hosts?: () => HostPool } {
  const { id, capacityProvider } = spec;
  return capacityProvider === undefined
    ? {}
    : { hosts: () => requireHosts(fabric, id, capacityProvider) };
}

/** The capacity provider that a service names; throws when it is none. */
function requireHosts(fabric: Fabric, service: string, name: string): HostPool {
  const found = fabric.components.find(({ id }) => id === name);
  if (found !== undefined && isHostPool(found)) return found;
  throw new TwinError({
    code: "ecs.capacity-provider-unfit",
    problem: `"${name}", on which "${service}" places its tasks, is no ec2-capacity-provider`,
    remedy: "Name the topology's ec2-capacity-provider, or leave the field out to run on Fargate",
    at: `/components/${service}/capacityProvider`,
  });
}

function isHostPool(component: Component): component is Component & HostPool {
  return component.service === "ec2-capacity-provider";
}

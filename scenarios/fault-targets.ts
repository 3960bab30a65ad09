/** Which components understand which faults: a managed service has no instance that one could kill. */
import type { FaultSpec } from "../sim/twin/scenario-types.ts";
import type { ComponentSpec, Topology } from "../sim/twin/topology-types.ts";
import { suggestion } from "./nearest-name.ts";
import type { Finding } from "./schema-mistakes.ts";

/** Services whose instances are the customer's, with the roles that they can have. */
const rolesOf: Readonly<Partial<Record<ComponentSpec["service"], readonly string[]>>> = {
  aurora: ["writer", "reader"],
  elasticache: ["primary", "replica"],
  "ecs-fargate": [],
  "matching-service": ["active"],
};

export function checkFaultTarget(
  fault: FaultSpec,
  index: number,
  topology: Topology,
): readonly Finding[] {
  if (fault.kind === "quota-cut") return checkQuota(fault.component, index, topology);
  if (fault.kind !== "instance-kill" && fault.kind !== "instance-slow") return [];
  const target = topology.components.find(({ id }) => id === fault.component);
  if (target === undefined) return [];
  const roles = rolesOf[target.service];
  if (roles === undefined) {
    const killable = topology.components.filter(({ service }) => rolesOf[service] !== undefined);
    return [
      {
        code: "scenario.fault-not-understood",
        problem: `"${target.id}" is a managed service (${target.service}) and has no instance of yours to strike`,
        remedy: `Strike one of ${killable.map(({ id }) => id).join(", ")}, or fail a zone instead`,
        path: ["faults", index, "component"],
      },
    ];
  }
  if (fault.role === undefined || roles.includes(fault.role)) return [];
  return [
    {
      code: "scenario.role-unknown",
      problem: `"${target.id}" (${target.service}) has no role "${fault.role}"`,
      remedy:
        roles.length === 0
          ? "Remove role: its instances are all alike"
          : suggestion(fault.role, roles, "role"),
      path: ["faults", index, "role"],
    },
  ];
}

/** Services with a quota that can be lowered. */
const quotaServices: readonly ComponentSpec["service"][] = [
  "api-gateway",
  "dynamodb",
  "kinesis",
  "sqs-fifo",
];

function checkQuota(component: string, index: number, topology: Topology): readonly Finding[] {
  const target = topology.components.find(({ id }) => id === component);
  if (target === undefined || quotaServices.includes(target.service)) return [];
  const others = topology.components.filter(({ service }) => quotaServices.includes(service));
  return [
    {
      code: "scenario.fault-not-understood",
      problem: `"${target.id}" (${target.service}) has no quota that could be cut`,
      remedy: `Cut that of one of ${others.map(({ id }) => id).join(", ")}`,
      path: ["faults", index, "component"],
    },
  ];
}

/** Which components understand which faults: a managed service has no instance that one could kill. */
import type {
  BadDeploymentFault,
  CellPowerLossFault,
  FaultSpec,
  OpenTransactionFault,
  PoisonMessageFault,
  TradingHaltFault,
} from "../sim/twin/faults/fault-types.ts";
import { cellCount } from "../sim/twin/platform/cells.ts";
import type { Platform } from "../sim/twin/platform/expand-topology.ts";
import type { ComponentSpec, Topology } from "../sim/twin/topology-types.ts";
import { suggestion } from "./nearest-name.ts";
import type { Finding } from "./schema-mistakes.ts";

/** Services whose instances are the customer's, with the roles that they can have. */
const rolesOf: Readonly<Partial<Record<ComponentSpec["service"], readonly string[]>>> = {
  aurora: ["writer", "reader"],
  "aurora-limitless": ["primary", "standby", "router"],
  dms: [],
  elasticache: ["primary", "replica"],
  "ec2-capacity-provider": [],
  "ecs-fargate": [],
  "matching-service": ["active"],
  msk: [],
};

export function checkFaultTarget(
  fault: FaultSpec,
  index: number,
  topology: Platform,
): readonly Finding[] {
  if (fault.kind === "cell-power-loss") return checkCell(fault, index, topology);
  if (fault.kind === "open-transaction") return checkTransaction(fault, index, topology);
  if (fault.kind === "trading-halt") return checkMarket(fault, index, topology);
  if (fault.kind === "poison-message") return checkPoison(fault, index, topology);
  if (fault.kind === "quota-cut") return checkQuota(fault.component, index, topology);
  if (fault.kind === "service-errors") return checkManaged(fault.component, index, topology);
  if (fault.kind === "bad-deployment") return checkDeployment(fault, index, topology);
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

/** Only change capture waits for a transaction to end: the model has neither vacuum nor locks. */
function checkTransaction(
  { id, component }: OpenTransactionFault,
  index: number,
  { components }: Platform,
): readonly Finding[] {
  const sources = components.flatMap((each) => (each.service === "dms" ? [each.source] : []));
  const isCluster = components.some((each) => each.id === component && each.service === "aurora");
  if (!isCluster || sources.includes(component)) return [];
  return [
    {
      code: "scenario.transaction-unfelt",
      problem: `Fault "${id}" leaves a transaction open in "${component}", and no change capture reads that: its locks and what it keeps from vacuum are not modelled, so nothing would follow`,
      remedy:
        sources.length > 0
          ? `Strike ${sources.join(" or ")}, or slow the database down (instance-slow)`
          : "Add a dms component that reads the cluster, or slow the database down (instance-slow)",
      path: ["faults", index, "component"],
    },
  ];
}

/** Of functions one fails, by its name; an engine has no functions. */
function checkPoison(
  { id, component, function: name }: PoisonMessageFault,
  index: number,
  { components }: Platform,
): readonly Finding[] {
  const target = components.find((each) => each.id === component);
  if (target?.service === "matching-service" && name !== undefined) {
    return [
      {
        code: "scenario.function-unneeded",
        problem: `Fault "${id}" names the function "${name}", and "${component}" is a matching service`,
        remedy: "Remove function, or name the functions (lambda) that have it",
        path: ["faults", index, "function"],
      },
    ];
  }
  if (target?.service !== "lambda") return [];
  const names = target.functions.map((each) => each.id);
  if (name !== undefined && names.includes(name)) return [];
  return [
    {
      code: "scenario.function-unknown",
      problem:
        name === undefined
          ? `Fault "${id}" does not say which function of "${component}" fails`
          : `"${component}" has no function "${name}"`,
      remedy:
        name === undefined
          ? `Add function: one of ${names.join(", ")}`
          : suggestion(name, names, "function"),
      path: ["faults", index, name === undefined ? "component" : "function"],
    },
  ];
}

/** A market is halted where its books are; a standby has none until it takes over. */
function checkMarket(
  { id, component }: TradingHaltFault,
  index: number,
  { components }: Platform,
): readonly Finding[] {
  const services = components.filter((each) => each.service === "matching-service");
  const owners = services.filter(({ standbyFor }) => standbyFor === undefined);
  const ids = owners.map((each) => each.id);
  if (owners.length === 0) {
    return [
      {
        code: "scenario.market-none",
        problem: `Fault "${id}" halts trading, and the platform has no matching service`,
        remedy: "Add a matching-service to the topology, or remove the fault",
        path: ["faults", index, "kind"],
      },
    ];
  }
  const target = services.find((each) => each.id === component);
  if (target?.standbyFor === undefined) return [];
  return [
    {
      code: "scenario.market-of-standby",
      problem: `Fault "${id}" halts the market of "${target.id}", which stands by and owns no books`,
      remedy: `Name the owner: ${ids.join(" or ")}; or leave component out for every market`,
      path: ["faults", index, "component"],
    },
  ];
}

function checkCell(
  { id, cell }: CellPowerLossFault,
  index: number,
  { copies }: Platform,
): readonly Finding[] {
  const count = cellCount(copies);
  if (cell <= count) return [];
  return [
    {
      code: "scenario.cell-unknown",
      problem:
        count === 0
          ? `Fault "${id}" strikes cell ${cell}, and the platform has no cells`
          : `Fault "${id}" strikes cell ${cell}, and the platform has ${count}`,
      remedy:
        count === 0
          ? "Divide the tasks that serve users (partitions: { count, by: user }), or strike a zone"
          : `Use a number from 1 to ${count}`,
      path: ["faults", index, "cell"],
    },
  ];
}

/** Services with a quota that can be lowered. */
const quotaServices: readonly ComponentSpec["service"][] = [
  "api-gateway",
  "dynamodb",
  "eventbridge",
  "kinesis",
  "lambda",
  "sqs-fifo",
];

/** Managed services whose calls can fail while their hosts are up. */
const managedServices: readonly ComponentSpec["service"][] = [
  "api-gateway",
  "dynamodb",
  "eventbridge",
  "kinesis",
  "load-balancer",
  "msk",
  "s3",
  "sqs-fifo",
];

/** A Network Load Balancer passes packets on and answers nothing by itself. */
function answersByItself(component: ComponentSpec): boolean {
  if (component.service === "load-balancer" && component.type === "network") return false;
  return managedServices.includes(component.service);
}

function checkManaged(component: string, index: number, topology: Topology): readonly Finding[] {
  const target = topology.components.find(({ id }) => id === component);
  if (target === undefined || answersByItself(target)) return [];
  const others = topology.components.filter(answersByItself);
  return [
    {
      code: "scenario.fault-not-understood",
      problem: `"${target.id}" (${target.service}) is no managed service that could answer with errors`,
      remedy: `Let one of ${others.map(({ id }) => id).join(", ")} fail, or strike instances instead`,
      path: ["faults", index, "component"],
    },
  ];
}

/** Services that run tasks of a program of yours. */
const deployedServices: readonly ComponentSpec["service"][] = ["ecs-fargate", "matching-service"];

function checkDeployment(
  fault: BadDeploymentFault,
  index: number,
  topology: Topology,
): readonly Finding[] {
  const findings: Finding[] = [];
  const target = topology.components.find(({ id }) => id === fault.component);
  if (target !== undefined && !deployedServices.includes(target.service)) {
    const others = topology.components.filter(({ service }) => deployedServices.includes(service));
    findings.push({
      code: "scenario.fault-not-understood",
      problem: `"${target.id}" (${target.service}) runs no program of yours that could be deployed`,
      remedy: `Deploy to one of ${others.map(({ id }) => id).join(", ")}`,
      path: ["faults", index, "component"],
    });
  }
  if (fault.slowFactor === undefined && fault.crashAfterSeconds === undefined) {
    findings.push({
      code: "scenario.deployment-not-bad",
      problem: `Nothing is wrong with the release that fault "${fault.id}" deploys`,
      remedy: "Say how it fails: slowFactor, crashAfterSeconds, or both",
      path: ["faults", index],
    });
  }
  return findings;
}

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

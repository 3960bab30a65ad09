/** Sizes, manners and times of the components of a random platform. */
import type { ComponentSpec } from "../../sim/twin/topology-types.ts";
import { Choices } from "./random-choices.ts";

/** One load balancer in four passes on connections. Drawn apart from the rest, so that other platforms stay what they were. */
export function asNetworkBalancer(component: ComponentSpec, seed: number): ComponentSpec {
  if (component.service !== "load-balancer") return component;
  const choices = new Choices(seed, "network-balancer");
  if (!choices.chance(0.25)) return component;
  const { algorithm: _, ...shared } = component;
  return {
    ...shared,
    type: "network",
    crossZone: choices.chance(0.4),
    terminateUnhealthyConnections: choices.chance(0.5),
    idleTimeoutSeconds: choices.oneOf([60, 350]),
    parameters: {
      ...shared.parameters,
      connectionsPerCaller: choices.oneOf([1, 8, 1000]),
      callerKeepAliveUs: choices.oneOf([1_000_000, 90_000_000]),
      registrationUs: choices.oneOf([0, 3_000_000]),
    },
  };
}

/** Sizes and manners of a component that a file may choose. */
export function sizes(component: ComponentSpec, choices: Choices): object {
  switch (component.service) {
    case "ecs-fargate": {
      const taskCount = choices.between(2, 6);
      return {
        taskCount,
        threadsMax: choices.oneOf([5, 50, 200]),
        containerHealthCheck: choices.chance(0.7),
        zoneRebalancing: choices.chance(0.7),
        scaling: {
          targetCpuPercent: choices.oneOf([40, 70]),
          taskCountMin: choices.between(1, taskCount),
          taskCountMax: taskCount + choices.between(0, 10),
        },
      };
    }
    case "matching-service":
      return {
        pollerCount: choices.oneOf([1, 3, 8]),
        snapshotIntervalSeconds: choices.oneOf([2, 5, 15, 60]),
        parameters: {
          reopenHaltedSeconds: choices.oneOf([0, 1, 3]),
          reopenCancelOnlySeconds: choices.oneOf([0, 1, 4]),
          reopenAuctionSeconds: choices.oneOf([0, 1, 4]),
          reopenDirectBelowSeconds: choices.oneOf([0, 5, 15]),
        },
      };
    case "journal":
      return { survivesPowerLoss: choices.chance(0.6) };
    case "sqs-fifo":
      return { highThroughput: choices.chance(0.3) };
    case "elasticache":
      return { multiAz: choices.chance(0.7), warmShare: choices.oneOf([0, 0.5, 1]) };
    case "kinesis":
      return { shardCount: choices.between(1, 4) };
    case "lambda":
      return { concurrencyMax: choices.oneOf([1, 3, 1000]) };
    case "load-balancer":
      return {
        algorithm: choices.oneOf(["round-robin", "least-outstanding-requests"]),
        deregistrationDelaySeconds: choices.oneOf([0, 5, 300]),
        healthCheck: {
          intervalSeconds: 5,
          timeoutSeconds: choices.oneOf([2, 4]),
          unhealthyThreshold: choices.between(2, 3),
          healthyThreshold: choices.between(2, 4),
        },
      };
    case "aurora":
      return choices.chance(0.25)
        ? { instanceClass: "db.serverless", serverless: { acuMin: 0.5, acuMax: 16 } }
        : {};
    case "api-gateway":
      return { api: choices.oneOf(["rest", "http"]) };
    case "dynamodb":
      if (!choices.chance(0.3)) return {};
      return {
        mode: "provisioned",
        provisioned: { readUnits: 200, writeUnits: 50 },
        ...(choices.chance(0.5) && { scaling: tableScaling }),
      };
    default:
      return {};
  }
}

const tableScaling = {
  targetPercent: 50,
  readUnitsMin: 50,
  readUnitsMax: 5000,
  writeUnitsMin: 20,
  writeUnitsMax: 500,
  cloudwatch: "observability",
};

/** What takes minutes at AWS, in seconds: as much happens in a short run as in a long one. */
export function hastened(component: ComponentSpec, isHasty: boolean): ComponentSpec {
  const { parameters } = component;
  const own = isHasty ? hasty[component.service] : undefined;
  return own === undefined ? component : { ...component, parameters: { ...own, ...parameters } };
}

const fleet = {
  startUsP50: 4_000_000,
  startUsP95: 8_000_000,
  agentLossUs: 10_000_000,
  placementFailsAfterUs: 3_000_000,
  zoneAvoidedUs: 15_000_000,
  rebalancePeriodUs: 8_000_000,
  stopTimeoutUs: 5_000_000,
};

const hasty: Readonly<Partial<Record<ComponentSpec["service"], Readonly<Record<string, number>>>>> =
  {
    "ecs-fargate": fleet,
    "matching-service": fleet,
    "sqs-fifo": { visibilityTimeoutUs: 6_000_000, longPollUs: 3_000_000 },
  };

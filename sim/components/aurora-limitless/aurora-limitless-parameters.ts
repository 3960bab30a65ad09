import { TwinError } from "../../errors/twin-error.ts";
import { factNumberAt } from "../../facts/facts.ts";
import { assumption } from "../../facts/parameter.ts";
import { groupParameters, serverless } from "../aurora/aurora-parameters.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { AuroraLimitlessSpec } from "./aurora-limitless-spec.ts";
import { nodesFor } from "./shard-group-nodes.ts";

/** How many nodes a shard group has, and within what bounds they grow. */
export interface ShardGroupSize {
  readonly routerCount: number;
  readonly shardCount: number;
  /** ACUs of each node at the least. */
  readonly acuMinPerNode: number;
  /** ACUs of one node when all others are at their least. */
  readonly acuMaxPerNode: number;
}

const acuStep = 0.5;

/** Throws `aurora-limitless.capacity` when the bounds are outside what AWS takes, or too small for the nodes. */
export function shardGroupSize(spec: AuroraLimitlessSpec): ShardGroupSize {
  const created = nodesFor(spec.acuMax);
  const { routerCount = created.routerCount, shardCount = created.shardCount } = spec;
  const nodeCount = routerCount + shardCount;
  const acuMin = spec.acuMin ?? Math.min(created.acuMin, spec.acuMax);
  const [least, most] = [
    factNumberAt("limitless.acu-range", 0),
    factNumberAt("limitless.acu-range", 1),
  ];
  const acuMinPerNode = Math.floor(acuMin / nodeCount / acuStep) * acuStep;
  const isSound =
    acuMin >= least && acuMin <= spec.acuMax && spec.acuMax <= most && acuMinPerNode >= acuStep;
  if (!isSound) {
    throw new TwinError({
      code: "aurora-limitless.capacity",
      problem: `"${spec.id}" has ${acuMin} to ${spec.acuMax} ACUs for ${nodeCount} routers and shards`,
      remedy: `Give acuMin and acuMax between ${least} and ${most}, the least first, and half an ACU for each node at the least`,
      at: `/components/${spec.id}/acuMax`,
    });
  }
  return {
    routerCount,
    shardCount,
    acuMinPerNode,
    acuMaxPerNode: Math.floor((spec.acuMax - (nodeCount - 1) * acuMinPerNode) / acuStep) * acuStep,
  };
}

function routerPlane() {
  return {
    routerCpuUs: assumption(
      150,
      "us (median)",
      "protocol, parsing and planning to one shard; AWS publishes none, and the facts say no more than that shards cost further round trips (limitless.acu-range)",
    ),
    shardTimeoutUs: assumption(
      10_000_000,
      "us",
      "for which a router waits for a shard before it fails the transaction; AWS publishes none",
    ),
    commitRetryUs: assumption(
      200_000,
      "us",
      "between tries to tell a shard of a commit that has been decided",
    ),
  };
}

/** Numbers that a Limitless database works with: those of Aurora's own nodes and volumes, and its routers'. */
export function auroraLimitlessParameters(spec: AuroraLimitlessSpec) {
  const { acuMaxPerNode } = shardGroupSize(spec);
  return resolveParameters(
    spec.id,
    { ...serverless({ acuMax: acuMaxPerNode }), ...groupParameters(), ...routerPlane() },
    spec.parameters,
  );
}

export type AuroraLimitlessParameters = ReturnType<typeof auroraLimitlessParameters>;

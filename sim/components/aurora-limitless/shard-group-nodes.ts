import { factNumberAt } from "../../facts/facts.ts";

/** Routers and shards that a shard group is made of. */
export interface ShardGroupNodes {
  readonly routerCount: number;
  readonly shardCount: number;
  /** ACUs that it has at the least when nothing else is said. */
  readonly acuMin: number;
}

/**
 * What a shard group is created with, by its most ACUs (limitless.nodes): four nodes up to 400 ACUs and one more for each hundred
 * beyond, a third of them routers.
 */
export function nodesFor(acuMax: number): ShardGroupNodes {
  const figure = (name: string) => factNumberAt("limitless.nodes", name);
  const beyond = Math.max(0, acuMax - figure("acuOfFirstNodes"));
  const count = figure("firstNodes") + Math.ceil(beyond / figure("acuPerFurtherNode"));
  const routerCount = Math.floor((count + 2) / 3);
  return {
    routerCount,
    shardCount: count - routerCount,
    acuMin: count * figure("acuMinPerNode"),
  };
}

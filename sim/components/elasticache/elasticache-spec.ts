import type { ComponentSpecBase } from "../fabric/component-spec.ts";

export type CacheNodeType = "large" | "xlarge" | "2xlarge" | "4xlarge";

/** A Redis replication group: one shard, one primary, asynchronous replicas. */
export interface ElastiCacheSpec extends ComponentSpecBase {
  readonly service: "elasticache";
  /** Zones of the nodes, one node each: the primary's first, then the replicas'. */
  readonly zones: readonly string[];
  readonly nodeType: `cache.r6g.${CacheNodeType}`;
  /** Whether a replica is promoted when the primary is lost. When left out: if there are replicas. */
  readonly multiAz?: boolean;
  /** Share of the keys that are there when the run begins. 1 when left out. */
  readonly warmShare?: number;
}

/** How many keys there can be; the workload says, not the topology. */
export interface CacheKeyCounts {
  /** Users who may have a risk record, numbered from 0. */
  readonly userCount: number;
  /** Symbols that may have a book snapshot, numbered from 0. */
  readonly symbolCount: number;
}

import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/**
 * An Aurora PostgreSQL Limitless database: routers that take every statement, and shards, each with a volume of its own, among
 * which users are divided by hash.
 */
export interface AuroraLimitlessSpec extends ComponentSpecBase {
  readonly service: "aurora-limitless";
  /** Zones over which routers, shards and standbys are spread, in turn. */
  readonly zones: readonly string[];
  /** Most ACUs of all routers and shards together, standbys apart. It decides how many of each there are. */
  readonly acuMax: number;
  /** Least ACUs of all of them together; four for each when left out. */
  readonly acuMin?: number;
  /** Standbys of each shard in other zones. */
  readonly computeRedundancy: 0 | 1 | 2;
  /** Shards after splits; as many as come with `acuMax` when left out. */
  readonly shardCount?: number;
  /** Routers after more were added; as many as come with `acuMax` when left out. */
  readonly routerCount?: number;
}

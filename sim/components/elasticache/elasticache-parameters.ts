import { assumption, fromFact, usFromFact } from "../../facts/parameter.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { CacheNodeType, ElastiCacheSpec } from "./elasticache-spec.ts";

/** Numbers that a replication group works with. */
export function elasticacheParameters(spec: ElastiCacheSpec) {
  const size = spec.nodeType.slice("cache.r6g.".length) as CacheNodeType;
  const defaults = {
    operationsPerSecond: assumption(
      10_000,
      "operations/s",
      "the strategy's capacity of one node; a single thread serves all operations",
    ),
    connectionsMax: fromFact("elasticache.max-connections"),
    connectionsPerClient: assumption(8, "connections", "pool of one client process"),
    memoryGib: fromFact("elasticache.r6g.maxmemory-gib", size),
    memoryReservedPercent: fromFact("elasticache.reserved-memory-pct"),
    riskRecordBytes: assumption(
      1_024,
      "bytes",
      "limits and positions of one user with key and overhead",
    ),
    bookSnapshotBytes: assumption(8_192, "bytes", "fifty levels a side with key and overhead"),
    riskRecordTtlUs: assumption(
      900_000_000,
      "us",
      "a stale limit must not live longer than 15 minutes",
    ),
    bookSnapshotTtlUs: assumption(
      60_000_000,
      "us",
      "a book that nobody refreshes for a minute is wrong",
    ),
    largerNodesUs: assumption(
      600_000_000,
      "us",
      "online vertical scaling builds larger nodes and copies the keys; AWS gives no time, and says minutes",
    ),
    replicationLagUs: assumption(
      2_000,
      "us (median)",
      "replication is asynchronous; its lag is normally a few milliseconds",
    ),
    replicationLagSigma: assumption(0.6, "sigma of the logarithm", "now and then ten milliseconds"),
    replicationBacklogWrites: assumption(
      1_024,
      "writes",
      "default backlog of 1 MB at 1 KB a write; a replica further behind needs a full copy",
    ),
    probePeriodUs: assumption(1_000_000, "us", "the service asks every node once a second"),
    probeMissesMax: assumption(
      10,
      "probes",
      "detection is what remains of the documented window of 15 to 30 s after promotion and DNS",
    ),
    decideUsLow: assumption(500_000, "us", "asking the replicas how far they are"),
    decideUsHigh: assumption(
      2_000_000,
      "us",
      "asking the replicas how far they are, when some do not answer",
    ),
    promoteUsLow: assumption(2_000_000, "us", "'a few seconds' (elasticache.failover.promotion-s)"),
    promoteUsHigh: assumption(
      6_000_000,
      "us",
      "'a few seconds' (elasticache.failover.promotion-s)",
    ),
    publishUsLow: assumption(1_000_000, "us", "changing the record of the primary endpoint"),
    publishUsHigh: assumption(4_000_000, "us", "changing the record of the primary endpoint"),
    endpointTtlUs: usFromFact("elasticache.client-dns-ttl-s"),
    recreateUsLow: assumption(
      240_000_000,
      "us",
      "'several minutes' (elasticache.no-multi-az), low",
    ),
    recreateUsHigh: assumption(
      480_000_000,
      "us",
      "'several minutes' (elasticache.no-multi-az), high",
    ),
    resyncUsLow: assumption(
      2_000_000,
      "us",
      "a full copy of some hundred megabytes to a replica, low",
    ),
    resyncUsHigh: assumption(
      8_000_000,
      "us",
      "a full copy of some hundred megabytes to a replica, high",
    ),
    copyBufferWrites: assumption(
      262_144,
      "writes",
      "the output buffer that Redis keeps for a replica while it is copied (256 MB) at 1 KB a write; more writes than that and the copy begins again",
    ),
    copyLoadShare: assumption(
      0,
      "share",
      "part of the primary's thread that a full copy takes: none where the copy is made on cores of its own",
    ),
  };
  return resolveParameters(spec.id, defaults, spec.parameters);
}

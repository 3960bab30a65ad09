import { describe, expect, test } from "vitest";
import { assumption } from "../../facts/parameter.ts";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createElastiCache, type ElastiCache } from "./elasticache.ts";
import type { ElastiCacheSpec } from "./elasticache-spec.ts";

const userCount = 200;

/** An order service in zone c that reads a user's risk record from the cache, and from a database when it must. */
function bedWithCache(options: {
  zones: readonly string[];
  warmShare?: number;
  parameters?: Readonly<Record<string, number>>;
  databaseUs?: number;
  callerZones?: readonly string[];
  seed?: string;
}) {
  const spec: ElastiCacheSpec = {
    service: "elasticache",
    id: "cache",
    zones: options.zones,
    nodeType: "cache.r6g.large",
    ...(options.warmShare !== undefined && { warmShare: options.warmShare }),
    ...(options.parameters && { parameters: options.parameters }),
  };
  const readThrough = {
    to: "cache",
    operation: "read-risk",
    timeoutMs: 200,
    fallback: {
      to: "database",
      timeoutMs: 2000,
      followedBy: [{ to: "cache", operation: "write-risk", timeoutMs: 200, optional: true }],
    },
  };
  const front = { to: "front", timeoutMs: 5000 };
  const bed = new TestBed({
    seed: options.seed ?? "cache",
    factories: [
      plainService({
        id: "front",
        zones: options.callerZones ?? ["c"],
        insideMax: 100_000,
        operations: { serve: 10 },
      }),
      {
        id: "cache",
        create: (fabric, index) =>
          createElastiCache(fabric, index, spec, { userCount, symbolCount: 20 }),
      },
      plainService({
        id: "database",
        zones: ["c"],
        operations: { serve: options.databaseUs ?? 5000 },
      }),
    ],
    flows: [
      { name: "read", call: { ...front, calls: [readThrough] } },
      {
        name: "write",
        call: { ...front, calls: [{ to: "cache", operation: "write-risk", timeoutMs: 200 }] },
      },
      {
        name: "read-plain",
        call: { ...front, calls: [{ to: "cache", operation: "read-risk", timeoutMs: 200 }] },
      },
    ],
    framesMax: 200_000,
  });
  const cache = bed.fabric.component("cache") as ElastiCache;
  return { bed, cache };
}

/** Sends a write every 100 ms for a while, and returns when each was answered well. */
function writeSteadily(bed: TestBed, seconds: number, user = 1): void {
  for (let at = 0; at < seconds * 10; at += 1) {
    bed.send("write", bed.request({ user }));
    bed.runSeconds(0.1);
  }
}

function lastSuccessGapSeconds(bed: TestBed): number {
  const good = bed.answers.filter((each) => each.result === outcome.ok);
  let gap = 0;
  for (let at = 1; at < good.length; at += 1) {
    gap = Math.max(gap, good[at]!.atUs - good[at - 1]!.atUs);
  }
  return gap / 1_000_000;
}

describe("keys", () => {
  test("a miss goes to the database and fills the key, so that the next read is a hit", () => {
    const { bed, cache } = bedWithCache({ zones: ["a"], warmShare: 0 });
    bed.send("read", bed.request({ user: 7 }));
    bed.runSeconds(1);
    expect([cache.hitCount, cache.missCount]).toEqual([0, 1]);
    bed.send("read", bed.request({ user: 7 }));
    bed.send("read", bed.request({ user: 8 }));
    bed.runSeconds(1);
    expect([cache.hitCount, cache.missCount]).toEqual([1, 2]);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.ok, outcome.ok, outcome.ok]);
  });

  test("a miss is not a failure of the call and is not asked again", () => {
    const { bed } = bedWithCache({ zones: ["a"], warmShare: 0 });
    bed.send("read-plain", bed.request({ user: 7 }));
    bed.runSeconds(1);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.missed]);
    const reads = bed.fabric.sites.filter((site) => site.path.startsWith("read-plain/front/cache"));
    expect(reads.map((site) => bed.fabric.calls.siteCalls[site.index])).toEqual([1]);
    expect(reads.map((site) => bed.fabric.calls.siteFailures[site.index])).toEqual([0]);
  });

  test("a key is gone when its time to live has passed", () => {
    const { bed, cache } = bedWithCache({
      zones: ["a"],
      warmShare: 0,
      parameters: { riskRecordTtlUs: 10_000_000 },
    });
    bed.send("write", bed.request({ user: 7 }));
    bed.runSeconds(9.9);
    expect(cache.holdsRisk(7)).toBe(true);
    bed.runSeconds(0.3);
    expect(cache.holdsRisk(7)).toBe(false);
  });

  test("a full node evicts keys that were not used lately and keeps the one being written", () => {
    const oneGib = 1_073_741_824;
    const { bed, cache } = bedWithCache({
      zones: ["a"],
      warmShare: 0,
      // Room for one hundred risk records in three quarters of the memory.
      parameters: { memoryGib: (100 * 1024) / 0.75 / oneGib },
    });
    for (let user = 0; user < 150; user += 1) bed.send("write", bed.request({ user }));
    bed.runSeconds(1);
    const held = Array.from({ length: 150 }, (_, user) => user).filter((user) =>
      cache.holdsRisk(user),
    );
    expect(held.length).toBe(100);
    expect(held).toContain(149);
    const evictions = bed.fabric.metrics.sources.find((each) => each.name === "Evictions");
    expect(evictions?.sample()).toBe(50);
    // Nodes of three times the memory hold all of them, once they have been built.
    expect(cache.scaleUp(3, -1)).toBe(true);
    bed.runSeconds(599);
    expect(cache.isScalingUp).toBe(true);
    bed.runSeconds(2);
    expect(cache.isScalingUp).toBe(false);
    for (let user = 0; user < 150; user += 1) bed.send("write", bed.request({ user }));
    bed.runSeconds(1);
    expect(evictions?.sample()).toBe(0);
  });
});

test("one node serves the strategy's 10,000 operations a second and no more", () => {
  const { bed, cache } = bedWithCache({ zones: ["c"] });
  const requests = Array.from({ length: 12_000 }, (_, at) => bed.request({ user: at % userCount }));
  for (const request of requests) bed.send("read-plain", request);
  bed.runSeconds(0.5);
  const before = cache.hitCount + cache.missCount;
  bed.runSeconds(0.5);
  const served = cache.hitCount + cache.missCount - before;
  expect(served).toBeGreaterThan(4_850);
  expect(served).toBeLessThan(5_150);
});

describe("loss of the primary with a replica", () => {
  test("writes fail for the documented 15 to 30 s and then succeed on the promoted replica", () => {
    for (const seed of ["one", "two", "three", "four", "five"]) {
      const { bed, cache } = bedWithCache({ zones: ["a", "b"], seed });
      bed.runSeconds(5);
      bed.losePower("a");
      writeSteadily(bed, 45);
      const gapSeconds = lastSuccessGapSeconds(bed);
      const downSeconds =
        gapSeconds > 1
          ? gapSeconds
          : bed.answers.findIndex((each) => each.result === outcome.ok) / 10;
      expect(downSeconds).toBeGreaterThan(13);
      expect(downSeconds).toBeLessThan(30);
      expect(bed.fabric.instances.column.zone[cache.primaryInstance]).toBe(bed.fabric.zone("b"));
    }
  });

  test("the way back to service is told step by step, each step caused by the one before", () => {
    const { bed } = bedWithCache({ zones: ["a", "b"] });
    bed.runSeconds(5);
    bed.losePower("a");
    bed.runSeconds(40);
    const updated = bed.events("elasticache.endpoint-updated");
    expect(updated).toHaveLength(1);
    expect(bed.causes(updated[0]!.seq)).toEqual([
      "zone.power-lost",
      "instance.failed-by-power",
      "elasticache.failure-detected",
      "elasticache.replica-chosen",
      "elasticache.replica-promoted",
      "elasticache.endpoint-updated",
    ]);
  });

  test("writes that had not reached the replica are counted as lost, and its keys are without them", () => {
    const { bed, cache } = bedWithCache({
      zones: ["a", "b"],
      warmShare: 0,
      parameters: { replicationLagUs: 500_000, replicationLagSigma: 0.01 },
    });
    bed.runSeconds(5);
    bed.send("write", bed.request({ user: 1 }));
    bed.runSeconds(2);
    for (const user of [2, 3, 4]) bed.send("write", bed.request({ user }));
    bed.runSeconds(0.1);
    expect(bed.answers.map((each) => each.result)).toEqual([1, 1, 1, 1]);
    bed.losePower("a");
    bed.runSeconds(40);
    expect(cache.lostWriteCount).toBe(3);
    expect(bed.events("elasticache.writes-lost").map((each) => each.value)).toEqual([3]);
    expect([1, 2, 3, 4].map((user) => cache.holdsRisk(user))).toEqual([true, false, false, false]);
  });

  test("the freshest of two replicas is promoted and the other takes a full copy", () => {
    const { bed, cache } = bedWithCache({ zones: ["a", "b", "c"], warmShare: 0 });
    bed.runSeconds(2);
    // The replica in b hears nothing of the primary, but the service hears of it.
    const { zones } = bed.fabric;
    zones.setLink(bed.fabric.zone("a"), bed.fabric.zone("b"), false);
    bed.send("write", bed.request({ user: 9 }));
    bed.runSeconds(1);
    bed.losePower("a");
    bed.runSeconds(40);
    expect(bed.fabric.instances.column.zone[cache.primaryInstance]).toBe(bed.fabric.zone("c"));
    expect(cache.holdsRisk(9)).toBe(true);
    expect(cache.lostWriteCount).toBe(0);
    expect(bed.events("elasticache.replica-copied")).toHaveLength(1);
  });

  test("a primary that is cut off goes on taking writes of its own zone, and they are lost", () => {
    const { bed, cache } = bedWithCache({ zones: ["a", "b"], callerZones: ["a"] });
    // Its connection outlives what the name says later.
    bed.send("write", bed.request({ user: 1 }));
    bed.runSeconds(2);
    bed.isolate("a", true);
    bed.runSeconds(30);
    const before = bed.answers.length;
    // The client outside is cut off too, so the caller in zone a is asked directly.
    const write = bed.fabric.flowSite("write");
    for (let at = 0; at < 5; at += 1) {
      bed.fabric.calls.callAsClient(write, bed.fabric.zone("a"), bed.request({ user: at }), 0);
    }
    bed.runSeconds(2);
    expect(bed.answers.slice(before).map((each) => each.result)).toEqual([1, 1, 1, 1, 1]);
    bed.isolate("a", false);
    bed.runSeconds(20);
    expect(bed.events("elasticache.old-primary-demoted")).toHaveLength(1);
    expect(cache.lostWriteCount).toBe(5);
    // Its connection to the former primary is refused once, then it finds the new one.
    bed.fabric.calls.callAsClient(write, bed.fabric.zone("a"), bed.request({ user: 1 }), 0);
    bed.runSeconds(1);
    expect(bed.answers.at(-1)!.result).toBe(outcome.unavailable);
    expect(cache.lostWriteCount).toBe(5);
    bed.runSeconds(5);
    bed.fabric.calls.callAsClient(write, bed.fabric.zone("a"), bed.request({ user: 1 }), 0);
    bed.runSeconds(1);
    expect(bed.answers.at(-1)!.result).toBe(outcome.ok);
  });

  test("the lost node is replaced only when its zone is back, and then follows the new primary", () => {
    const { bed } = bedWithCache({ zones: ["a", "b"] });
    bed.losePower("a");
    bed.runSeconds(600);
    expect(bed.events("elasticache.replacement-waits-for-zone")).toHaveLength(1);
    expect(bed.events("elasticache.replacement-started")).toHaveLength(0);
    bed.restorePower("a");
    bed.runSeconds(500);
    const copied = bed.events("elasticache.replica-copied");
    expect(copied).toHaveLength(1);
    expect((copied[0]!.atUs - 600_000_000) / 1_000_000).toBeGreaterThan(240);
  });
});

describe("loss of a node without a replica", () => {
  test("in a dead zone nothing is made until the zone returns; then the node is empty after minutes", () => {
    const { bed, cache } = bedWithCache({ zones: ["a"] });
    bed.losePower("a");
    bed.runSeconds(300);
    expect(bed.events("elasticache.failover-impossible")).toHaveLength(1);
    bed.send("read", bed.request({ user: 3 }));
    bed.runSeconds(3);
    // The database answers in the cache's stead, after the caller has waited for the silent node.
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.ok]);
    const restoredUs = bed.kernel.nowUs;
    bed.restorePower("a");
    bed.runSeconds(200);
    expect(bed.events("elasticache.node-created-empty")).toHaveLength(0);
    bed.runSeconds(300);
    const [created] = bed.events("elasticache.node-created-empty");
    expect((created!.atUs - restoredUs) / 1_000_000).toBeLessThan(482);
    const held = Array.from({ length: userCount }, (_, user) => cache.holdsRisk(user));
    expect(held.includes(true)).toBe(false);
    bed.send("read", bed.request({ user: 3 }));
    bed.runSeconds(3);
    expect(cache.holdsRisk(3)).toBe(true);
  });

  test("a crashed process in a living zone refuses callers and is replaced there", () => {
    const { bed, cache } = bedWithCache({
      zones: ["a"],
      parameters: { riskRecordTtlUs: 9_000_000_000 },
    });
    bed.runSeconds(1);
    bed.fail(cache.primaryInstance, "crash");
    bed.send("read-plain", bed.request({ user: 3 }));
    bed.runSeconds(1);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.connectionRefused]);
    bed.runSeconds(500);
    expect(bed.events("elasticache.node-created-empty")).toHaveLength(1);
    const held = Array.from({ length: userCount }, (_, user) => cache.holdsRisk(user));
    expect(held.includes(true)).toBe(false);
  });

  test("nothing is replaced while the control plane is frozen", () => {
    const { bed, cache } = bedWithCache({ zones: ["a", "b"] });
    cache.setControlPlaneFrozen(true);
    bed.losePower("a");
    bed.runSeconds(120);
    expect(bed.events().filter((each) => each.kind.startsWith("elasticache."))).toEqual([]);
    cache.setControlPlaneFrozen(false);
    bed.runSeconds(40);
    expect(bed.events("elasticache.endpoint-updated")).toHaveLength(1);
  });
});

test("the metrics have the names of CloudWatch, and are silent while the primary is dark", () => {
  const { bed, cache } = bedWithCache({ zones: ["a"] });
  const sample = (name: string) =>
    bed.fabric.metrics.sources[bed.fabric.metrics.find(cache.index, name)]!.sample();
  for (let at = 0; at < 100; at += 1) bed.send("read", bed.request({ user: at }));
  bed.runSeconds(1);
  expect(sample("CacheHits") + sample("CacheMisses")).toBe(100);
  expect(sample("CurrConnections")).toBe(8);
  expect(sample("EngineCPUUtilization")).toBeCloseTo(1, 0);
  bed.losePower("a");
  expect(sample("CacheHits")).toBeNaN();
});

test("a parameter that is overridden is the one that is used, and an unknown one is refused", () => {
  const { cache } = bedWithCache({ zones: ["a"], parameters: { probeMissesMax: 3 } });
  expect(cache.parameters()["probeMissesMax"]).toMatchObject({ value: 3, origin: "override" });
  expect(cache.parameters()["operationsPerSecond"]).toMatchObject(
    assumption(10_000, "operations/s", expect.any(String) as unknown as string),
  );
  expect(() => bedWithCache({ zones: ["a"], parameters: { nonsense: 1 } })).toThrow(/nonsense/);
});

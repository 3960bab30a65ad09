import { describe, expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { type AuroraLimitless, createAuroraLimitless } from "./aurora-limitless.ts";
import type { AuroraLimitlessSpec } from "./aurora-limitless-spec.ts";
import { nodesFor } from "./shard-group-nodes.ts";

interface BedOptions extends Partial<AuroraLimitlessSpec> {
  readonly timeoutMs?: number;
  readonly batch?: boolean;
}

/** A service in zone c in front of a database of two routers and two shards, or as many as are asked for. */
function bedWithDatabase({ timeoutMs = 1000, ...fields }: BedOptions = {}) {
  const spec: AuroraLimitlessSpec = {
    service: "aurora-limitless",
    id: "database",
    zones: ["a", "b", "c"],
    acuMax: 64,
    computeRedundancy: 1,
    ...fields,
  };
  const flow = (name: string, operation: string) => ({
    name,
    call: {
      to: "front",
      timeoutMs: 60_000,
      calls: [{ to: "database", operation, timeoutMs }],
    },
  });
  const answered: number[] = [];
  const bed = new TestBed({
    factories: [
      plainService({
        id: "front",
        zones: ["c", "c", "c", "c", "c", "c", "c", "c"],
        insideMax: 100_000,
        operations: { serve: 10 },
      }),
      // Writes rows of many users by their place in a journal, as the matching service does.
      {
        id: "writer",
        create: (fabric, index) => ({
          ...plainService({
            id: "writer",
            zones: ["b"],
            resumed: (actor, _site, result) => {
              answered.push(result);
              fabric.calls.endActor(actor);
            },
          }).create(fabric, index),
          writesRowsOfManyUsers: true,
        }),
      },
      { id: "database", create: (fabric, index) => createAuroraLimitless(fabric, index, spec) },
    ],
    flows: [flow("write", "write"), flow("read", "read")],
    actorCalls: [
      {
        component: "writer",
        name: "persist",
        call: { to: "database", operation: "write", timeoutMs: 30_000 },
      },
    ],
    framesMax: 100_000,
  });
  const database = bed.fabric.component("database") as AuroraLimitless;
  return { bed, database, answered };
}

function writeBatch(bed: TestBed, from: number, rows: number): void {
  const { calls } = bed.fabric;
  const [instance] = bed.instances("writer");
  const actor = calls.startActor(instance!, 0);
  calls.callAsActor(actor, bed.fabric.actorSite("writer", "persist"), from, from, rows);
}

function channel(database: AuroraLimitless, name: string): number {
  const found = database.channels().find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no channel "${name}"`);
  return found.read();
}

function metric(bed: TestBed, database: AuroraLimitless, name: string): number {
  return bed.fabric.metrics.sources[bed.fabric.metrics.find(database.index, name)]!.sample();
}

/** A user whose rows lie on a shard. */
function userOn(database: AuroraLimitless, shard: number): number {
  for (let user = 0; ; user += 1) if (database.shardOfUser(user) === shard) return user;
}

/** Sends writes of users by turns, each so many a second, and returns how many were answered ok. */
function offer(
  { bed }: ReturnType<typeof bedWithDatabase>,
  users: readonly number[],
  options: { perSecond: number; seconds: number },
): number {
  const before = bed.answers.length;
  const count = options.perSecond * options.seconds;
  for (let at = 0; at < count; at += 1) {
    bed.send("write", bed.request({ user: users[at % users.length]! }));
    bed.runSeconds(1 / options.perSecond);
  }
  bed.runSeconds(2);
  return bed.answers.slice(before).filter(({ result }) => result === outcome.ok).length;
}

describe("nodes and capacity", () => {
  test("a shard group is created with the documented routers, shards and least capacity", () => {
    const documented = [
      [16, 2, 2, 16],
      [400, 2, 2, 16],
      [401, 2, 3, 20],
      [600, 2, 4, 24],
      [700, 3, 4, 28],
      [800, 3, 5, 32],
      [900, 3, 6, 36],
      [1000, 4, 6, 40],
      [1200, 4, 8, 48],
      [1300, 5, 8, 52],
      [1500, 5, 10, 60],
      [1600, 6, 10, 64],
    ] as const;
    for (const [acuMax, routerCount, shardCount, acuMin] of documented) {
      expect(nodesFor(acuMax), String(acuMax)).toEqual({ routerCount, shardCount, acuMin });
    }
  });

  test("bounds that AWS does not take, or that the nodes don't fit into, are refused", () => {
    for (const bounds of [{ acuMax: 8 }, { acuMax: 7000 }, { acuMax: 32, acuMin: 64 }]) {
      expect(() => bedWithDatabase(bounds)).toThrow(
        expect.objectContaining({ code: "aurora-limitless.capacity" }),
      );
    }
    expect(() => bedWithDatabase({ acuMax: 16, shardCount: 60 })).toThrow("62 routers and shards");
  });

  test("nodes grow with use until their sum is the bound, and standbys follow beside it", () => {
    const own = bedWithDatabase({ acuMax: 24, acuMin: 16, timeoutMs: 5000 });
    const { bed, database } = own;
    expect(metric(bed, database, "DBShardGroupCapacity")).toBe(16);
    expect(metric(bed, database, "DBShardGroupComputeRedundancyCapacity")).toBe(8);
    offer(own, [userOn(database, 0), userOn(database, 1)], { perSecond: 5000, seconds: 20 });
    expect(metric(bed, database, "DBShardGroupCapacity")).toBeGreaterThan(20);
    expect(metric(bed, database, "DBShardGroupCapacity")).toBeLessThanOrEqual(24);
    const shards = database.capacity.acu - 2 * 4;
    expect(database.capacity.standbyAcu).toBeGreaterThanOrEqual(shards - 5);
    expect(metric(bed, database, "DBShardGroupACUUtilization")).toBeCloseTo(
      (100 * database.capacity.acu) / 24,
    );
    bed.runSeconds(600);
    expect(database.capacity.acu).toBe(16);
  });
});

describe("transactions", () => {
  test("a user's rows lie on one shard and are committed there in one step", () => {
    const own = bedWithDatabase();
    const { database } = own;
    expect(offer(own, [userOn(database, 1)], { perSecond: 50, seconds: 4 })).toBe(200);
    expect(database.shards.map(({ commits }) => commits.durableCount)).toEqual([0, 200]);
    expect(channel(database, "transactions over shards")).toBe(0);
    expect(channel(database, "rows written")).toBe(200);
  });

  test("rows of several users are prepared on every shard that has some, and committed on each", () => {
    const { bed, database, answered } = bedWithDatabase();
    writeBatch(bed, 0, 50);
    bed.runSeconds(1);
    expect(answered).toEqual([outcome.ok]);
    expect(channel(database, "transactions over shards")).toBe(1);
    // Each shard has written twice: what it promised, and that it holds.
    expect(database.shards.map(({ commits }) => commits.durableCount)).toEqual([2, 2]);
    expect(channel(database, "rows written")).toBe(50);
    expect(channel(database, "transactions open")).toBe(0);
  });

  test("a commit over shards takes two rounds of the volume, one on a single shard one", () => {
    const latencyMs = (rows: number) => {
      const { bed, answered } = bedWithDatabase();
      let sumUs = 0;
      for (let at = 0; at < 100; at += 1) {
        const fromUs = bed.kernel.nowUs;
        writeBatch(bed, at * 50, rows);
        while (answered.length <= at) bed.kernel.step();
        sumUs += bed.kernel.nowUs - fromUs;
        bed.runSeconds(0.05);
      }
      return sumUs / 100 / 1000;
    };
    const [single, across] = [latencyMs(1), latencyMs(50)];
    // A quorum takes 2 to 5 ms (aurora.commit-latency); the second round has one way to the shards beside it.
    expect(across - single).toBeGreaterThan(2.5);
    expect(across).toBeGreaterThan(1.4 * single);
    expect(across).toBeLessThan(3.5 * single);
  });

  test("a transaction over a shard that is gone is rolled back, one beside it goes on", () => {
    const own = bedWithDatabase({ parameters: { shardTimeoutUs: 500_000 } });
    const { bed, database, answered } = own;
    bed.fail(database.primaryOf(1), "power");
    writeBatch(bed, 0, 50);
    expect(offer(own, [userOn(database, 0)], { perSecond: 20, seconds: 2 })).toBe(40);
    expect(answered).toEqual([outcome.unavailable]);
    expect(channel(database, "transactions rolled back")).toBe(1);
  });

  test("what has been decided is committed on a shard that was away, once it is back", () => {
    const { bed, database, answered } = bedWithDatabase({
      parameters: { shardTimeoutUs: 500_000, promoteUsP50: 1_000_000, promoteUsP95: 1_500_000 },
    });
    writeBatch(bed, 0, 50);
    while (database.shards.some(({ commits }) => commits.durableCount === 0)) bed.kernel.step();
    bed.runSeconds(0.0005);
    bed.fail(database.primaryOf(1), "power");
    bed.runSeconds(4);
    expect(answered).toEqual([]);
    bed.runSeconds(40);
    expect(answered).toEqual([outcome.ok]);
    expect(channel(database, "transactions rolled back")).toBe(0);
  });
});

describe("limits", () => {
  test("a hot shard limits the database while the others idle", () => {
    const spread = bedWithDatabase({ acuMin: 16, acuMax: 16, timeoutMs: 500 });
    const hot = bedWithDatabase({ acuMin: 16, acuMax: 16, timeoutMs: 500 });
    const both = [userOn(spread.database, 0), userOn(spread.database, 1)];
    // A vCPU has 660 us of work a write (600 us median, sigma 0.5): 1,500 a second; each shard has one.
    const load = { perSecond: 2400, seconds: 5 };
    expect(offer(spread, both, load)).toBeGreaterThan(0.95 * 12_000);
    const good = offer(hot, both.slice(0, 1), load);
    expect(good).toBeLessThan(0.75 * 12_000);
    const [first, second] = hot.database.shards;
    expect(first!.commits.durableCount).toBeGreaterThan(5 * 1200);
    expect(second!.commits.durableCount).toBe(0);
  });
});

describe("failures", () => {
  test("a shard whose primary dies is back in half a minute: promoted, or without a standby started anew", () => {
    const outageSeconds = (computeRedundancy: 0 | 1, manner: "power" | "crash") => {
      const own = bedWithDatabase({ computeRedundancy, timeoutMs: 500 });
      const { bed, database } = own;
      const primary = database.primaryOf(0);
      const user = userOn(database, 0);
      const fromUs = bed.kernel.nowUs;
      bed.fail(primary, manner);
      for (let second = 0; second < 200; second += 1) {
        bed.send("write", bed.request({ user }));
        bed.runSeconds(1);
        if (bed.answers.at(-1)?.result === outcome.ok) break;
      }
      return (bed.kernel.nowUs - fromUs) / 1_000_000;
    };
    expect(outageSeconds(1, "crash")).toBeLessThan(40);
    expect(outageSeconds(1, "power")).toBeLessThan(40);
    expect(outageSeconds(0, "crash")).toBeLessThan(40);
  });

  test("without standbys a shard waits for its zone, with them it does not; nothing durable is lost", () => {
    for (const computeRedundancy of [0, 1] as const) {
      const own = bedWithDatabase({ computeRedundancy, zones: ["a", "b"], timeoutMs: 500 });
      const { bed, database } = own;
      // Two routers in a and b; shards in a and b; standbys in the other zone.
      const users = [userOn(database, 0), userOn(database, 1)];
      expect(offer(own, users, { perSecond: 20, seconds: 2 })).toBe(40);
      bed.losePower("a");
      // Callers find out about the lost router, each at the cost of a call.
      offer(own, users, { perSecond: 1, seconds: 60 });
      const good = offer(own, users, { perSecond: 20, seconds: 5 });
      if (computeRedundancy === 1) expect(good).toBeGreaterThan(95);
      else expect(good).toBeLessThanOrEqual(50);
      bed.restorePower("a");
      bed.runSeconds(240);
      expect(offer(own, users, { perSecond: 20, seconds: 2 })).toBeGreaterThanOrEqual(39);
      expect(channel(database, "instances up")).toBe(4 + 2 * computeRedundancy);
    }
  });

  test("a lost router leaves the endpoint, and what it had prepared is in doubt", () => {
    const { bed, database } = bedWithDatabase();
    for (let at = 0; at < 20; at += 1) writeBatch(bed, at * 50, 50);
    bed.runSeconds(0.005);
    const open = channel(database, "transactions open");
    for (const router of database.routers.instances) bed.fail(router, "crash");
    expect(open).toBeGreaterThan(3);
    expect(channel(database, "transactions in doubt")).toBe(open);
    expect(channel(database, "transactions open")).toBe(0);
    bed.runSeconds(60);
    expect(bed.events("limitless.router-lost")).toHaveLength(2);
    expect(bed.events("limitless.router-back")).toHaveLength(2);
    expect(bed.causes(bed.events("limitless.endpoint-updated").at(-1)!.seq)[0]).toBe(
      "instance.failed-by-crash",
    );
  });

  test("with one router of two gone callers find the other, and the service goes on", () => {
    const own = bedWithDatabase({ timeoutMs: 500 });
    const { bed, database } = own;
    const users = [0, 1, 2, 3, 4, 5, 6, 7];
    offer(own, users, { perSecond: 40, seconds: 1 });
    bed.fail(database.routers.instances[0]!, "power");
    offer(own, users, { perSecond: 40, seconds: 30 });
    expect(offer(own, users, { perSecond: 40, seconds: 2 })).toBe(80);
  });

  test("it goes on bit for bit from a snapshot taken in the middle of a failover and of transactions", () => {
    const run = (restores: boolean) => {
      const own = bedWithDatabase({ timeoutMs: 500 });
      const { bed, database } = own;
      const act = (each: typeof own) => {
        for (let at = 0; at < 400; at += 1) {
          writeBatch(each.bed, at * 50, 50);
          each.bed.runSeconds(0.05);
        }
      };
      for (let at = 0; at < 20; at += 1) writeBatch(bed, at * 50, 50);
      bed.fail(database.primaryOf(0), "power");
      bed.fail(database.routers.instances[1]!, "power");
      bed.runSeconds(8.0015);
      if (!restores) {
        act(own);
        return bed.kernel.digest();
      }
      const other = bedWithDatabase({ timeoutMs: 500 });
      other.bed.kernel.restore(bed.kernel.snapshot(), { random: "same" });
      act(other);
      return other.bed.kernel.digest();
    };
    expect(run(true)).toBe(run(false));
  });
});

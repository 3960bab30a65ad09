import { expect, test } from "vitest";
import { createAurora } from "../aurora/aurora.ts";
import { createDynamoDb } from "../dynamodb/dynamodb.ts";
import { createElastiCache } from "../elasticache/elasticache.ts";
import { createEventBridge } from "../eventbridge/eventbridge.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createKinesis } from "../kinesis/kinesis.ts";
import { createS3 } from "../s3/s3.ts";
import { createLambda } from "./lambda.ts";

const zones = ["a", "b", "c"];

/** An order service over all data services, with functions that feed the cache and the archive, and a bus that invokes one. */
function platform(): TestBed {
  return new TestBed({
    seed: "snapshot",
    factories: [
      plainService({ id: "front", zones, insideMax: 10_000, operations: { serve: 100 } }),
      {
        id: "sessions",
        create: (fabric, index) =>
          createDynamoDb(
            fabric,
            index,
            { service: "dynamodb", id: "sessions", zones, mode: "on-demand" },
            { userCount: 500, leaseCount: 1 },
          ),
      },
      {
        id: "cache",
        create: (fabric, index) =>
          createElastiCache(
            fabric,
            index,
            {
              service: "elasticache",
              id: "cache",
              zones: ["a", "b"],
              nodeType: "cache.r6g.large",
              warmShare: 0.5,
            },
            { userCount: 500, symbolCount: 20 },
          ),
      },
      {
        id: "database",
        create: (fabric, index) =>
          createAurora(fabric, index, {
            service: "aurora",
            id: "database",
            instanceClass: "db.r6g.large",
            writerZone: "a",
            readerZones: ["b", "c"],
          }),
      },
      {
        id: "trades",
        create: (fabric, index) =>
          createKinesis(fabric, index, { service: "kinesis", id: "trades", zones }),
      },
      {
        id: "functions",
        create: (fabric, index) =>
          createLambda(
            fabric,
            index,
            {
              service: "lambda",
              id: "functions",
              zones,
              functions: [
                {
                  id: "refresh",
                  source: "trades",
                  batchSizeMax: 50,
                  durationMs: { median: 15, sigma: 0.4 },
                  memoryMb: 256,
                  calls: [{ name: "refresh", per: "symbol" }],
                },
                {
                  id: "archive",
                  source: "trades",
                  batchSizeMax: 100,
                  durationMs: { median: 30, sigma: 0.4 },
                  memoryMb: 256,
                  calls: [{ name: "archive", per: "batch" }],
                },
                {
                  id: "tell",
                  batchSizeMax: 1,
                  durationMs: { median: 20, sigma: 0.4 },
                  memoryMb: 256,
                },
              ],
            },
            { symbolCount: 20 },
          ),
      },
      {
        id: "bus",
        create: (fabric, index) =>
          createEventBridge(
            fabric,
            index,
            {
              service: "eventbridge",
              id: "bus",
              zones,
              rules: [{ id: "all", sendTo: [{ call: "record" }, { call: "tell" }] }],
            },
            20,
          ),
      },
      {
        id: "archive",
        create: (fabric, index) => createS3(fabric, index, { service: "s3", id: "archive", zones }),
      },
    ],
    actorCalls: [
      {
        component: "functions",
        name: "refresh",
        call: { to: "cache", operation: "refresh-book", timeoutMs: 300 },
      },
      {
        component: "functions",
        name: "archive",
        call: { to: "archive", operation: "put", timeoutMs: 2000 },
      },
      {
        component: "bus",
        name: "record",
        call: { to: "trades", operation: "put", timeoutMs: 1000 },
      },
      {
        component: "bus",
        name: "tell",
        call: { to: "functions", operation: "invoke-tell", timeoutMs: 1000 },
      },
    ],
    flows: [
      {
        name: "order",
        call: {
          to: "front",
          timeoutMs: 5000,
          calls: [
            { to: "sessions", operation: "read-session", timeoutMs: 500, retriesMax: 2 },
            {
              to: "cache",
              operation: "read-risk",
              timeoutMs: 200,
              fallback: {
                to: "database",
                operation: "read",
                timeoutMs: 1000,
                followedBy: [
                  { to: "cache", operation: "write-risk", timeoutMs: 200, optional: true },
                ],
              },
            },
            { to: "database", operation: "write", timeoutMs: 1000, retriesMax: 1 },
            { to: "trades", operation: "put", timeoutMs: 1000, retriesMax: 1 },
            { to: "bus", operation: "put", timeoutMs: 1000, retriesMax: 1, optional: true },
          ],
        },
      },
    ],
  });
}

/** Load and faults of a stretch of time; the same calls make the same run. */
function drive(bed: TestBed, fromSecond: number, toSecond: number): void {
  for (let second = fromSecond; second < toSecond; second += 1) {
    if (second === 5) bed.losePower("a");
    if (second === 60) bed.restorePower("a");
    for (let at = 0; at < 20; at += 1) {
      const number = second * 20 + at;
      bed.send("order", bed.request({ user: (number * 7) % 500, symbol: number % 20 }));
      bed.runSeconds(0.05);
    }
  }
}

test("a platform restored in the middle of its failovers goes on exactly as the one it was taken from", () => {
  const whole = platform();
  drive(whole, 0, 7);
  const stops = [10, 16, 22, 30, 62];
  let from = 7;
  for (const stop of stops) {
    drive(whole, from, stop);
    from = stop;
    const snapshot = whole.kernel.snapshot();
    const restored = platform();
    restored.kernel.restore(snapshot, { random: "same" });
    const witness = platform();
    witness.kernel.restore(snapshot, { random: "same" });
    drive(restored, stop, stop + 15);
    drive(witness, stop, stop + 15);
    expect(restored.kernel.digest()).toBe(witness.kernel.digest());
    const again = platform();
    drive(again, 0, stop + 15);
    expect(restored.kernel.digest()).toBe(again.kernel.digest());
    expect(restored.events().length).toBe(again.events().length);
  }
});

test("after the failovers of a lost zone orders flow again, and the functions have caught up", () => {
  const bed = platform();
  drive(bed, 0, 150);
  bed.runSeconds(20);
  const late = bed.answers.slice(-200).map((each) => each.result);
  expect(late.filter((each) => each === 1).length).toBeGreaterThan(190);
  const functions = bed.fabric.component("functions") as ReturnType<typeof createLambda>;
  expect(functions.backlog(0)).toBe(0);
  expect(functions.backlog(1)).toBe(0);
});

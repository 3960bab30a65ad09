import { expect, test } from "vitest";
import type { TwinError } from "../../errors/twin-error.ts";
import { type Aurora, createAurora } from "../aurora/aurora.ts";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createRdsProxy } from "./rds-proxy.ts";

/** A service that writes, once to the cluster itself and once through a proxy. */
function bedWithProxy(seed: string, target = "database") {
  const write = {
    to: "database",
    operation: "write",
    timeoutMs: 1000,
    retriesMax: 7,
    backoffMs: 500,
  };
  const bed = new TestBed({
    seed,
    factories: [
      plainService({ id: "front", zones: ["c"], insideMax: 100_000, operations: { serve: 10 } }),
      {
        id: "proxy",
        create: (fabric, index) =>
          createRdsProxy(fabric, index, {
            service: "rds-proxy",
            id: "proxy",
            zones: ["a", "b", "c"],
            target,
          }),
      },
      {
        id: "database",
        create: (fabric, index) =>
          createAurora(fabric, index, {
            service: "aurora",
            id: "database",
            instanceClass: "db.r6g.large",
            writerZone: "a",
            readerZones: ["b"],
          }),
      },
    ],
    flows: [
      {
        name: "direct",
        call: { to: "front", timeoutMs: 60_000, calls: [{ ...write, retriesMax: 0 }] },
      },
      {
        name: "pooled",
        call: {
          to: "front",
          timeoutMs: 60_000,
          calls: [{ to: "proxy", operation: "write", timeoutMs: 50_000, calls: [write] }],
        },
      },
      {
        name: "pooled-once",
        call: {
          to: "front",
          timeoutMs: 60_000,
          calls: [
            {
              to: "proxy",
              operation: "write",
              timeoutMs: 50_000,
              calls: [{ ...write, retriesMax: 0 }],
            },
          ],
        },
      },
    ],
    framesMax: 100_000,
  });
  return { bed, database: bed.fabric.component("database") as Aurora };
}

/** Writes every 100 ms while the writer crashes; share that failed, and seconds until a write that begins then succeeds. */
function failover(flow: string, seed: string) {
  const { bed, database } = bedWithProxy(seed);
  bed.send(flow, bed.request({}));
  bed.runSeconds(5);
  const from = bed.answers.length;
  bed.fail(database.writerInstance, "crash");
  const began = bed.kernel.nowUs;
  let lastFailureUs = began;
  for (let at = 0; at < 900; at += 1) {
    bed.send(flow, bed.request({}));
    bed.runSeconds(0.1);
  }
  bed.runSeconds(60);
  const answers = bed.answers.slice(from);
  const failed = answers.filter(({ result }) => result !== outcome.ok);
  for (const { atUs } of failed) lastFailureUs = Math.max(lastFailureUs, atUs);
  return { failed: failed.length, outageSeconds: (lastFailureUs - began) / 1_000_000 };
}

test("behind a proxy a failover ends with the promotion: it waits for no endpoint, and most statements outlast it", () => {
  const seeds = ["1", "2", "3", "4", "5", "6"];
  const direct = seeds.map((seed) => failover("direct", seed));
  const pooled = seeds.map((seed) => failover("pooled", seed));
  const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);
  const failedDirect = sum(direct.map(({ failed }) => failed));
  const failedPooled = sum(pooled.map(({ failed }) => failed));
  expect(failedDirect).toBeGreaterThan(6 * 100);
  // AWS advertises up to 66 % less; statements that are held count as served here.
  expect(failedPooled).toBeLessThan(failedDirect * 0.34);
});

test("without a retry on either way, writes through the proxy are back sooner: it knows the writer without the endpoint", () => {
  const seeds = ["1", "2", "3", "4", "5", "6"];
  const outageSeconds = (flow: string) =>
    seeds.reduce((total, seed) => total + failover(flow, seed).outageSeconds, 0) / seeds.length;
  expect(outageSeconds("pooled-once")).toBeLessThan(outageSeconds("direct") - 2);
});

test("its host in a lost zone is left out after some seconds", () => {
  const { bed } = bedWithProxy("zone");
  bed.losePower("b");
  bed.runSeconds(10);
  expect(bed.events("host.left-out")).toHaveLength(1);
  for (let at = 0; at < 50; at += 1) bed.send("pooled", bed.request({}));
  bed.runSeconds(5);
  expect(bed.answers.every(({ result }) => result === outcome.ok)).toBe(true);
});

test("a target that is no cluster is told", () => {
  let told: TwinError | undefined;
  try {
    bedWithProxy("x", "front");
  } catch (error) {
    told = error as TwinError;
  }
  expect(told?.code).toBe("rds-proxy.target-unfit");
});

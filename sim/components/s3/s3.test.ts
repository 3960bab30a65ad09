import { expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createS3, type S3 } from "./s3.ts";

function bedWithBucket(
  options: { prefixCount?: number; parameters?: Record<string, number> } = {},
) {
  const stored: number[] = [];
  const flow = (operation: string) => ({
    name: operation,
    call: { to: "front", timeoutMs: 60_000, calls: [{ to: "bucket", operation, timeoutMs: 5000 }] },
  });
  const bed = new TestBed({
    factories: [
      plainService({ id: "front", zones: ["a"], insideMax: 1_000_000, operations: { serve: 10 } }),
      {
        id: "bucket",
        create: (fabric, index) => {
          const s3 = createS3(fabric, index, {
            service: "s3",
            id: "bucket",
            zones: ["a", "b", "c"],
            ...options,
          });
          s3.whenStored((data) => stored.push(data));
          return s3;
        },
      },
    ],
    flows: [flow("put"), flow("get")],
    framesMax: 200_000,
  });
  return { bed, bucket: bed.fabric.component("bucket") as S3, stored };
}

test("small objects take the documented 100 to 200 ms", () => {
  const { bed } = bedWithBucket();
  for (let at = 0; at < 500; at += 1) bed.send("get", at);
  bed.runSeconds(2);
  const spans = bed.answers.map((each) => each.atUs / 1000 - 20).sort((a, b) => a - b);
  expect(spans[25]).toBeGreaterThan(95);
  expect(spans[475]).toBeLessThan(210);
});

test("a prefix takes its documented 3,500 puts a second and answers 503 above", () => {
  const { bed, bucket } = bedWithBucket();
  for (let at = 0; at < 8000; at += 1) bed.send("put", at);
  bed.runSeconds(2);
  expect(bucket.objectCount).toBe(3500);
  expect(bed.answers.filter((each) => each.result === outcome.unavailable)).toHaveLength(4500);
});

test("keys spread over prefixes have the rate of each", () => {
  const { bed, bucket } = bedWithBucket({ prefixCount: 2 });
  for (let at = 0; at < 8000; at += 1) bed.send("put", at);
  bed.runSeconds(2);
  expect(bucket.objectCount).toBe(7000);
});

test("minutes of overload make the service split the prefix, which then takes twice as much", () => {
  const { bed, bucket } = bedWithBucket({
    parameters: { putsPerSecond: 10, splitAfterMinutes: 3 },
  });
  const perSecond = (seconds: number) => {
    const before = bucket.objectCount;
    for (let at = 0; at < seconds; at += 1) {
      for (let each = 0; each < 50; each += 1) bed.send("put", each);
      bed.runSeconds(1);
    }
    return (bucket.objectCount - before) / seconds;
  };
  expect(perSecond(170)).toBeCloseTo(10, 0);
  perSecond(15);
  expect(perSecond(60)).toBeCloseTo(20, 0);
  expect(bed.events("s3.prefix-split")).toHaveLength(1);
});

test("no object that was acknowledged is lost with a zone, and puts go on after some seconds", () => {
  const { bed, stored } = bedWithBucket();
  const put = (from: number, count: number) => {
    for (let at = from; at < from + count; at += 1) {
      bed.send("put", at);
      bed.runSeconds(0.05);
    }
  };
  put(0, 100);
  bed.losePower("b");
  put(100, 300);
  bed.runSeconds(10);
  const acknowledged = bed.answers.filter((each) => each.result === outcome.ok);
  expect(acknowledged.every((each) => stored.includes(each.data))).toBe(true);
  const failed = bed.answers.filter((each) => each.result !== outcome.ok).map((each) => each.data);
  expect(failed.length).toBeGreaterThan(10);
  // A put that was on its way into the dead host, and those of the six seconds until it was left out.
  expect(Math.min(...failed)).toBeGreaterThan(90);
  expect(Math.max(...failed)).toBeLessThan(100 + 7 * 20);
});

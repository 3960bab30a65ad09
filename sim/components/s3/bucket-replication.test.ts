import { expect, test } from "vitest";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createS3, type S3 } from "./s3.ts";

const homeZones = ["a", "b", "c"];

/** A bucket, and another one three zones away into which it is replicated. */
function bedWithReplica(
  options: { timeControl?: boolean; parameters?: Record<string, number> } = {},
) {
  const { timeControl = true, parameters = {} } = options;
  const bed = new TestBed({
    zones: [...homeZones, "d", "e", "f"],
    factories: [
      plainService({ id: "front", zones: ["a"], insideMax: 1_000_000, operations: { serve: 10 } }),
      {
        id: "bucket",
        create: (fabric, index) =>
          createS3(fabric, index, {
            service: "s3",
            id: "bucket",
            zones: homeZones,
            prefixCount: 9,
          }),
      },
      {
        id: "copy",
        create: (fabric, index) =>
          createS3(fabric, index, {
            service: "s3",
            id: "copy",
            zones: ["d", "e", "f"],
            replicaOf: "bucket",
            replicationTimeControl: timeControl,
            parameters,
          }),
      },
    ],
    flows: [
      {
        name: "put",
        call: {
          to: "front",
          timeoutMs: 60_000,
          calls: [{ to: "bucket", operation: "put", timeoutMs: 5000 }],
        },
      },
    ],
    framesMax: 200_000,
  });
  const copy = bed.fabric.component("copy") as S3;
  const read = (name: string) =>
    copy
      .channels()
      .find((each) => each.name === name)!
      .read();
  const put = (count: number) => {
    for (let at = 0; at < count; at += 1) bed.send("put", at);
    bed.runSeconds(1);
  };
  return { bed, copy, read, put };
}

test("with time control most objects are there in seconds, and 9,999 of 10,000 within the documented 15 minutes", () => {
  const { bed, read, put } = bedWithReplica();
  put(20_000);
  bed.runSeconds(14);
  expect(read("objects replicated") / 20_000).toBeGreaterThan(0.45);
  expect(read("objects replicated") / 20_000).toBeLessThan(0.55);
  bed.runSeconds(885);
  expect(read("objects not yet replicated")).toBeLessThan(10);
  expect(read("objects replicated") + read("objects not yet replicated")).toBe(20_000);
});

test("without it one in twenty takes longer than that", () => {
  const { bed, read, put } = bedWithReplica({ timeControl: false });
  put(20_000);
  bed.runSeconds(899);
  expect(read("objects not yet replicated") / 20_000).toBeGreaterThan(0.04);
  expect(read("objects not yet replicated") / 20_000).toBeLessThan(0.06);
});

test("what was not replicated when the other places went dark is told by number, size and age, and comes when they are back", () => {
  const { bed, read, put } = bedWithReplica();
  put(500);
  for (const zone of homeZones) bed.losePower(zone);
  bed.runSeconds(100);
  const lacking = read("objects not yet replicated");
  expect(lacking).toBeGreaterThan(450);
  expect(read("not yet replicated")).toBe(lacking);
  expect(read("age of the oldest not replicated")).toBeCloseTo(101, 0);
  for (const zone of homeZones) bed.restorePower(zone);
  bed.runSeconds(2);
  expect(read("objects not yet replicated")).toBeLessThan(60);
  bed.runSeconds(2_000);
  expect([read("objects not yet replicated"), read("not yet replicated")]).toEqual([0, 0]);
  expect(read("age of the oldest not replicated")).toBe(0);
  expect([read("objects replicated"), read("replicated")]).toEqual([500, 500]);
});

test("replication that is late or stands still delays what comes, and nothing else", () => {
  const slow = (delayUs: number) => {
    const { bed, read, put } = bedWithReplica({ parameters: { replicationUsP50: 100_000 } });
    const { zones } = bed.fabric;
    for (const from of homeZones) {
      for (const to of ["d", "e", "f"])
        zones.delayReplication(bed.fabric.zone(from), bed.fabric.zone(to), delayUs);
    }
    put(100);
    bed.runSeconds(15);
    const early = read("objects replicated");
    bed.runSeconds(1_000);
    return [early > 40, read("objects replicated")];
  };
  expect(slow(0)).toEqual([true, 100]);
  expect(slow(60_000_000)).toEqual([false, 100]);
  expect(slow(Number.POSITIVE_INFINITY)).toEqual([false, 0]);
});

test("a bed that is continued from a snapshot replicates as it would have", () => {
  const whole = bedWithReplica();
  whole.put(500);
  const again = bedWithReplica();
  again.bed.kernel.restore(whole.bed.kernel.snapshot(), { random: "same" });
  for (const { bed } of [whole, again]) bed.runSeconds(1_000);
  expect(again.bed.kernel.digest()).toBe(whole.bed.kernel.digest());
  expect(again.read("objects replicated")).toBe(whole.read("objects replicated"));
});

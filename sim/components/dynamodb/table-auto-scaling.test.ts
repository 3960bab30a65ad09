import { expect, test } from "vitest";
import { type CloudWatch, createCloudWatch } from "../cloudwatch/cloudwatch.ts";
import { outcome } from "../fabric/outcome.ts";
import { TestBed } from "../fabric/test-bed.ts";
import { createDynamoDb, type DynamoDb } from "./dynamodb.ts";
import type { DynamoDbSpec } from "./dynamodb-spec.ts";

const provisioned: DynamoDbSpec = {
  service: "dynamodb",
  id: "table",
  zones: ["a", "b", "c"],
  mode: "provisioned",
  provisioned: { readUnits: 100, writeUnits: 20 },
  scaling: {
    targetPercent: 70,
    readUnitsMin: 50,
    readUnitsMax: 500,
    writeUnitsMin: 10,
    writeUnitsMax: 200,
    cloudwatch: "watch",
  },
};

function scaledBed() {
  const bed = new TestBed({
    factories: [
      {
        id: "table",
        create: (fabric, index) =>
          createDynamoDb(fabric, index, provisioned, { userCount: 1000, leaseCount: 1 }),
      },
      {
        id: "watch",
        create: (fabric, index) =>
          createCloudWatch(fabric, index, { id: "watch", service: "cloudwatch", alarms: [] }),
      },
    ],
    flows: ["read", "write"].map((operation) => ({
      name: operation,
      call: { to: "table", operation, timeoutMs: 1000 },
    })),
  });
  const table = bed.fabric.component("table") as DynamoDb;
  /** Writes at an even rate; the share of them that were throttled. */
  const write = (perSecond: number, seconds: number) => {
    const from = bed.answers.length;
    for (let at = 0; at < perSecond * seconds; at += 1) {
      bed.send("write", at);
      bed.runSeconds(1 / perSecond);
    }
    const answers = bed.answers.slice(from);
    return answers.filter(({ result }) => result === outcome.throttled).length / answers.length;
  };
  return { bed, table, write };
}

test("capacity follows two minutes above the target, some minutes late, and in proportion", () => {
  const { bed, table, write } = scaledBed();
  write(13, 600);
  expect(table.writeUnitsLimit).toBe(20);
  write(18, 120);
  expect(table.writeUnitsLimit).toBe(20);
  write(18, 420);
  const raised = bed.events("auto-scaling.capacity-raised")[0]!;
  const delaySeconds = raised.atUs / 1_000_000 - 720;
  // Two minutes of data, one or two of delivery, up to one of evaluation phase, from a minute already begun.
  expect(delaySeconds + 120).toBeGreaterThan(120);
  expect(delaySeconds + 120).toBeLessThan(330);
  expect(raised.value).toBeGreaterThanOrEqual(Math.ceil((18 / 70) * 100) - 1);
  const updated = bed.events("dynamodb.capacity-updated")[0]!;
  expect(updated.atUs - raised.atUs).toBe(60_000_000);
  expect(table.writeUnitsLimit).toBe(updated.value);
  expect(bed.causes(updated.seq)).toContain("cloudwatch.alarm-raised");
});

test("a spike is borne by five minutes of what was not used, and is throttled before capacity comes", () => {
  const { table, write } = scaledBed();
  write(1, 300);
  // 300 s of 20 units saved: at 100 a second they are gone after 75 s.
  expect(write(100, 70)).toBe(0);
  expect(write(100, 60)).toBeGreaterThan(0.5);
  expect(table.writeUnitsLimit).toBe(20);
  write(100, 900);
  // What was throttled is not consumed, so the table grows by steps of 100/70.
  expect(table.writeUnitsLimit).toBeGreaterThan(100);
  expect(write(100, 60)).toBeLessThan(0.01);
});

test("it takes capacity away after a quarter of an hour, down to its least, a few times a day", () => {
  const { bed, table, write } = scaledBed();
  write(1, 2400);
  expect(table.writeUnitsLimit).toBe(10);
  expect(bed.events("auto-scaling.capacity-lowered")[0]!.atUs).toBeGreaterThan(900_000_000);
  expect(bed.events("auto-scaling.capacity-lowered").length).toBeLessThanOrEqual(4);
});

test("it does nothing while CloudWatch is blind or its own control plane stands", () => {
  for (const impair of ["blind", "frozen"] as const) {
    const { bed, table, write } = scaledBed();
    if (impair === "blind") (bed.fabric.component("watch") as CloudWatch).setBlind(true);
    else table.setControlPlaneFrozen(true);
    write(19, 900);
    expect(table.writeUnitsLimit).toBe(20);
  }
});

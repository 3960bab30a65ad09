import { describe, expect, test } from "vitest";
import { type CloudWatch, createCloudWatch } from "../cloudwatch/cloudwatch.ts";
import { createEcsFargate, type EcsFargate } from "../ecs-fargate/ecs-fargate.ts";
import { TestBed } from "../fabric/test-bed.ts";
import { createApplicationAutoScaling } from "./application-auto-scaling.ts";

/** Four tasks of one vCPU that should be at 70 % CPU, between two and twelve tasks. */
function scaledBed(seed = "scaling") {
  const bed = new TestBed({
    seed,
    framesMax: 50_000,
    factories: [
      {
        id: "scaler",
        create: (fabric, index) =>
          createApplicationAutoScaling(fabric, index, {
            id: "scaler",
            service: "application-auto-scaling",
            targets: ["orders"],
            cloudwatch: "watch",
          }),
      },
      {
        id: "watch",
        create: (fabric, index) =>
          createCloudWatch(fabric, index, { id: "watch", service: "cloudwatch", alarms: [] }),
      },
      {
        id: "orders",
        create: (fabric, index) =>
          createEcsFargate(fabric, index, {
            id: "orders",
            service: "ecs-fargate",
            zones: ["a", "b"],
            taskCount: 4,
            vcpu: 1,
            memoryGb: 2,
            threadsMax: 1000,
            operations: [{ name: "place", cpuMs: 100 }],
            scaling: { targetCpuPercent: 70, taskCountMin: 2, taskCountMax: 12 },
          }),
      },
    ],
    flows: [{ name: "place", call: { to: "orders", operation: "place", timeoutMs: 5000 } }],
  });
  const orders = bed.fabric.component("orders") as EcsFargate;
  return { bed, orders, watch: bed.fabric.component("watch") as CloudWatch };
}

/** Load in vCPUs (ten requests a second each), sent evenly. */
function drive(bed: TestBed, options: { seconds: number; vcpus: number }): void {
  const gapSeconds = 0.1 / options.vcpus;
  const count = Math.round(options.seconds / gapSeconds);
  for (let data = 0; data < count; data += 1) {
    bed.send("place", data);
    bed.runSeconds(gapSeconds);
  }
}

test("CPU above the target for three minutes adds tasks in proportion, with alarm and decision as causes", () => {
  const { bed, orders } = scaledBed();
  drive(bed, { seconds: 400, vcpus: 2.4 });
  expect(orders.fleet.desiredCount).toBe(4);
  drive(bed, { seconds: 220, vcpus: 3.6 });
  expect(orders.fleet.desiredCount).toBe(4);
  drive(bed, { seconds: 260, vcpus: 3.6 });
  // 4 tasks at 90 % against 70 %.
  expect(orders.fleet.desiredCount).toBe(6);
  expect(orders.fleet.runningCount).toBe(6);
  const [running] = bed.events("ecs.task-running");
  expect(bed.causes(running!.seq)).toEqual([
    "cloudwatch.alarm-raised",
    "auto-scaling.scale-out-decided",
    "ecs.desired-count-changed",
    "ecs.task-launched",
    "ecs.task-running",
  ]);
});

test("tasks that are still starting are not added twice", () => {
  const { bed, orders } = scaledBed();
  drive(bed, { seconds: 1500, vcpus: 3.9 });
  // 4 at 97.5 % want 5.57.
  expect(orders.fleet.desiredCount).toBe(6);
});

test("it never goes beyond its bounds", () => {
  const { bed, orders } = scaledBed();
  orders.fleet.setDesiredCount(11, -1);
  drive(bed, { seconds: 300, vcpus: 2 });
  drive(bed, { seconds: 700, vcpus: 13 });
  expect(orders.fleet.desiredCount).toBe(12);
});

test("quiet takes a quarter of an hour to take tasks away, down to the least", () => {
  const { bed, orders } = scaledBed();
  drive(bed, { seconds: 900, vcpus: 0.5 });
  expect(orders.fleet.desiredCount).toBe(4);
  drive(bed, { seconds: 600, vcpus: 0.5 });
  expect(orders.fleet.desiredCount).toBe(2);
  expect(orders.fleet.runningCount).toBe(2);
});

describe("what stops it", () => {
  test("without data it does nothing", () => {
    const { bed, orders, watch } = scaledBed();
    bed.runSeconds(300);
    watch.setBlind(true);
    drive(bed, { seconds: 900, vcpus: 3.9 });
    expect(orders.fleet.desiredCount).toBe(4);
  });

  test("frozen, it decides nothing", () => {
    const { bed, orders } = scaledBed();
    bed.fabric.component("scaler").setControlPlaneFrozen!(true, -1);
    drive(bed, { seconds: 900, vcpus: 3.9 });
    expect(orders.fleet.desiredCount).toBe(4);
    bed.fabric.component("scaler").setControlPlaneFrozen!(false, -1);
    drive(bed, { seconds: 70, vcpus: 3.9 });
    expect(orders.fleet.desiredCount).toBe(6);
  });
});

test("losing a zone raises the CPU of the rest, which by itself scales nothing that is not above the target", () => {
  const { bed, orders } = scaledBed();
  drive(bed, { seconds: 400, vcpus: 1.2 });
  bed.losePower("b");
  drive(bed, { seconds: 600, vcpus: 1.2 });
  expect(orders.fleet.desiredCount).toBe(4);
  expect(bed.events("auto-scaling.scale-out-decided")).toEqual([]);
});

import { expect, test } from "vitest";
import { soundRelease } from "../fabric/component.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { TestBed } from "../fabric/test-bed.ts";
import { createEcsFargate, type EcsFargate } from "./ecs-fargate.ts";

function serviceBed() {
  const bed = new TestBed({
    seed: "deployment",
    factories: [
      {
        id: "orders",
        create: (fabric, index) =>
          createEcsFargate(fabric, index, {
            id: "orders",
            service: "ecs-fargate",
            zones: ["a", "b", "c"],
            taskCount: 3,
            vcpu: 2,
            memoryGb: 4,
            threadsMax: 10,
            operations: [{ name: "place", cpuMs: 10 }],
          }),
      },
    ],
    flows: [{ name: "place", call: { to: "orders", operation: "place", timeoutMs: 2000 } }],
  });
  return { bed, orders: bed.fabric.component("orders") as EcsFargate };
}

const ups = (bed: TestBed) =>
  bed.instances("orders").filter((each) => bed.fabric.instances.column.status[each] === status.up);

test("a release replaces every task, and there are never fewer that serve than wanted", () => {
  const { bed, orders } = serviceBed();
  const before = ups(bed);
  orders.deploy(soundRelease, -1);
  for (let second = 0; second < 600; second += 1) {
    bed.runSeconds(1);
    expect(ups(bed).length).toBeGreaterThanOrEqual(3);
  }
  expect(ups(bed)).toHaveLength(3);
  expect(bed.events("ecs.task-running")).toHaveLength(3);
  expect(bed.events("ecs.task-stopped")).toHaveLength(before.length);
  expect(bed.causes(bed.events("ecs.task-running")[0]!.seq)).toEqual([
    "ecs.deployment-began",
    "ecs.task-launched",
    "ecs.task-running",
  ]);
});

test("a slow release stretches all work until it is rolled back", () => {
  const { bed, orders } = serviceBed();
  const answerMs = () => {
    const sentUs = bed.kernel.nowUs;
    bed.send("place", bed.answers.length);
    bed.runSeconds(3);
    return (bed.answers.at(-1)!.atUs - sentUs) / 1000;
  };
  expect(answerMs()).toBe(30);
  orders.deploy({ slowFactor: 8 }, -1);
  bed.runSeconds(600);
  expect(answerMs()).toBe(20 + 8 * 10);
  orders.deploy(soundRelease, -1);
  bed.runSeconds(600);
  expect(answerMs()).toBe(30);
});

test("tasks of a crashing release die again and again, until it is rolled back", () => {
  const { bed, orders } = serviceBed();
  orders.deploy({ slowFactor: 1, crashAfterUs: 20_000_000 }, -1);
  bed.runSeconds(900);
  const crashes = bed.events("instance.failed-by-crash").length;
  expect(crashes).toBeGreaterThan(9);
  let without = 0;
  for (let second = 0; second < 300; second += 1) {
    bed.runSeconds(1);
    if (ups(bed).length === 0) without += 1;
  }
  expect(without).toBeGreaterThan(30);

  orders.deploy(soundRelease, -1);
  bed.runSeconds(300);
  const dead = bed.events("instance.failed-by-crash").length;
  bed.runSeconds(300);
  expect(bed.events("instance.failed-by-crash")).toHaveLength(dead);
  expect(ups(bed)).toHaveLength(3);
});

test("a frozen control plane neither deploys nor rolls back", () => {
  const { bed, orders } = serviceBed();
  orders.setControlPlaneFrozen(true);
  orders.deploy({ slowFactor: 8 }, -1);
  bed.runSeconds(300);
  expect(bed.events("ecs.task-launched")).toHaveLength(0);
});

test("a service that answers a share of its calls with errors does so at once, and to that share", () => {
  const { bed } = serviceBed();
  bed.fabric.calls.setErrorShare(bed.fabric.component("orders").index, 0.3);
  for (let data = 0; data < 400; data += 1) {
    bed.send("place", data);
    bed.runSeconds(0.05);
  }
  const failed = bed.answers.filter(({ result }) => result === outcome.unavailable);
  expect(failed.length / 400).toBeGreaterThan(0.25);
  expect(failed.length / 400).toBeLessThan(0.35);
  bed.fabric.calls.setErrorShare(bed.fabric.component("orders").index, 0);
  const before = bed.answers.length;
  for (let data = 0; data < 20; data += 1) {
    bed.send("place", data);
    bed.runSeconds(0.05);
  }
  expect(bed.answers.slice(before).map(({ result }) => result)).toEqual(
    Array.from({ length: 20 }, () => outcome.ok),
  );
});

import { describe, expect, test } from "vitest";
import { factNumber } from "../../facts/facts.ts";
import { valuesOf } from "../../facts/parameter.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createEcsFargate, type EcsFargate } from "./ecs-fargate.ts";
import type { EcsFargateSpec } from "./ecs-fargate-spec.ts";
import { TaskFleet } from "./task-fleet.ts";
import { taskFleetDefaults } from "./task-fleet-parameters.ts";

/** A service without a load balancer, called by clients directly. */
function serviceBed(overrides: Partial<EcsFargateSpec> = {}, seed = "ecs") {
  const spec: EcsFargateSpec = {
    id: "orders",
    service: "ecs-fargate",
    zones: ["a", "b", "c"],
    taskCount: 6,
    vcpu: 2,
    memoryGb: 4,
    threadsMax: 10,
    operations: [{ name: "place", cpuMs: 10 }],
    ...overrides,
  };
  const bed = new TestBed({
    seed,
    factories: [
      { id: "orders", create: (fabric, index) => createEcsFargate(fabric, index, spec) },
      plainService({ id: "slow", zones: ["a"], operations: { serve: 1_000_000 } }),
      plainService({ id: "slower", zones: ["a"], operations: { serve: 20_000_000 } }),
    ],
    flows: [
      { name: "place", call: { to: "orders", operation: "place", timeoutMs: 2000 } },
      {
        name: "slower",
        call: {
          to: "orders",
          operation: "place",
          timeoutMs: 30_000,
          calls: [{ to: "slower", timeoutMs: 30_000 }],
        },
      },
      {
        name: "slow",
        call: { to: "orders", operation: "place", timeoutMs: 5000, calls: [{ to: "slow" }] },
      },
    ],
  });
  return { bed, orders: bed.fabric.component("orders") as EcsFargate };
}

const ups = (bed: TestBed, zone?: string) =>
  bed
    .instances("orders", zone)
    .filter((each) => bed.fabric.instances.column.status[each] === status.up).length;

test("tasks are spread evenly over the zones and run when the run begins", () => {
  const { bed } = serviceBed({ taskCount: 7 });
  expect(["a", "b", "c"].map((zone) => ups(bed, zone))).toEqual([3, 2, 2]);
});

test("a task computes on as many requests as it has vCPUs, the next waits", () => {
  const { bed } = serviceBed({ taskCount: 1 });
  for (const data of [0, 1, 2]) bed.send("place", data);
  bed.runSeconds(1);
  expect(bed.answers.map((each) => each.atUs)).toEqual([30_000, 30_000, 40_000]);
});

test("a share of a vCPU works as much slower", () => {
  const { bed } = serviceBed({ taskCount: 1, vcpu: 0.5 });
  bed.send("place", 0);
  bed.runSeconds(1);
  expect(bed.answers[0]!.atUs).toBe(20_000 + 20_000);
});

test("a request beyond the last thread is refused, waiting ones included", () => {
  const { bed } = serviceBed({ taskCount: 1, threadsMax: 10 });
  for (let data = 0; data < 11; data += 1) bed.send("slow", data);
  bed.runSeconds(3);
  const results = bed.answers.map((each) => each.result);
  expect(results.filter((result) => result === outcome.unavailable).length).toBe(1);
  expect(results.filter((result) => result === outcome.ok).length).toBe(10);
});

describe("a task that crashes", () => {
  test("is seen by its agent's report within a look of the scheduler, and replaced after a start-up", () => {
    const { bed, orders } = serviceBed();
    bed.runSeconds(100);
    bed.fail(bed.instances("orders", "b")[0]!, "crash");
    bed.runSeconds(5.001);
    const [exited] = bed.events("ecs.task-exited");
    expect(exited!.atUs).toBeGreaterThan(100_000_000);
    expect(orders.fleet.runningCount).toBe(5);
    bed.runSeconds(600);
    expect(orders.fleet.runningCount).toBe(6);
    // The vacancy is in zone b, so that is where the replacement goes.
    expect(["a", "b", "c"].map((zone) => ups(bed, zone))).toEqual([2, 2, 2]);
    const [running] = bed.events("ecs.task-running");
    expect(bed.causes(running!.seq)).toEqual([
      "instance.failed-by-crash",
      "ecs.task-exited",
      "ecs.task-launched",
      "ecs.task-running",
    ]);
  });

  test("start-up times have the catalogue's median and 95th percentile", () => {
    const seconds: number[] = [];
    for (let seed = 0; seed < 40; seed += 1) {
      const { bed } = serviceBed({ taskCount: 9 }, `start-${seed}`);
      bed.runSeconds(10);
      for (const task of bed.instances("orders")) bed.fail(task, "crash");
      bed.runSeconds(900);
      const launched = bed.events("ecs.task-launched");
      for (const running of bed.events("ecs.task-running")) {
        const launch = launched.find((each) => each.seq === running.causeSeq)!;
        seconds.push((running.atUs - launch.atUs) / 1_000_000);
      }
    }
    seconds.sort((a, b) => a - b);
    expect(seconds.length).toBe(360);
    const p50 = seconds[Math.floor(seconds.length * 0.5)]!;
    const p95 = seconds[Math.floor(seconds.length * 0.95)]!;
    expect(p50 / factNumber("fargate.task.start-time-s", 0)).toBeGreaterThan(0.88);
    expect(p50 / factNumber("fargate.task.start-time-s", 0)).toBeLessThan(1.12);
    expect(p95 / factNumber("fargate.task.start-time-s", 1)).toBeGreaterThan(0.8);
    expect(p95 / factNumber("fargate.task.start-time-s", 1)).toBeLessThan(1.25);
  });
});

describe("a task that hangs", () => {
  test("is found by its container's health check after three checks of 30 s that time out after 5 s", () => {
    const { bed, orders } = serviceBed();
    bed.runSeconds(100);
    bed.fail(bed.instances("orders", "a")[0]!, "hang");
    bed.runSeconds(64.9);
    expect(bed.events("ecs.container-unhealthy")).toEqual([]);
    bed.runSeconds(30.2);
    expect(bed.events("ecs.container-unhealthy").length).toBe(1);
    bed.runSeconds(600);
    expect(orders.fleet.runningCount).toBe(6);
    expect(ups(bed)).toBe(6);
  });

  test("stays for ever when containers do not check themselves", () => {
    const { bed, orders } = serviceBed({ containerHealthCheck: false });
    bed.fail(bed.instances("orders", "a")[0]!, "hang");
    bed.runSeconds(3600);
    expect(ups(bed)).toBe(5);
    expect(orders.fleet.runningCount).toBe(6);
  });
});

describe("a zone that loses power", () => {
  test("its tasks are called lost after a minute of silence, not before", () => {
    const { bed } = serviceBed();
    bed.runSeconds(100);
    bed.losePower("c");
    bed.runSeconds(59.9);
    expect(bed.events("ecs.task-lost")).toEqual([]);
    bed.runSeconds(10.2);
    const lost = bed.events("ecs.task-lost");
    expect(lost.length).toBe(2);
    expect(bed.causes(lost[0]!.seq)).toEqual([
      "zone.power-lost",
      "instance.failed-by-power",
      "ecs.task-lost",
    ]);
  });

  test("the first replacements are wasted on the dark zone, the next go to the others", () => {
    const { bed, orders } = serviceBed();
    bed.runSeconds(100);
    bed.losePower("c");
    bed.runSeconds(600);
    expect(bed.events("ecs.placement-failed").length).toBeGreaterThanOrEqual(2);
    expect(["a", "b", "c"].map((zone) => ups(bed, zone))).toEqual([3, 3, 0]);
    expect(orders.fleet.runningCount).toBe(6);
    const running = bed.events("ecs.task-running");
    expect(bed.causes(running[0]!.seq)).toEqual([
      "zone.power-lost",
      "instance.failed-by-power",
      "ecs.task-lost",
      "ecs.task-launched",
      "ecs.placement-failed",
      "ecs.task-launched",
      "ecs.task-running",
    ]);
  });

  test("its tasks do not come back with the power, and the fleet moves back into it by and by", () => {
    const { bed, orders } = serviceBed();
    bed.runSeconds(100);
    bed.losePower("c");
    bed.runSeconds(400);
    bed.restorePower("c");
    bed.runSeconds(1);
    expect(ups(bed, "c")).toBe(0);
    bed.runSeconds(1800);
    expect(["a", "b", "c"].map((zone) => ups(bed, zone))).toEqual([2, 2, 2]);
    expect(orders.fleet.runningCount).toBe(6);
  });

  test("a blip too short to be noticed as silence still ends the tasks: they are reported ended", () => {
    const { bed, orders } = serviceBed();
    bed.runSeconds(100);
    bed.losePower("c");
    bed.runSeconds(10);
    bed.restorePower("c");
    bed.runSeconds(5.1);
    expect(bed.events("ecs.task-lost")).toEqual([]);
    expect(bed.events("ecs.task-exited").length).toBe(2);
    bed.runSeconds(600);
    expect(orders.fleet.runningCount).toBe(6);
  });
});

test("tasks of a cut-off zone go on running, are replaced, and are stopped when the zone is back", () => {
  const { bed, orders } = serviceBed();
  bed.runSeconds(100);
  bed.isolate("a", true);
  bed.runSeconds(400);
  expect(ups(bed, "a")).toBe(2);
  expect(ups(bed, "b") + ups(bed, "c")).toBe(6);
  expect(orders.fleet.runningCount).toBe(6);
  bed.isolate("a", false);
  bed.runSeconds(5.1);
  expect(ups(bed, "a")).toBe(0);
});

test("a frozen control plane neither notices nor replaces, and makes up for it when it is freed", () => {
  const { bed, orders } = serviceBed();
  bed.runSeconds(100);
  orders.setControlPlaneFrozen(true);
  bed.fail(bed.instances("orders", "a")[0]!, "crash");
  bed.runSeconds(1000);
  expect(bed.events("ecs.task-launched")).toEqual([]);
  expect(ups(bed)).toBe(5);
  orders.setControlPlaneFrozen(false);
  bed.runSeconds(300);
  expect(ups(bed)).toBe(6);
});

test("without capacity in a zone, launches fail there and go elsewhere", () => {
  const { bed, orders } = serviceBed();
  bed.runSeconds(100);
  orders.fleet.setCapacity(bed.fabric.zone("b"), false);
  bed.fail(bed.instances("orders", "b")[0]!, "crash");
  bed.runSeconds(290);
  expect(bed.events("ecs.placement-failed").length).toBe(1);
  expect(ups(bed, "b")).toBe(1);
  expect(ups(bed, "a") + ups(bed, "c")).toBe(5);
});

test("among equally empty zones a replacement goes to each as often, wherever the topology lists it", () => {
  const counts = { a: 0, b: 0, c: 0 };
  const seeds = 300;
  for (let seed = 0; seed < seeds; seed += 1) {
    const { bed } = serviceBed({ taskCount: 1 }, `tie-${seed}`);
    bed.runSeconds(1);
    bed.fail(bed.instances("orders")[0]!, "crash");
    bed.runSeconds(300);
    const [launched] = bed.events("ecs.task-launched");
    counts[["a", "b", "c"][launched!.zone - 1] as "a" | "b" | "c"] += 1;
  }
  // Binomial with p = 1/3 over 300: four standard deviations either side of 100.
  for (const count of Object.values(counts)) expect(Math.abs(count - seeds / 3)).toBeLessThan(33);
});

describe("a fleet of one that stops first", () => {
  function fleetOfOne() {
    const told: string[] = [];
    const bed = new TestBed({
      factories: [
        {
          id: "engine",
          create(fabric, index) {
            const fleet = new TaskFleet(
              fabric,
              {
                id: "engine",
                component: index,
                zones: [fabric.zone("a"), fabric.zone("b")],
                taskCount: 1,
                tasksMax: 8,
                vcpu: 1,
                insideMax: 10,
                containerHealthCheck: true,
                replacement: "stop-first",
                rebalancing: false,
                values: valuesOf(taskFleetDefaults),
              },
              {
                onRunning: () => told.push("running"),
                onLost: () => told.push("lost"),
                onStopping: () => {
                  told.push("stopping");
                  return false;
                },
                onEnded: () => told.push("ended"),
              },
            );
            return {
              ...plainService({ id: "engine", zones: [] }).create(fabric, index),
              powerRestored: (instance, seq) => fleet.powerRestored(instance, seq),
              start: () => fleet.start(),
            };
          },
        },
      ],
    });
    return { bed, told };
  }

  test("ends a hung task before it launches another", () => {
    const { bed, told } = fleetOfOne();
    bed.runSeconds(50);
    bed.fail(bed.instances("engine")[0]!, "hang");
    bed.runSeconds(400);
    expect(told).toEqual(["running", "stopping", "ended", "running"]);
    const [launched] = bed.events("ecs.task-launched");
    const [stopped] = bed.events("ecs.task-stopped");
    expect(launched!.atUs).toBeGreaterThanOrEqual(stopped!.atUs);
  });

  test("replaces a task of which nothing is heard, and ends it when its zone is back", () => {
    const { bed, told } = fleetOfOne();
    bed.runSeconds(50);
    bed.isolate("a", true);
    bed.runSeconds(20);
    expect(told).toEqual(["running"]);
    bed.isolate("a", false);
    bed.runSeconds(20);
    // Twenty seconds of silence are forgotten once it is heard of.
    bed.isolate("a", true);
    bed.runSeconds(400);
    expect(told).toEqual(["running", "lost", "running"]);
    bed.isolate("a", false);
    bed.runSeconds(6);
    expect(told).toEqual(["running", "lost", "running", "ended"]);
  });
});

describe("scaling", () => {
  test("launches at the rate of the service scheduler, 500 a minute", () => {
    const { bed, orders } = serviceBed({
      scaling: { targetCpuPercent: 70, taskCountMin: 1, taskCountMax: 130 },
    });
    bed.runSeconds(10);
    orders.fleet.setDesiredCount(126, -1);
    bed.runSeconds(5.1);
    // The bucket holds a second's worth of launches, so a look takes eight, and the refill allows 41 a look.
    expect(bed.events("ecs.task-launched").length).toBeLessThanOrEqual(9);
    bed.runSeconds(60);
    const launched = bed.events("ecs.task-launched").length;
    expect(launched).toBeGreaterThan(90);
    expect(launched).toBeLessThanOrEqual(120);
  });

  test("scale-in takes from the fullest zone and lets requests inside finish", () => {
    const { bed, orders } = serviceBed({ taskCount: 7 });
    bed.runSeconds(10);
    for (let data = 0; data < 40; data += 1) bed.send("slower", data);
    bed.runSeconds(0.1);
    orders.fleet.setDesiredCount(3, -1);
    bed.runSeconds(120);
    expect(["a", "b", "c"].map((zone) => ups(bed, zone))).toEqual([1, 1, 1]);
    const refused = bed.answers.filter((each) => each.result === outcome.connectionRefused);
    expect(refused).toEqual([]);
  });
});

test("CPU utilisation is what the reporting tasks use of what they reserved; silence is left out", () => {
  const { bed } = serviceBed({ taskCount: 3, operations: [{ name: "place", cpuMs: 100 }] });
  const { metrics } = bed.fabric;
  const cpu = metrics.sources[metrics.find(0, "CPUUtilization")]!;
  for (let second = 0; second < 60; second += 1) {
    for (let each = 0; each < 12; each += 1) bed.send("place", second * 12 + each);
    bed.runSeconds(1);
  }
  // 12 requests of 0.1 vCPU-seconds each second on 6 vCPUs.
  expect(cpu.sample()).toBeCloseTo(20, 0);
  bed.losePower("a");
  bed.losePower("b");
  bed.losePower("c");
  bed.runSeconds(60);
  expect(cpu.sample()).toBeNaN();
});

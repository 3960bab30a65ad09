import { describe, expect, test } from "vitest";
import { type CloudWatch, createCloudWatch } from "../cloudwatch/cloudwatch.ts";
import { createEcsFargate, type EcsFargate } from "../ecs-fargate/ecs-fargate.ts";
import { TestBed } from "../fabric/test-bed.ts";
import {
  type ApplicationAutoScaling,
  createApplicationAutoScaling,
} from "./application-auto-scaling.ts";
import type { AutoScalingSpec, PredictivePolicy } from "./application-auto-scaling-spec.ts";
import { forecastLoad } from "./forecast.ts";

/** Four tasks of one vCPU that should be at 70 % CPU, between two and twelve tasks. */
function scaledBed(seed = "scaling", policies: Partial<AutoScalingSpec> = {}) {
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
            ...policies,
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

test("tasks that people add ahead of their users are taken away again, unless the minimum is raised with them", () => {
  const unguarded = scaledBed();
  drive(unguarded.bed, { seconds: 1300, vcpus: 0.5 });
  unguarded.orders.fleet.setDesiredCount(9, -1);
  drive(unguarded.bed, { seconds: 700, vcpus: 0.5 });
  expect(unguarded.orders.fleet.desiredCount).toBe(2);

  const { bed, orders } = scaledBed();
  drive(bed, { seconds: 1300, vcpus: 0.5 });
  const scaler = bed.fabric.component("scaler") as ApplicationAutoScaling;
  expect(scaler.raiseMinimum("orders", 9, -1)).toBe(true);
  expect(orders.fleet.desiredCount).toBe(9);
  drive(bed, { seconds: 700, vcpus: 0.5 });
  expect(orders.fleet.desiredCount).toBe(9);
  expect(scaler.raiseMinimum("strangers", 9, -1)).toBe(false);
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

describe("ahead of time", () => {
  /** Two days of one vCPU, and five in the hour after the one in which the run begins. */
  const history = Array.from({ length: 48 }, (_, hour) => (hour % 24 === 1 ? 5 : 1));
  const policy = (changes: Partial<PredictivePolicy> = {}): Partial<AutoScalingSpec> => ({
    predictive: [
      {
        target: "orders",
        historyVcpus: history,
        beginsAtMinute: 50,
        mode: "forecast-and-scale",
        ...changes,
      },
    ],
  });

  test("tasks for an hour that was busy on past days run five minutes before it begins", () => {
    const { bed, orders } = scaledBed("scaling", policy());
    bed.runSeconds(299);
    expect(orders.fleet.desiredCount).toBe(4);
    bed.runSeconds(121);
    // Five vCPUs at 70 % of one each.
    expect(orders.fleet.desiredCount).toBe(8);
    expect(orders.fleet.runningCount).toBe(8);
    const [running] = bed.events("ecs.task-running");
    expect(bed.causes(running!.seq).slice(0, 2)).toEqual([
      "auto-scaling.forecast",
      "auto-scaling.scale-out-decided",
    ]);
  });

  test("it takes nothing away by itself: target tracking does, once the forecast is lower", () => {
    const { bed, orders } = scaledBed("scaling", policy());
    drive(bed, { seconds: 600 + 3590, vcpus: 0.5 });
    expect(orders.fleet.desiredCount).toBe(8);
    drive(bed, { seconds: 400, vcpus: 0.5 });
    expect(orders.fleet.desiredCount).toBe(2);
  });

  test("with a history of less than a day there is no forecast, and that is told", () => {
    const { bed, orders } = scaledBed("scaling", policy({ historyVcpus: history.slice(-23) }));
    bed.runSeconds(900);
    expect(orders.fleet.desiredCount).toBe(4);
    expect(bed.events("auto-scaling.forecast-refused")).toMatchObject([{ value: 23 }]);
    const full = scaledBed("scaling", policy({ historyVcpus: history.slice(-24) }));
    full.bed.runSeconds(900);
    expect(full.orders.fleet.desiredCount).toBe(8);
  });

  test("in forecast-only mode, and while its control plane is frozen, it changes nothing", () => {
    const idle = scaledBed("scaling", policy({ mode: "forecast-only" }));
    idle.bed.runSeconds(900);
    expect(idle.bed.events("auto-scaling.forecast").map(({ value }) => value)).toContain(8);
    expect(idle.orders.fleet.desiredCount).toBe(4);
    const frozen = scaledBed("scaling", policy());
    frozen.bed.fabric.component("scaler").setControlPlaneFrozen!(true, -1);
    frozen.bed.runSeconds(900);
    expect(frozen.orders.fleet.desiredCount).toBe(4);
  });

  test("a forecast beyond the most that may run is met as far as that", () => {
    const busy = history.map((vcpus) => vcpus * 10);
    const { bed, orders } = scaledBed("scaling", policy({ historyVcpus: busy }));
    bed.runSeconds(900);
    expect(orders.fleet.desiredCount).toBe(12);
  });

  test("the forecast of an hour is the mean of the same hour of past days", () => {
    const twoDays = Array.from({ length: 48 }, (_, hour) => hour);
    expect(forecastLoad(twoDays, 0, 24)).toBe((24 + 0) / 2);
    expect(forecastLoad(twoDays, 5, 24)).toBe((29 + 5) / 2);
    expect(forecastLoad(twoDays, 30, 24)).toBe((30 + 6) / 2);
    expect(forecastLoad(twoDays.slice(0, 23), 0, 24)).toBeUndefined();
  });

  test("a schedule raises the least at its instant and lets it down again at another", () => {
    const action = { target: "orders", taskCountMax: 12 };
    const { bed, orders } = scaledBed("scaling", {
      scheduled: [
        { ...action, id: "open", atSeconds: 60, taskCountMin: 10 },
        { ...action, id: "close", atSeconds: 1200, taskCountMin: 3, taskCountMax: 3 },
      ],
    });
    bed.runSeconds(61);
    expect(orders.fleet.desiredCount).toBe(10);
    drive(bed, { seconds: 1100, vcpus: 0.5 });
    expect(orders.fleet.desiredCount).toBe(10);
    bed.runSeconds(60);
    expect(orders.fleet.desiredCount).toBe(3);
  });

  test("a schedule beyond what the service may have, and a policy for no target, are mistakes, told together", () => {
    const action = { id: "open", atSeconds: 1, taskCountMin: 5 };
    expect(() =>
      scaledBed("scaling", {
        scheduled: [{ ...action, target: "orders", taskCountMax: 13 }],
        ...policy({ target: "nobody" }),
      }),
    ).toThrow("2 mistakes");
  });
});

describe("by steps", () => {
  const steps: Partial<AutoScalingSpec> = {
    steps: [
      {
        target: "orders",
        alarm: {
          id: "orders-busy",
          component: "orders",
          metric: "CPUUtilization",
          comparison: ">",
          threshold: 40,
          periods: 1,
        },
        adjustments: [
          { from: 0, addTasks: 1 },
          { from: 20, addTasks: 3 },
        ],
      },
    ],
  };

  test("the step that the metric's distance reaches is taken, and the next after the cooldown", () => {
    const little = scaledBed("scaling", steps);
    drive(little.bed, { seconds: 230, vcpus: 2 });
    expect(little.orders.fleet.desiredCount).toBe(5);
    const much = scaledBed("scaling", steps);
    drive(much.bed, { seconds: 230, vcpus: 2.6 });
    expect(much.orders.fleet.desiredCount).toBe(7);
    const [decided] = much.bed.events("auto-scaling.scale-out-decided");
    expect(much.bed.causes(decided!.seq)[0]).toBe("cloudwatch.alarm-raised");
    drive(little.bed, { seconds: 200, vcpus: 3 });
    expect(little.orders.fleet.desiredCount).toBe(5);
    drive(little.bed, { seconds: 200, vcpus: 3 });
    expect(little.orders.fleet.desiredCount).toBeGreaterThan(5);
  });
});

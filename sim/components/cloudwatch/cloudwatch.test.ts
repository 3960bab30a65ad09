import { describe, expect, test } from "vitest";
import type { TwinError } from "../../errors/twin-error.ts";
import { createEcsFargate } from "../ecs-fargate/ecs-fargate.ts";
import type { ComponentFactory } from "../fabric/assemble.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { type CloudWatch, createCloudWatch } from "./cloudwatch.ts";
import type { AlarmSpec } from "./cloudwatch-spec.ts";
import { alarmState } from "./judge-alarm.ts";

const highLoad: AlarmSpec = {
  id: "load-high",
  component: "meter",
  metric: "Load",
  comparison: ">",
  threshold: 70,
  periods: 3,
};

/** A service whose metric is whatever the test says. */
function meterBed(alarms: readonly AlarmSpec[] = [highLoad], seed = "cloudwatch") {
  const load = { value: 0 };
  const changes: number[][] = [];
  const meter: ComponentFactory = {
    id: "meter",
    create(fabric, index) {
      fabric.metrics.add({
        namespace: "Test",
        name: "Load",
        component: index,
        unit: "Percent",
        sample: () => load.value,
      });
      const base = plainService({ id: "meter", zones: ["a"] }).create(fabric, index);
      const changed = fabric.kernel.handler("meter.alarm-changed", (alarm, state, seq) => {
        changes.push([alarm, state, seq, fabric.kernel.nowUs]);
      });
      return {
        ...base,
        start() {
          // Comes after CloudWatch in the list, so its alarms are in force.
          (fabric.component("watch") as CloudWatch).subscribe(0, changed);
        },
      };
    },
  };
  const bed = new TestBed({
    seed,
    factories: [
      {
        id: "watch",
        create: (fabric, index) =>
          createCloudWatch(fabric, index, { id: "watch", service: "cloudwatch", alarms }),
      },
      meter,
    ],
  });
  return { bed, load, changes, watch: bed.fabric.component("watch") as CloudWatch };
}

test("a 3-of-3 alarm comes four to five and a half minutes after the load, as the catalogue has it", () => {
  const delays: number[] = [];
  for (let seed = 0; seed < 60; seed += 1) {
    const { bed, load } = meterBed([highLoad], `alarm-${seed}`);
    bed.runSeconds(1200);
    load.value = 90;
    bed.runSeconds(600);
    const [raised] = bed.events("cloudwatch.alarm-raised");
    delays.push(raised!.atUs / 1_000_000 - 1200);
  }
  // Three minutes of data, one or two of delivery, up to one of evaluation phase.
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(240);
  expect(Math.max(...delays)).toBeLessThanOrEqual(360);
  const mean = delays.reduce((sum, each) => sum + each, 0) / delays.length;
  expect(mean).toBeGreaterThan(270);
  expect(mean).toBeLessThan(330);
});

test("two minutes of load raise nothing", () => {
  const { bed, load } = meterBed();
  bed.runSeconds(1190);
  load.value = 90;
  bed.runSeconds(120);
  load.value = 10;
  bed.runSeconds(600);
  expect(bed.events("cloudwatch.alarm-raised")).toEqual([]);
});

test("a change of state runs the subscribers' handler with the event that tells it, and only a change", () => {
  const { bed, load, changes } = meterBed();
  bed.runSeconds(1200);
  expect(changes.map((each) => each[1])).toEqual([alarmState.ok]);
  load.value = 90;
  bed.runSeconds(1200);
  load.value = 10;
  bed.runSeconds(1200);
  expect(changes.map((each) => each[1])).toEqual([alarmState.ok, alarmState.alarm, alarmState.ok]);
  const [raised] = bed.events("cloudwatch.alarm-raised");
  const [cleared] = bed.events("cloudwatch.alarm-cleared");
  expect(raised!.value).toBe(90);
  expect(changes[1]![2]).toBe(raised!.seq);
  expect(cleared!.causeSeq).toBe(raised!.seq);
});

/** A service of one task whose CPU CloudWatch shows; requests take 100 ms of its two vCPUs. */
function taskBed() {
  const zones = ["a", "b", "c"];
  const bed = new TestBed({
    factories: [
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
            zones,
            taskCount: 1,
            vcpu: 2,
            memoryGb: 4,
            threadsMax: 100,
            operations: [{ name: "place", cpuMs: 100 }],
          }),
      },
    ],
    flows: [{ name: "place", call: { to: "orders", operation: "place", timeoutMs: 5000 } }],
  });
  const watch = bed.fabric.component("watch") as CloudWatch;
  const shown = (name: string) =>
    watch.published[watch.publishedMetrics.findIndex((each) => each.name === name)]!;
  /** Sends ten requests a second: half of the task's CPU. */
  const load = (seconds: number) => {
    for (let each = 0; each < seconds * 10; each += 1) {
      bed.send("place", each);
      bed.runSeconds(0.1);
    }
  };
  return { bed, load, shown };
}

describe("what a minute shows", () => {
  test("a load of half the CPU for half of a minute shows as a quarter, whichever half it was", () => {
    const { bed, load, shown } = taskBed();
    load(30);
    bed.runSeconds(30);
    expect(shown("CPUUtilization")).toBeCloseTo(25, 0);
    bed.runSeconds(30);
    load(30);
    expect(shown("CPUUtilization")).toBeCloseTo(25, 0);
    bed.runSeconds(60);
    expect(shown("CPUUtilization")).toBeLessThan(0.1);
  });

  test("a task that died in the middle of the minute still shows what it had used until then", () => {
    const { bed, load, shown } = taskBed();
    bed.fabric.component("orders").setControlPlaneFrozen?.(true, -1);
    load(30);
    bed.fail(bed.instances("orders")[0]!, "crash");
    bed.runSeconds(30);
    expect(shown("CPUUtilization")).toBeCloseTo(50, 0);
  });

  test("a level is the mean of its readings, or the greatest of them where that is its statistic", () => {
    const level = { value: 0 };
    const bed = new TestBed({
      factories: [
        {
          id: "watch",
          create: (fabric, index) =>
            createCloudWatch(fabric, index, { id: "watch", service: "cloudwatch", alarms: [] }),
        },
        {
          id: "meter",
          create(fabric, index) {
            for (const statistic of ["Average", "Maximum"]) {
              fabric.metrics.add({
                namespace: "Test",
                name: "Depth",
                statistic,
                component: index,
                unit: "Count",
                isLevel: true,
                sample: () => level.value,
              });
            }
            return plainService({ id: "meter", zones: ["a"] }).create(fabric, index);
          },
        },
      ],
    });
    const { published } = bed.fabric.component("watch") as CloudWatch;
    level.value = 90;
    bed.runSeconds(15);
    level.value = Number.NaN;
    bed.runSeconds(15);
    level.value = 0;
    bed.runSeconds(30);
    expect([...published]).toEqual([30, 90]);
  });
});

describe("when CloudWatch itself is hit", () => {
  test("blind, it raises nothing however high the load, and says that data are missing", () => {
    const { bed, load, watch } = meterBed();
    bed.runSeconds(1200);
    watch.setBlind(true);
    load.value = 90;
    bed.runSeconds(1200);
    expect(bed.events("cloudwatch.alarm-raised")).toEqual([]);
    expect(watch.stateOf(0)).toBe(alarmState.insufficientData);
    expect(watch.latestReadable(0)).toBeNaN();
    watch.setBlind(false);
    bed.runSeconds(600);
    expect(watch.stateOf(0)).toBe(alarmState.alarm);
  });

  test("with data that are breaching when missing, blindness raises the alarm", () => {
    const { bed, watch } = meterBed([{ ...highLoad, missingData: "breaching" }]);
    bed.runSeconds(1200);
    watch.setBlind(true);
    bed.runSeconds(600);
    expect(watch.stateOf(0)).toBe(alarmState.alarm);
  });

  test("late, it raises the alarm as much later, and more where what is late falls out of its range", () => {
    const raisedAt = (extraSeconds: number) => {
      const { bed, load, watch } = meterBed([{ ...highLoad, missingData: "ignore" }]);
      bed.runSeconds(1200);
      watch.setExtraLag(extraSeconds * 1_000_000);
      load.value = 90;
      bed.runSeconds(2400);
      return bed.events("cloudwatch.alarm-raised")[0]!.atUs / 1_000_000;
    };
    expect(raisedAt(60) - raisedAt(0)).toBeGreaterThanOrEqual(60);
    expect(raisedAt(60) - raisedAt(0)).toBeLessThanOrEqual(240);
  });
});

test("an alarm on what isn't there is a mistake that names what is", () => {
  const alarms = [
    { ...highLoad, id: "one", component: "metre" },
    { ...highLoad, id: "two", metric: "CPUUtilization" },
    { ...highLoad, id: "three", periods: 40 },
  ];
  let thrown: unknown;
  try {
    meterBed(alarms);
  } catch (error) {
    thrown = error;
  }
  expect((thrown as TwinError).mistakes.map((each) => each.code)).toEqual([
    "cloudwatch.component-unknown",
    "cloudwatch.metric-unknown",
    "cloudwatch.periods-out-of-range",
  ]);
  expect((thrown as TwinError).mistakes[1]!.remedy).toBe("Use one of Load");
});

import { describe, expect, test } from "vitest";
import type { TwinError } from "../../errors/twin-error.ts";
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

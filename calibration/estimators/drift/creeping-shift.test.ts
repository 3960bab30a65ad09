import { expect, test } from "vitest";
import { Stream } from "../../../sim/kernel/random/stream.ts";
import { creepingShift } from "./creeping-shift.ts";
import { detectDrift } from "./detect-drift.ts";

const options = { window: 21, effectMin: 0.2 };

function heardIn(values: Float64Array) {
  const { alarms } = detectDrift(values, { baseline: 40, pointsPer90Days: 90, seed: "creep" });
  return alarms;
}

function days(level: (day: number) => number, seed: string): Float64Array {
  const draw = new Stream(seed, "creep");
  return Float64Array.from({ length: 120 }, (_, day) => level(day) * (1 + 0.02 * draw.normal()));
}

test("a ramp that is heard in small pieces only is told as a whole", () => {
  const values = days((day) => 50 * (1 + (0.5 * day) / 120), "ramp");
  const heard = heardIn(values);
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.every(({ size }) => Math.abs(size) < 0.15)).toBe(true);
  const shift = creepingShift(values, heard, options);
  expect(shift).toMatchObject({ direction: "up", before: heard[0]!.before });
  // From the middle of the baseline to that of the last three weeks: 58.6 to 72.8 or so.
  expect(shift!.size).toBeGreaterThan(0.2);
  expect(shift!.size).toBeLessThan(0.4);
  expect(shift!.alarmAt).toBeGreaterThan(shift!.onsetAt);
  expect(shift!.alarmAt).toBeLessThan(values.length - 1);
});

test("a ramp down is told as well", () => {
  const values = days((day) => 50 * (1 - (0.4 * day) / 120), "down");
  expect(creepingShift(values, heardIn(values), options)).toMatchObject({ direction: "down" });
});

test("a hill that is over at the end is no shift, and neither is a level with chance", () => {
  const hill = days((day) => 50 * (1 + 0.14 * Math.max(0, 1 - Math.abs(day - 75) / 25)), "hill");
  const heard = [
    { alarmAt: 70, onsetAt: 60, direction: "up", before: 50, after: 56, size: 0.12 },
  ] as const;
  expect(creepingShift(hill, heard, options)).toBeUndefined();
  const flat = days(() => 50, "flat");
  expect(creepingShift(flat, heardIn(flat), options)).toBeUndefined();
  expect(creepingShift(flat, heard, options)).toBeUndefined();
});

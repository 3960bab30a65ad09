import { expect, test } from "vitest";
import { shiftedDayHours } from "./shifted-day.ts";

/** Counts by hour that peak at 14 h, from the hour that is skipped on so many hours earlier. */
function days(count: number, skipAt: number, skipped: number): Float64Array {
  return Float64Array.from({ length: count * 24 }, (_, hour) => {
    const clock = hour + (hour >= skipAt ? skipped : 0);
    return Math.round(500 + 300 * Math.cos(((clock - 14) / 12) * Math.PI) + ((hour * 37) % 23));
  });
}

const data = (counts: Float64Array) => ({ binSeconds: 3600, phaseSeconds: 0, counts });

test("hours that are missing are told by the day that stands earlier from there on", () => {
  expect(shiftedDayHours(data(days(20, 14 * 24, 10)), 14 * 24)).toBe(-10);
  expect(shiftedDayHours(data(days(20, 14 * 24, 18)), 14 * 24)).toBe(6);
});

test("a day that stays where it was, or is the same at every hour, is not shifted", () => {
  expect(shiftedDayHours(data(days(20, 0, 0)), 14 * 24)).toBeUndefined();
  expect(shiftedDayHours(data(new Float64Array(480).fill(7)), 336)).toBeUndefined();
  expect(shiftedDayHours(data(days(4, 48, 10)), 48)).toBeUndefined();
});

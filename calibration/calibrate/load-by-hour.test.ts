import { expect, test } from "vitest";
import { Stream } from "../../sim/kernel/random/stream.ts";
import { hourlyLoadChanges, loadByHour } from "./load-by-hour.ts";
import type { Observations } from "./observations.ts";

const day = 86_400;

/** Counts every five minutes from 14:30 on a Monday; the rate of an hour is its number plus five. */
function observed(days: number, rateAt: (hour: number) => number): Observations {
  const startMs = Date.UTC(2026, 2, 2, 14, 30);
  const draw = new Stream("hours", "test");
  const counts = Float64Array.from({ length: (days * day) / 300 }, (_, i) => {
    const hour = Math.floor((startMs / 1000 + i * 300) / 3600) % 24;
    return Math.round(300 * rateAt(hour) * (1 + 0.02 * draw.normal()));
  });
  return {
    startMs,
    periodSeconds: 300,
    periods: counts.length,
    of: (component, role) => (component === "api" && role === "requests" ? counts : undefined),
  };
}

test("rates stand at the hour of the clock, wherever the export begins", () => {
  const found = loadByHour(
    observed(6, (hour) => hour + 5),
    "api",
    0.3,
  )!;
  expect(found.profile).toBe("time-of-day");
  for (const [hour, rate] of found.ratesPerSecond.entries())
    expect(rate / (hour + 5)).toBeCloseTo(1, 1);
  const changes = hourlyLoadChanges(found, 10);
  expect(changes).toHaveLength(24);
  expect(changes[7]).toMatchObject({ atSeconds: 7 * 3600, durationSeconds: 3600 });
  expect((changes[7] as { factor: number }).factor).toBeCloseTo(1.2, 1);
});

test("one rate for all hours, or less than two days, has no hours to tell", () => {
  expect(
    loadByHour(
      observed(6, () => 20),
      "api",
      0.3,
    ),
  ).toBeUndefined();
  expect(
    loadByHour(
      observed(1, (hour) => hour + 5),
      "api",
      0.3,
    ),
  ).toBeUndefined();
});

import { expect, test } from "vitest";
import { createSeries, seriesFindings } from "./series.ts";

const startMs = Date.UTC(2026, 9, 25);
const minuteMs = 60_000;

function told(minutes: readonly number[]): string {
  const series = createSeries(
    {
      id: "RequestCount",
      component: "",
      metric: "RequestCount",
      stat: "Sum",
      unit: "",
      missingMeans: "unknown",
    },
    {
      timesMs: minutes.map((minute) => startMs + minute * minuteMs),
      values: minutes.map((_, at) => 300 + (at % 7)),
    },
    "week.csv",
  );
  return seriesFindings(series, "week.csv")
    .map(({ what }) => what)
    .join("\n");
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

test("an hour that comes twice is a clock that was set back, and what is dropped is said", () => {
  expect(told([...range(0, 180), ...range(120, 300)])).toContain(
    "the hour from 2026-10-25T02:00:00.000Z comes twice",
  );
  expect(told([...range(0, 180), ...range(150, 300)])).not.toContain("comes twice");
});

test("sixty repeats that are scattered over a day are no clock change", () => {
  const scattered = range(0, 60).map((at) => at * 20);
  expect(told([...range(0, 1200), ...scattered])).not.toContain("clock");
});

test("one gap and one repeat are told as one", () => {
  const words = told([...range(0, 60), 59, ...range(61, 120)]);
  expect(words).toContain("1 row repeats a time stamp");
  expect(words).toContain("1 gap with 1 point missing");
});

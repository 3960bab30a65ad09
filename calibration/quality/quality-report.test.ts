import { expect, test } from "vitest";
import { createSeries, type SeriesName } from "../series/series.ts";
import { qualityReport } from "./quality-report.ts";

const startMs = Date.UTC(2026, 2, 2, 14, 30);

function series(
  name: Partial<SeriesName> & { readonly metric: string },
  values: readonly number[],
) {
  return {
    file: "export.json",
    series: createSeries(
      {
        id: name.metric,
        component: "",
        stat: "Average",
        unit: "",
        missingMeans: "unknown",
        ...name,
      },
      { timesMs: values.map((_, i) => startMs + 60_000 * i), values, periodSec: 60 },
      "export.json",
    ),
  };
}

const told = (report: ReturnType<typeof qualityReport>) =>
  report.findings.map(({ what }) => what).join("\n");
const twenty = Array.from({ length: 20 }, (_, i) => i);

test("gaps stay gaps, and each series says what a missing point means and whether it may be averaged", () => {
  const values = twenty.map((i) => (i === 5 ? Number.NaN : 40 + (i % 3)));
  const report = qualityReport([
    series({ metric: "CPUUtilization", unit: "Percent" }, values),
    series({ metric: "RequestCount", stat: "Sum", unit: "Count", missingMeans: "zero" }, values),
    series({ metric: "Latency", stat: "p99", unit: "Milliseconds" }, values),
  ]);
  expect(
    report.series.map(({ missing, missingMeans, aggregation }) => ({
      missing,
      missingMeans,
      aggregation,
    })),
  ).toEqual([
    { missing: 1, missingMeans: "unknown", aggregation: "mean of equal weights only" },
    { missing: 1, missingMeans: "zero", aggregation: "may be added" },
    { missing: 1, missingMeans: "unknown", aggregation: "never averaged" },
  ]);
});

test("shares above 1, missed scrapes, negative times and two units of one metric are told", () => {
  const share = (values: readonly number[]) =>
    told(qualityReport([series({ metric: "CPUUtilization", unit: "Percent" }, values)]));
  expect(share([40, 180])).toContain("more than all");
  expect(share([0.4, 0.5])).toContain("may be a share from 0 to 1");
  expect(share([40, 0, 41])).toContain("missed scrapes");
  const times = [
    series({ metric: "Duration", unit: "Seconds" }, [-1, 2]),
    series({ metric: "Duration", unit: "Milliseconds", component: "b" }, [1, 2]),
  ];
  expect(told(qualityReport(times))).toContain("values below 0");
  expect(told(qualityReport(times))).toContain("Duration comes in Milliseconds and Seconds");
});

test("Little's law is checked where rate, time and number inside are there, and a wrong unit is found by it", () => {
  const metrics = (unit: string) => [
    series(
      { metric: "Invocations", stat: "Sum", unit: "Count", component: "f" },
      twenty.map((i) => 600 + i),
    ),
    series(
      { metric: "Duration", unit, component: "f" },
      twenty.map(() => 200),
    ),
    series(
      { metric: "ConcurrentExecutions", unit: "Count", component: "f" },
      twenty.map((i) => ((600 + i) / 60) * 0.2),
    ),
  ];
  const right = qualityReport(metrics("Milliseconds"));
  expect(right.little[0]?.ratio).toBeCloseTo(1, 6);
  expect(told(right)).not.toContain("Little");
  expect(told(qualityReport(metrics("Seconds")))).toContain("Little's law is off");
  expect(qualityReport(metrics("Seconds").slice(0, 1)).little[0]).toMatchObject({
    ratio: null,
    why: expect.stringContaining("Average of its latency"),
  });
});

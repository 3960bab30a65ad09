import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { loadMetricFiles } from "../../calibration/calibrate/load-metric-files.ts";
import type { Series } from "../../calibration/series/series.ts";
import { recordingCloudWatch } from "../../sim/twin/recording/export/cloudwatch.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { sampleRecording } from "../../sim/twin/recording/sample-recording.ts";
import { smallPlatformRun } from "./small-platform-run.ts";

let recording: Recording;
let series: readonly Series[];

beforeAll(async () => {
  recording = smallPlatformRun({ ratePerSecond: 20, durationSeconds: 240 }, "export");
  const file = join(mkdtempSync(join(tmpdir(), "stormbell-")), "run.cloudwatch.json");
  writeFileSync(file, recordingCloudWatch(recording));
  ({ series } = await loadMetricFiles([file]));
}, 60_000);

test("the importer reads back every point of every metric that the platform published", () => {
  const { series: published } = recording.head.metrics!;
  const told = published.filter(({ values }) => values.some((value) => value !== null));
  expect(series).toHaveLength(told.length);
  for (const [at, metric] of told.entries()) {
    const { metric: name, stat, unit, periodSec, values, timesMs, component } = series[at]!;
    expect({ name, stat, unit, periodSec }).toEqual({
      name: metric.name,
      stat: metric.statistic,
      unit: metric.unit,
      periodSec: 60,
    });
    expect(component).toContain(`=${metric.component}`);
    expect([...values]).toEqual(metric.values.filter((value) => value !== null));
    const periods = metric.values.flatMap((value, period) => (value === null ? [] : [period]));
    expect([...timesMs]).toEqual(periods.map((period) => Date.UTC(2025, 0, 6) + 60_000 * period));
  }
});

test("periods are complete ones, and requests of all of them are those that the run has counted", () => {
  const count = series.find((each) => each.metric === "Count" && each.stat === "Sum")!;
  expect(count.values).toHaveLength(4);
  const channel = recording.head.channels.findIndex(
    ({ component, name }) => component === "api" && name === "arrived",
  );
  const total = count.values.reduce((sum, each) => sum + each, 0);
  expect(total).toBe(recording.frames[channel]!.at(-1));
});

test("requests by target group add up to those of the balancer", () => {
  const byGroup = series.filter((each) => each.component.includes("TargetGroup="));
  expect(byGroup.map((each) => each.component)).toEqual([
    "LoadBalancer=balancer, TargetGroup=order-service",
    "LoadBalancer=balancer, TargetGroup=market-data-service",
  ]);
  const all = series.find(
    (each) => each.metric === "RequestCount" && !each.component.includes("TargetGroup="),
  )!;
  const sums = all.values.map((_, at) => byGroup.reduce((sum, each) => sum + each.values[at]!, 0));
  expect([...sums]).toEqual([...all.values]);
});

test("a recording without metrics says what to do", () => {
  expect(() => recordingCloudWatch(sampleRecording())).toThrow(/holds no CloudWatch metrics/);
});

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Calibration, calibrate } from "../../calibration/calibrate/calibrate.ts";
import { loadMetricFiles } from "../../calibration/calibrate/load-metric-files.ts";
import { observe } from "../../calibration/calibrate/observations.ts";
import { proposeMapping } from "../../calibration/mapping/propose-mapping.ts";
import {
  calibrationHtml,
  calibrationMarkdown,
} from "../../calibration/report/calibration-report.ts";
import { judgeNewData } from "../../calibration/watch/judge-new-data.ts";
import { recordingCloudWatch } from "../../sim/twin/recording/export/cloudwatch.ts";
import { shippedTopology, smallScenario } from "../twin/small-drill.ts";
import { smallPlatformRun } from "./small-platform-run.ts";

const topologyFile = join(import.meta.dirname, "../../scenarios/topologies/current.yaml");
const folder = mkdtempSync(join(tmpdir(), "stormbell-"));

/** Exports of a platform whose orders cost so many milliseconds in the middle. */
function exportWith(medianMs: number, name: string): string {
  const operations = ["place", "status", "log-in"].map((operation) => ({
    name: operation,
    cpuMs: { median: medianMs, sigma: 0.5 },
  }));
  const recording = smallPlatformRun(
    {
      ratePerSecond: 15,
      durationSeconds: 480,
      componentOverrides: { "order-service": { operations } },
    },
    name,
  );
  const file = join(folder, `${name}.json`);
  writeFileSync(file, recordingCloudWatch(recording));
  return file;
}

function calibrateTo(metricFiles: readonly string[], mapping?: string): Promise<Calibration> {
  return calibrate({
    topologyFile,
    topologyText: readFileSync(topologyFile, "utf8"),
    metricFiles,
    ...(mapping === undefined ? {} : { mapping: { file: "mapping.yaml", text: mapping } }),
    workload: smallScenario({ ratePerSecond: 100, durationSeconds: 600, faults: [] }).workload,
    holdout: 0.3,
    seeds: 3,
  });
}

let calibration: Calibration;
let file: string;
beforeAll(async () => {
  file = exportWith(54, "production");
  calibration = await calibrateTo([file]);
}, 240_000);

const estimateOf = (name: string) =>
  calibration.parameters.find((each) => each.name === name)!.estimate;

test("CPU time, load and share of orders of a known platform are found", () => {
  const trueMs = 54 * Math.exp(0.5 ** 2 / 2);
  const demand = estimateOf("order-service.cpu-ms");
  expect(demand.state).toBe("identified");
  expect(Math.abs(demand.value! / trueMs - 1)).toBeLessThan(0.05);
  expect(Math.abs(estimateOf("market-data-service.cpu-ms").value! / 40 - 1)).toBeLessThan(0.05);
  expect(Math.abs(estimateOf("workload.rate-per-second").value! / 15 - 1)).toBeLessThan(0.15);
  expect(Math.abs(estimateOf("workload.order-share").value! - 0.55)).toBeLessThan(0.05);
});

test("what minute metrics cannot tell is said, with the export that would", () => {
  for (const name of ["workload.mix", "order-service.cpu-ms by operation"]) {
    expect(estimateOf(name).state).not.toBe("identified");
    expect(estimateOf(name).value).toBeNull();
    expect(estimateOf(name).settledBy).toMatch(/\w/);
  }
});

test("only the numbers that were identified change in the file, each with its evidence", () => {
  expect(calibration.changes).toHaveLength(4);
  for (const { before, after } of calibration.changes) {
    expect(before).toContain("median: 35.3");
    expect(after).toMatch(
      /# calibrated: mean [\d.]+ ms of CPU \(90 %: [\d.]+ to [\d.]+, n 6\), was 40/,
    );
  }
  const lines = readFileSync(topologyFile, "utf8").split("\n").length;
  expect(calibration.calibratedText.split("\n")).toHaveLength(lines);
});

test("the calibrated twin predicts utilisation of the held-out time, and the reports tell it", () => {
  const cpu = calibration.heldOut!.find(
    ({ component, role }) => component === "order-service" && role === "cpu-percent",
  )!;
  expect(cpu.observed).toHaveLength(2);
  expect(cpu.errorPercent!).toBeLessThan(10);
  expect(calibrationMarkdown(calibration)).toContain("| order-service cpu-percent |");
  expect(calibrationHtml(calibration)).toContain("<svg");
});

test("exports that fit the calibration move nothing; those with dearer orders name their CPU time", async () => {
  const verdictOf = async (fresh: string) => {
    const { series } = await loadMetricFiles([fresh]);
    const topology = shippedTopology();
    const observations = observe(series, proposeMapping(series, topology));
    return judgeNewData(topology, calibration.workload, calibration.parameters, observations);
  };
  expect((await verdictOf(file)).moved).toEqual([]);
  expect((await verdictOf(exportWith(80, "dearer"))).moved).toEqual(["order-service.cpu-ms"]);
});

test("a mapping that names what is not there tells all of it at once", async () => {
  const mapping = "series:\n  - { series: nothing, component: nobody, role: no-role }\n";
  const failure = await calibrateTo([file], mapping).catch((error: unknown) => error);
  expect((failure as { mistakes: { code: string }[] }).mistakes.map(({ code }) => code)).toEqual([
    "mapping.series-unknown",
    "mapping.component-unknown",
    "mapping.role-unknown",
  ]);
});

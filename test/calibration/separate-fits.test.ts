/** Measurements besides metrics, from their files to the numbers of the calibrated topology. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { type Calibration, calibrate } from "../../calibration/calibrate/calibrate.ts";
import { diffText } from "../../calibration/calibrate/calibrated-topology.ts";
import { parseFitSource } from "../../calibration/calibrate/fit-source.ts";
import { calibrationMarkdown } from "../../calibration/report/calibration-report.ts";
import { requireValid, validateTopologyText } from "../../scenarios/validate-text.ts";
import { Stream } from "../../sim/kernel/random/stream.ts";
import { recordingCloudWatch } from "../../sim/twin/recording/export/cloudwatch.ts";
import { smallScenario } from "../twin/small-drill.ts";
import { smallPlatformRun } from "./small-platform-run.ts";

const topologyFile = join(import.meta.dirname, "../../scenarios/topologies/current.yaml");
const topologyText = readFileSync(topologyFile, "utf8");
const folder = mkdtempSync(join(tmpdir(), "stormbell-fits-"));
const draw = new Stream("separate", "files");

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

function lognormal(median: number, sigma: number): number {
  const normal = Array.from({ length: 12 }, () => draw.uniform()).reduce((a, b) => a + b) - 6;
  return median * Math.exp(sigma * normal);
}

/** Operations one after the other, so that none waits: 20, 40 and 80 ms. */
function spanRows(): readonly string[] {
  const medians = { "POST /place": 20, "GET /status": 40, "log-in": 80 };
  const rows = ["TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano"];
  let atMs = 1_772_461_800_000;
  for (let trace = 0; trace < 100; trace += 1) {
    for (const [operation, median] of Object.entries(medians)) {
      const ms = lognormal(median, 0.3);
      const [start, end] = [atMs, atMs + ms].map((each) => `${Math.round(each * 1000)}000`);
      rows.push(
        `${median}t${trace},${median}s${trace},root,order-service,${operation},${start},${end}`,
      );
      atMs += ms + 50;
    }
  }
  return rows;
}

const reports = Array.from(
  { length: 80 },
  (_, i) =>
    `2026-03-02T14:${String(i % 60).padStart(2, "0")}:00Z REPORT RequestId: ${i}\tDuration: 3.52 ms\tBilled Duration: 4 ms\tMemory Size: 512 MB\tMax Memory Used: 81 MB\tInit Duration: ${lognormal(400, 0.2).toFixed(2)} ms`,
);
const levels = ["load,throughput", "1,24", "2,48", "4,95", "8,130", "16,150", "32,152", "64,153"];
const failovers = ["duration_s", "26", "31", "24", "35", "29", "28", "27"];

function calibrateTo(metrics: string, fits: readonly string[]): Promise<Calibration> {
  return calibrate({
    topologyFile,
    topologyText,
    metricFiles: [metrics],
    fits: fits.map(parseFitSource),
    workload: smallScenario({ ratePerSecond: 100, durationSeconds: 600, faults: [] }).workload,
    holdout: 0.3,
    seeds: 2,
  });
}

let metrics: string;
let calibration: Calibration;
beforeAll(async () => {
  const recording = smallPlatformRun({ ratePerSecond: 10, durationSeconds: 360 }, "fits");
  metrics = join(folder, "metrics.json");
  writeFileSync(metrics, recordingCloudWatch(recording));
  calibration = await calibrateTo(metrics, [
    `coldstart:functions=${file("reports.log", reports)}`,
    `failover:database=${file("failovers.csv", failovers)}`,
    `load:order-service=${file("levels.csv", levels)}`,
    `spans=${file("spans.csv", spanRows())}`,
  ]);
}, 240_000);

const numbersOf = (id: string) => {
  const topology = parse(calibration.calibratedText) as { components: Record<string, unknown>[] };
  return topology.components.find((each) => each["id"] === id)!;
};
const estimateOf = (name: string) =>
  calibration.parameters.find((each) => each.name === name)!.estimate;

test("cold starts become the two numbers that the twin draws from, put in where the file has none", () => {
  const { coldStartMsLow, coldStartMsHigh } = numbersOf("functions")["parameters"] as Record<
    string,
    number
  >;
  expect(Math.sqrt(coldStartMsLow! * coldStartMsHigh!)).toBeCloseTo(400, -2);
  expect(coldStartMsHigh! / 400).toBeGreaterThan(1.25);
  expect(coldStartMsHigh! / 400).toBeLessThan(1.6);
  expect(estimateOf("functions.cold-start-ms").state).toBe("identified");
  expect(estimateOf("functions.idle-expiry").state).not.toBe("identified");
});

test("durations of failovers scale all parts alike, since only their sum is known", () => {
  const parameters = numbersOf("database")["parameters"] as Record<string, number>;
  const seconds =
    (parameters["probePeriodUs"]! * 2.5 +
      parameters["decideUsP50"]! +
      parameters["promoteUsP50"]! +
      parameters["publishUsP50"]!) /
    1e6;
  expect(seconds).toBeCloseTo(estimateOf("database.failover-seconds").value!, 1);
  expect(parameters["promoteUsP95"]! / parameters["promoteUsP50"]!).toBeCloseTo(4, 2);
  expect(estimateOf("database.failover parts").state).toBe("only-a-combination");
});

test("traces divide the CPU time that utilisation shows among the operations, each with its own spread", () => {
  const [place, status, logIn] = (
    numbersOf("order-service")["operations"] as { cpuMs: { median: number; sigma: number } }[]
  ).map(({ cpuMs }) => cpuMs);
  expect(status!.median / place!.median).toBeCloseTo(2, 0);
  expect(logIn!.median / place!.median).toBeCloseTo(4, 0);
  expect(place!.sigma).toBeGreaterThan(0.25);
  expect(place!.sigma).toBeLessThan(0.36);
  const mean = (["place", "status", "log-in"] as const)
    .map((name) => estimateOf(`order-service.${name}.cpu-ms`).value!)
    .reduce((a, b) => a + b / 3, 0);
  expect(mean / estimateOf("order-service.cpu-ms").value!).toBeCloseTo(1, 1);
});

test("a load test that contradicts the utilisation is told beside it", () => {
  expect(estimateOf("order-service.capacity-per-second").value).toBe(153);
  const contradictions = calibration.findings.filter(({ what }) => what.includes("contradict"));
  expect(contradictions).toHaveLength(1);
  expect(contradictions[0]!.what).toContain("order-service.cpu-ms");
});

test("the file still is a valid topology, the diff says what is new, and the report shows each fit", () => {
  requireValid(validateTopologyText(calibration.calibratedText, "calibrated"), "calibrated");
  const diff = diffText("current.yaml", calibration.changes);
  expect(diff).toMatch(
    /@@ -\d+,0 \+\d+ @@\n\+ {4}parameters: \{ coldStartMsLow: .* # calibrated: 4\d\d/,
  );
  const added = calibration.changes.filter(({ before }) => before === null).length;
  expect(calibration.calibratedText.split("\n")).toHaveLength(
    topologyText.split("\n").length + added,
  );
  const report = calibrationMarkdown(calibration);
  for (const kind of [
    "coldstart for functions",
    "failover for database",
    "load for order-service",
    "spans",
  ])
    expect(report).toContain(`## Fit of ${kind}`);
  expect(parse(calibration.mappingText).fits).toHaveLength(4);
});

test("fits of no component or of a wrong one are refused together, before anything is read", async () => {
  const failure = await calibrateTo(metrics, [
    "coldstart=nowhere.csv",
    "failover:order-service=nowhere.csv",
    "service:order-service.pay=nowhere.csv",
  ]).catch((error: unknown) => error);
  const { mistakes } = failure as { mistakes: { code: string; remedy: string }[] };
  expect(mistakes.map(({ code }) => code)).toEqual(Array(3).fill("calibrate.fit-component"));
  expect(mistakes[2]!.remedy).toContain("order-service.place");
  expect(() => parseFitSource("luck:cache=a.csv")).toThrow(/coldstart/);
});

/** The same traffic as counts, rates and running totals: the counts come out, or a sentence. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../fit-report.ts";
import { loadCounts } from "./load-counts.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-counts-"));
const startMs = Date.UTC(2026, 2, 2);
/** Requests of 120 periods of five minutes. */
const counts = Array.from({ length: 120 }, (_, i) => 300 + ((i * 37) % 91));

function stamp(i: number): string {
  return new Date(startMs + i * 300_000).toISOString();
}

async function load(name: string, text: string) {
  const file = join(folder, name);
  writeFileSync(file, text);
  const findings: Finding[] = [];
  const { values, periodSeconds } = await loadCounts(file, {}, findings);
  return { values: [...values].map(Math.round), periodSeconds, findings };
}

function csv(header: string, value: (count: number, i: number) => number | string): string {
  return `time,${header}\n${counts.map((count, i) => `${stamp(i)},${value(count, i)}\n`).join("")}`;
}

function totals(restartAt = -1): readonly number[] {
  let total = 0;
  return counts.map((count, i) => {
    total = i === restartAt ? count : total + count;
    return total;
  });
}

function prometheus(name: string | undefined, values: readonly number[]): string {
  return JSON.stringify({
    status: "success",
    data: {
      resultType: "matrix",
      result: [
        {
          metric: { ...(name === undefined ? {} : { __name__: name }), service: "orders" },
          values: values.map((value, i) => [startMs / 1000 + i * 300, String(value)]),
        },
      ],
    },
  });
}

function statistics(metric: string, unit: string, names: readonly string[]): string {
  const Datapoints = counts.map((count, i) => ({
    Timestamp: stamp(i),
    Unit: unit,
    ...Object.fromEntries(names.map((name) => [name, name === "Average" ? 1 : count])),
  }));
  return JSON.stringify({ Label: metric, Datapoints });
}

test.each([
  ["counts.csv", csv("value", (count) => count)],
  ["second.csv", csv("requests_per_second", (count) => count / 300)],
  ["rps.csv", csv("rps", (count) => count / 300)],
  ["brackets.csv", csv("Requests (1/min)", (count) => count / 5)],
  ["rpm.csv", csv("orders rpm", (count) => count / 5)],
  ["hour.csv", csv("requestsPerHour", (count) => count * 12)],
  [
    "rule.json",
    prometheus(
      "job:http_requests:rate5m",
      counts.map((count) => count / 300),
    ),
  ],
  [
    "gauge.json",
    prometheus(
      "requests_per_second",
      counts.map((count) => count / 300),
    ),
  ],
  ["one.json", statistics("RequestCount", "Count", ["Sum"])],
  ["three.json", statistics("RequestCount", "Count", ["Average", "SampleCount", "Sum"])],
  ["timed.json", statistics("Latency", "Milliseconds", ["SampleCount"])],
])("%s gives the counts of its periods", async (name, text) => {
  const { values, periodSeconds } = await load(name, text);
  expect(periodSeconds).toBe(300);
  expect(values).toEqual(counts);
});

test.each([
  ["totals.csv", totals()],
  ["restarted.csv", totals(50)],
])("%s is turned into what it grew by", async (name, values) => {
  const { values: grown, findings } = await load(
    name,
    csv("requests_total", (_, i) => values[i]!),
  );
  expect(grown).toEqual(counts.slice(1));
  expect(findings.map(({ what }) => what)).toContainEqual(expect.stringContaining("only grows"));
});

test.each([
  ["fit.arrivals-cumulative", "unnamed.csv", csv("value", (_, i) => totals()[i]!)],
  [
    "fit.arrivals-not-counts",
    "nameless.json",
    prometheus(
      undefined,
      counts.map((c) => c / 300),
    ),
  ],
  ["fit.arrivals-not-counts", "average.json", statistics("RequestCount", "Count", ["Average"])],
  ["fit.arrivals-not-counts", "cpu.json", statistics("CPUUtilization", "Percent", ["Sum"])],
  [
    "table.rows-of-several",
    "long.csv",
    `time,host,requests\n${counts.map((count, i) => `${stamp(i)},a,${count}\n${stamp(i)},b,${count}\n`).join("")}`,
  ],
])("%s refuses %s", async (code, name, text) => {
  await expect(load(name, text)).rejects.toMatchObject({ code });
});

test("fractions that do not say what they are are told", async () => {
  const { findings } = await load(
    "fractions.csv",
    csv("value", (count) => count / 300),
  );
  expect(findings.map(({ what }) => what)).toContainEqual(
    expect.stringContaining("118 of 120 values are no whole numbers"),
  );
});

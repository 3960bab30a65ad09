import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireValid, validateTopologyText } from "../../scenarios/validate-text.ts";
import { createSeries } from "../series/series.ts";
import { freshMapping, mergeMapping } from "./mapping-file.ts";

const file = join(import.meta.dirname, "../../scenarios/topologies/current.yaml");
const topology = requireValid(validateTopologyText(readFileSync(file, "utf8"), file), file);

const series = (metric: string, stat: string, component: string) =>
  createSeries(
    { id: metric, component, metric, stat, unit: "", missingMeans: "unknown" },
    { timesMs: [0, 60_000], values: [1, 2] },
    "x",
  );
const count = series("Count", "Sum", "ApiName=api");
const cpu = series("CPUUtilization", "Average", "ServiceName=order-service");
const odd = series("Temperature", "Average", "Room=1");

test("a fresh mapping lists what found no place, to choose from", () => {
  const { mapping, text } = freshMapping([count, odd], topology, []);
  expect(mapping).toEqual([
    { series: "Count Sum ApiName=api", component: "api", role: "requests" },
  ]);
  expect(text).toContain("#   Temperature Average Room=1");
});

test("an edited mapping keeps every letter, and only what is new is added and said", () => {
  const own = `# our own words
series:
  - { series: Count Sum ApiName=api, component: api, role: requests } # checked by hand
`;
  const same = mergeMapping(own, "mapping.yaml", [count, odd], topology, []);
  expect(same).toMatchObject({ text: own, findings: [] });
  const merged = mergeMapping(own, "mapping.yaml", [count, cpu], topology, []);
  expect(merged.text).toContain("# our own words");
  expect(merged.text).toContain("# checked by hand");
  expect(merged.text).toContain("# proposed, not yet looked at");
  expect(merged.mapping).toHaveLength(2);
  expect(merged.findings[0]?.what).toContain("CPUUtilization Average ServiceName=order-service");
  const ignoring = `${own}ignore: [CPUUtilization Average ServiceName=order-service]\n`;
  expect(mergeMapping(ignoring, "mapping.yaml", [count, cpu], topology, []).mapping).toHaveLength(
    1,
  );
});

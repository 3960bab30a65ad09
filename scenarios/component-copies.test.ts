/** A file names a component once; what is divided or stands in several regions has names of its own. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { topologyLoading } from "./load-topology.ts";
import { validateScenarioText } from "./validate-text.ts";

const loadTopology = topologyLoading("a test", (id) => {
  const fileName = `scenarios/topologies/${id}.yaml`;
  return { text: readFileSync(fileName, "utf8"), fileName };
});

function scenario(topology: string, more: string): string {
  return `id: copies
title: Copies
description: One of several is struck.
topology: ${topology}
warmUpSeconds: 30
durationSeconds: 400
workload: { ratePerSecond: 10, mix: { place: 1 }, userCount: 10, symbolCount: 10 }
objectives: [{ id: invariants, kind: invariants }]
${more}
`;
}

test.each([
  ["phase-1", "matching", "matching-1, matching-2, matching-3, matching-4, matching-5"],
  ["phase-2", "order-service", "order-service-us-east-1, "],
  ["phase-2", "matching", "matching-us-east-1-1, "],
])("in %s a fault that names %s is told the copies to choose from", (topology, name, copies) => {
  const kill = `{ id: kill, kind: instance-kill, component: ${name}, atSeconds: 350 }`;
  const validated = validateScenarioText(scenario(topology, `faults: [${kill}]`), "a.yaml", {
    loadTopology,
  });
  expect(validated.ok ? [] : validated.mistakes).toMatchObject([
    {
      code: "scenario.component-in-copies",
      problem: expect.stringContaining(`Component "${name}" stands in `),
      remedy: expect.stringContaining(`Name the one that is meant: ${copies}`),
      line: 9,
    },
  ]);
});

test("an override changes every copy under the name of the file", () => {
  const text = scenario("phase-1", "faults: []\ncomponentOverrides: { matching: { vcpu: 2 } }");
  expect(validateScenarioText(text, "a.yaml", { loadTopology }).ok).toBe(true);
});

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { topologyLoading } from "./load-topology.ts";
import { requireValid, validateScenarioText } from "./validate-text.ts";

const topologyFolder = "scenarios/topologies";
const loadTopology = topologyLoading("a test", (id) => {
  const fileName = `${topologyFolder}/${id}.yaml`;
  return { text: readFileSync(fileName, "utf8"), fileName };
});

const folders = ["scenarios", "scenarios/metastable", "scenarios/claims", "scenarios/incidents"];
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => ({ id: basename(name, ".yaml"), fileName: `${folder}/${name}` })),
);

test.each(files)("$id is judged by invariants only where orders are placed", ({ fileName }) => {
  const text = readFileSync(fileName, "utf8");
  const validated = validateScenarioText(text, fileName, { loadTopology });
  const { scenario } = requireValid(validated, fileName);
  const isJudged = scenario.objectives.some(({ kind }) => kind === "invariants");
  const { mix } = scenario.workload;
  if (isJudged) expect(mix.place ?? 0).toBeGreaterThan(0);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { topologyLoading } from "./load-topology.ts";
import { validateTopologyText } from "./validate-text.ts";

const shippedTopology = topologyLoading("a test", (id) => {
  const fileName = `scenarios/topologies/${id}.yaml`;
  return { text: readFileSync(fileName, "utf8"), fileName };
});

const path = "scenarios/topologies/current-warm-standby.yaml";
const text = readFileSync(path, "utf8");

test.each([
  ["matching", "standbyFor"],
  ["journal", "replicaOf"],
  ["database", "secondaryOf"],
])(
  "a %s with %s of a region that is not there is a mistake at the line that says so",
  (id, field) => {
    const wrong = `${text}changes:
  - { do: set, component: ${id}, fields: { perRegion: { eu-west-1: { ${field}: ${id}-us-east-9 } } } }
`;
    const loading = { loadTopology: shippedTopology };
    expect(validateTopologyText(text, path, loading).ok).toBe(true);
    const validated = validateTopologyText(wrong, path, loading);
    const line = wrong.split("\n").length - 1;
    expect(validated.ok ? [] : validated.mistakes).toMatchObject([
      { code: "topology.standby-for-nothing", line },
    ]);
  },
);

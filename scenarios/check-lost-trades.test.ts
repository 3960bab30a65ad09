import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { topologyLoading } from "./load-topology.ts";
import { validateScenarioText } from "./validate-text.ts";

const loadTopology = topologyLoading("a test", (id) => {
  const fileName = `scenarios/topologies/${id}.yaml`;
  return { text: readFileSync(fileName, "utf8"), fileName };
});
const shipped = readFileSync("scenarios/lost-trades-settled.yaml", "utf8");

function codesOf(text: string): readonly string[] {
  const validated = validateScenarioText(text, "x.yaml", { loadTopology });
  return validated.ok ? [] : validated.mistakes.map(({ code }) => code);
}

test("the shipped settlement is sound", () => {
  expect(codesOf(shipped)).toEqual([]);
});

test.each([
  [
    "lost trades of which nobody has a report",
    (text: string) => text.replace(/ {4}executionReports:\n.*\n/, ""),
    "scenario.lost-trades-without-reports",
  ],
  [
    "a decision that nobody takes",
    (text: string) => text.replace("{ do: settle-trades }", "{ do: inform }"),
    "scenario.lost-trades-undecided",
  ],
  [
    "a decision that is taken already",
    (text: string) => text.replace("policy: manual", "policy: bust"),
    "scenario.settle-without-policy",
  ],
  [
    "a platform on which nobody can ask",
    (text: string) =>
      text
        .replace("topology: current\n", "topology: metastable-service\n")
        .replace(/componentOverrides:\n(?: {2}.*\n)+/, ""),
    "scenario.reports-without-path",
  ],
])("%s is a mistake", (_, wrong, code) => {
  expect(wrong(shipped)).not.toBe(shipped);
  expect(codesOf(wrong(shipped))).toContain(code);
});

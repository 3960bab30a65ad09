import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { validateScenarioText } from "../scenarios/validate-text.ts";
import { assemblyMistakes } from "./assembly-mistakes.ts";
import { topologyLoader } from "./scenario-files.ts";

const shipped = readFileSync("scenarios/az-power-loss.yaml", "utf8");

function mistakesWith(override: string) {
  const text = shipped.replace("componentOverrides:\n", `componentOverrides:\n  ${override}\n`);
  const validated = validateScenarioText(text, "my.yaml", {
    loadTopology: topologyLoader("scenarios/az-power-loss.yaml"),
  });
  if (!validated.ok) throw new Error(validated.mistakes[0]?.problem);
  return assemblyMistakes(text, "my.yaml", validated.value).map(({ at, code }) => [at, code]);
}

test("a parameter that its component does not have is found where it stands", () => {
  expect(mistakesWith("database: { parameters: { promoteUs: 1 } }")).toEqual([
    ["my.yaml:10:29", "topology.parameter-unknown"],
  ]);
});

test("a spread that ends below where it begins is found where it stands", () => {
  expect(mistakesWith("database: { parameters: { promoteUsP50: 30000000 } }")).toEqual([
    ["my.yaml:10:29", "topology.parameter-span"],
  ]);
});

test("what can be put together has none", () => {
  expect(mistakesWith("database: { parameters: { promoteUsP50: 3000000 } }")).toEqual([]);
});

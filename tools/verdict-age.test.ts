import { expect, test } from "vitest";
import { loadScenario } from "../cli/scenario-files.ts";
import { inputsHash, isEarlier, readVerdicts } from "./stored-verdicts.ts";
import { simulationFingerprint } from "./verdict-age.ts";

test("the start page knows which simulation its verdicts are of; if not, run npx tsx tools/make-demonstration.ts --age", () => {
  expect(readVerdicts().simulation).toBe(simulationFingerprint());
}, 240_000);

test("a verdict is of an earlier state when the simulation, the scenario or the topology has changed since", () => {
  const { scenario, topology } = loadScenario("az-power-loss");
  const inputs = inputsHash({ scenario, topology });
  const verdict = {
    verdict: "met" as const,
    sentence: "",
    atSeconds: 0,
    spark: [],
    simulation: "1",
    inputs,
    digest: "",
  };
  expect(isEarlier(verdict, "1", inputs)).toBe(false);
  expect(isEarlier(verdict, "2", inputs)).toBe(true);
  const slower = { ...scenario, workload: { ...scenario.workload, ratePerSecond: 499 } };
  expect(isEarlier(verdict, "1", inputsHash({ scenario: slower, topology }))).toBe(true);
  const bigger = { ...topology, title: "another" };
  expect(isEarlier(verdict, "1", inputsHash({ scenario, topology: bigger }))).toBe(true);
});

/** The platform that docs/topologies.md builds from nothing, run as it stands there. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  requireValid,
  validateScenarioText,
  validateTopologyText,
} from "../../scenarios/validate-text.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";

const page = readFileSync("docs/topologies.md", "utf8");
const [topologyText = "", scenarioText = ""] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
  ([, text = ""]) => text,
);

function written(topologyYaml = topologyText) {
  const validated = validateTopologyText(topologyYaml, "shop.yaml");
  const topology = requireValid(validated, "shop.yaml");
  const loaded = validateScenarioText(scenarioText, "zone-lost.yaml", {
    loadTopology: () => topology,
  });
  return { ...requireValid(loaded, "zone-lost.yaml"), warnings: validated.warnings };
}

test("the platform from nothing does what the page says of it", () => {
  const { scenario, topology, warnings } = written();
  expect(warnings).toMatchObject([{ code: "prices.region-unpriced" }]);
  const head = runScenario({ scenario, topology, seed: "1" })!.head;
  const lostAt = head.events.find(({ kind }) => kind === "zone.power-lost")!.atUs;
  const promoted = head.events.find(({ kind }) => kind === "aurora.reader-promoted")!;
  expect(Math.round((promoted.atUs - lostAt) / 1e6)).toBe(15);
  const rto = head.results.objectives.find(({ id }) => id === "rto")!;
  expect(rto.measured).toBe(80);
  expect(page).toMatch(/promoted 15 s .*out of\nservice for 80 s/s);
});

test("a region keeps its control planes and storage when one of the two zones in use is lost", () => {
  const { scenario, topology } = written();
  const kinds = runScenario({ scenario, topology, seed: "1" })!.head.events.map(
    ({ kind, zone }) => `${kind} ${zone}`,
  );
  expect(kinds).not.toContain("ecs.task-lost eu-central-1b");
  expect(kinds).toContain("ecs.task-lost eu-central-1a");
  expect(kinds).not.toContain("aurora.failover-impossible eu-central-1a");
});

test("with its region goes the zone that nobody uses, without a word", () => {
  const { scenario, topology } = written();
  const whole = {
    id: "dark",
    kind: "region-power-loss",
    region: "eu-central-1",
    atSeconds: 340,
    durationSeconds: 120,
  } as const;
  const { events } = runScenario({
    scenario: { ...scenario, faults: [whole] },
    topology,
    seed: "1",
  })!.head;
  const lost = events.filter(({ kind }) => kind === "zone.power-lost");
  expect(lost.map(({ zone }) => zone)).toEqual(["eu-central-1a", "eu-central-1b"]);
  expect(events.some(({ kind }) => kind === "aurora.reader-promoted")).toBe(false);
  expect(events.filter(({ kind }) => kind === "zone.power-restored")).toHaveLength(2);
});

test("zones that no component uses are in no recording", () => {
  const { scenario, topology } = written();
  const { zones } = runScenario({ scenario, topology, seed: "1" })!.head;
  expect(zones.map(({ id }) => id)).toEqual(["outside", "eu-central-1a", "eu-central-1b"]);
});

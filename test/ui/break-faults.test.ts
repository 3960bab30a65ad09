import { expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import { validateScenarioText } from "../../scenarios/validate-text.ts";
import { ScenarioRun } from "../../sim/twin/run-scenario.ts";
import { faultsOf, placesOf } from "../../ui/src/panels/break-faults.ts";
import { createRecordingView } from "../../ui/src/playback/recording-view.ts";

/** The scenario as the page has it, with every fault that it offers. */
function offeredBy(file: string) {
  const { scenario, topology } = loadScenario(file);
  const run = new ScenarioRun({ scenario, topology, seed: "1" });
  const head = run.head();
  const view = createRecordingView(head, run.frames);
  const faults = placesOf(view).flatMap((place) =>
    faultsOf(view, place).map((choice, at) => ({
      title: `${place.title}: ${choice.title}`,
      fault: choice.make(place, {
        id: `broken-${place.key.replace(/[^a-z0-9]+/g, "-")}-${at}`,
        atSeconds: 5,
        durationSeconds: 60,
      }),
    })),
  );
  return { scenario, topology, faults };
}

test.each([
  "scenarios/az-power-loss.yaml",
  "scenarios/az-power-loss-network-balancer.yaml",
  "scenarios/dr-region-replication-stopped.yaml",
  "scenarios/change-capture-task-stops.yaml",
  "scenarios/phase-2-region-failover.yaml",
])("every fault that is offered in %s is understood there", (file) => {
  const { scenario, topology, faults } = offeredBy(file);
  expect(faults.length).toBeGreaterThan(20);
  const text = JSON.stringify({ ...scenario, faults: faults.map(({ fault }) => fault) });
  const validated = validateScenarioText(text, "offered.json", { loadTopology: () => topology });
  expect(validated.ok ? [] : validated.mistakes.map(({ problem }) => problem)).toEqual([]);
});

test("what is replicated between regions can be stopped and slowed, and only where something is", () => {
  const titles = (file: string) => offeredBy(file).faults.map(({ title }) => title);
  expect(titles("scenarios/dr-region-replication-stopped.yaml")).toEqual(
    expect.arrayContaining([
      "us-east-1: replicates nothing to eu-west-1",
      "us-east-1: replicates to eu-west-1 60 s late",
    ]),
  );
  const replication = titles("scenarios/az-power-loss.yaml").filter((title) =>
    title.includes("replicates"),
  );
  expect(replication).toEqual([]);
});

test("a transaction can be left open where change capture reads the database, and strikes there", () => {
  const { scenario, topology, faults } = offeredBy("scenarios/change-capture-task-stops.yaml");
  const offered = faults.filter(({ fault }) => fault.kind === "open-transaction");
  expect(offered.map(({ title }) => title)).toEqual([
    "Aurora PostgreSQL: a session leaves a transaction open; change capture waits for its end",
  ]);
  const kinds = (file: string) => offeredBy(file).faults.map(({ fault }) => fault.kind);
  expect(kinds("scenarios/az-power-loss.yaml")).not.toContain("open-transaction");
  const run = new ScenarioRun({
    scenario: { ...scenario, faults: offered.map(({ fault }) => fault) },
    topology,
    seed: "1",
  });
  run.advance(40_000_000);
  const { channels, components } = run.head();
  expect(components.some(({ service }) => service === "dms")).toBe(true);
  const latency = channels.findIndex(({ name }) => name === "source latency");
  const { frameStepUs } = run.head();
  expect(run.frames[latency]?.[Math.floor(39_000_000 / frameStepUs)]).toBeGreaterThan(30);
});

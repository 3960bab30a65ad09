import { expect, test } from "vitest";
import { ScenarioRun } from "../../sim/twin/run-scenario.ts";
import { shippedScenario, shippedTopology } from "./small-drill.ts";

test.each(["az-power-loss", "dr-region", "phase-2-baseline"])(
  "each call of %s names the channel that counts it, choices among copies left out of the count",
  (id) => {
    const scenario = shippedScenario(id);
    const run = new ScenarioRun({
      scenario,
      topology: shippedTopology(scenario.topology),
      seed: "1",
    });
    const { edges, channels } = run.head();
    expect(edges.length).toBeGreaterThan(20);
    const counted = edges.map(({ channel }) => ({
      of: channels[channel]?.component,
      name: channels[channel]?.name,
    }));
    expect(counted).toEqual(edges.map(({ to, path }) => ({ of: to, name: `calls ${path}` })));
  },
);

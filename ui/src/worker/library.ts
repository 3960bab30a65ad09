/** The reading of the user's own scenarios: YAML and schemas, loaded only when there is something to read. */
import { topologyLoading } from "../../../scenarios/load-topology.ts";
import {
  requireValid,
  type ScenarioAndTopology,
  validateScenarioText,
} from "../../../scenarios/validate-text.ts";
import { TwinError } from "../../../sim/errors/twin-error.ts";

const topologies = import.meta.glob<string>("../../../scenarios/topologies/*.yaml", {
  query: "?raw",
  import: "default",
  eager: true,
});

function idOf(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/\.yaml$/, "");
}

const loadTopology = topologyLoading("the page", (name) => {
  const found = Object.entries(topologies).find(([path]) => idOf(path) === name);
  if (found === undefined) {
    throw new TwinError({
      code: "topology.unknown",
      problem: `No topology "${name}" is shipped`,
      remedy: `In the page, use one of ${Object.keys(topologies).map(idOf).join(", ")}; a topology file of your own runs from the command line`,
    });
  }
  return { text: found[1], fileName: `${name}.yaml` };
});

/** A scenario with its topology; throws all mistakes at once. */
export function scenarioOfText(text: string, fileName: string): ScenarioAndTopology {
  return requireValid(validateScenarioText(text, fileName, { loadTopology }), fileName);
}

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
});

function idOf(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/\.yaml$/, "");
}

/** Texts of the topologies that were asked for so far. */
const fetchedTexts = new Map<string, string>();

/** Reading asks for a topology when it comes to its name; it is fetched, and the reading begun again. */
class TopologyAwaited extends Error {
  readonly topology: string;
  readonly fetchText: () => Promise<string>;

  constructor(topology: string, fetchText: () => Promise<string>) {
    super(`topology ${topology} is not here yet`);
    this.topology = topology;
    this.fetchText = fetchText;
  }
}

const loadTopology = topologyLoading("the page", (name) => {
  const text = fetchedTexts.get(name);
  if (text !== undefined) return { text, fileName: `${name}.yaml` };
  const found = Object.entries(topologies).find(([path]) => idOf(path) === name);
  if (found !== undefined) throw new TopologyAwaited(name, found[1]);
  throw new TwinError({
    code: "topology.unknown",
    problem: `No topology "${name}" is shipped`,
    remedy: `In the page, use one of ${Object.keys(topologies).map(idOf).join(", ")}; a topology file of your own runs from the command line`,
  });
});

/** A scenario with its topology; throws all mistakes at once. */
export async function scenarioOfText(text: string, fileName: string): Promise<ScenarioAndTopology> {
  for (;;) {
    try {
      return requireValid(validateScenarioText(text, fileName, { loadTopology }), fileName);
    } catch (error) {
      if (!(error instanceof TopologyAwaited)) throw error;
      fetchedTexts.set(error.topology, await error.fetchText());
    }
  }
}

/** The scenarios and topologies that ship with the program, and the reading of the user's own. */
import {
  requireValid,
  type ScenarioAndTopology,
  validateScenarioText,
  validateTopologyText,
} from "../../../scenarios/validate-text.ts";
import { TwinError } from "../../../sim/errors/twin-error.ts";
import type { Topology } from "../../../sim/twin/topology-types.ts";
import type { LibraryEntry } from "./messages.ts";

const texts = import.meta.glob<string>("../../../scenarios/**/*.yaml", {
  query: "?raw",
  import: "default",
  eager: true,
});

const topologyFolder = "scenarios/topologies/";

function idOf(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/\.yaml$/, "");
}

export function scenarioText(id: string): string {
  const found = Object.entries(texts).find(
    ([path]) => !path.includes(topologyFolder) && idOf(path) === id,
  );
  if (found !== undefined) return found[1];
  throw new TwinError({
    code: "scenario.unknown",
    problem: `No scenario "${id}" is shipped`,
    remedy: "Choose one on the start page, or open a file of your own",
  });
}

function loadTopology(name: string): Topology {
  const found = Object.entries(texts).find(
    ([path]) => path.includes(topologyFolder) && idOf(path) === name,
  );
  if (found === undefined) {
    const known = Object.keys(texts)
      .filter((path) => path.includes(topologyFolder))
      .map(idOf);
    throw new TwinError({
      code: "topology.unknown",
      problem: `No topology "${name}" is shipped`,
      remedy: `In the page, use one of ${known.join(", ")}; a topology file of your own runs from the command line`,
    });
  }
  return requireValid(validateTopologyText(found[1], `${name}.yaml`), `${name}.yaml`);
}

/** A scenario with its topology; throws all mistakes at once. */
export function scenarioOfText(text: string, fileName: string): ScenarioAndTopology {
  return requireValid(validateScenarioText(text, fileName, { loadTopology }), fileName);
}

export function scenarioOfLibrary(id: string): ScenarioAndTopology {
  return scenarioOfText(scenarioText(id), `${id}.yaml`);
}

export function libraryEntries(): readonly LibraryEntry[] {
  return Object.keys(texts)
    .filter((path) => !path.includes(topologyFolder))
    .flatMap((path): LibraryEntry[] => {
      const validated = validateScenarioText(texts[path] ?? "", path, { loadTopology });
      if (!validated.ok) return [];
      const { scenario } = validated.value;
      return [
        {
          id: idOf(path),
          title: scenario.title,
          description: scenario.description,
          kind: kindOf(path),
          topology: scenario.topology,
          durationSeconds: scenario.durationSeconds,
          firstFaultSeconds: Math.min(
            ...scenario.faults.map(({ atSeconds }) => atSeconds),
            scenario.durationSeconds,
          ),
          ratePerSecond: scenario.workload.ratePerSecond,
        },
      ];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function kindOf(path: string): LibraryEntry["kind"] {
  if (path.includes("/incidents/")) return "incident";
  return path.includes("/claims/") ? "claim" : "scenario";
}

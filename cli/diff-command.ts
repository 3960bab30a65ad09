/** What `stormbell diff` does. */
import type { Parameters } from "../sim/facts/parameter.ts";
import {
  compareTopologies,
  type DescribedTopology,
} from "../sim/twin/platform/compare-topologies.ts";
import { Simulation } from "../sim/twin/simulation.ts";
import { diffText } from "./report/diff-text.ts";
import { loadScenario, topologyLoader } from "./scenario-files.ts";
import { print, printJson } from "./terminal.ts";

export function diffCommand(from: string, to: string, options: { readonly json?: true }): void {
  const differences = compareTopologies(described(from), described(to));
  if (options.json) printJson(differences);
  else print(...diffText(differences));
}

/** A topology, and the numbers of its components as they are when it is assembled. */
function described(name: string): DescribedTopology {
  const topology = topologyLoader("./diff")(name);
  const { scenario } = loadScenario("baseline-500");
  const { fabric, platform } = new Simulation({ scenario, topology, seed: "diff" });
  const parameters = new Map<string, Parameters>();
  for (const [at, component] of fabric.components.entries()) {
    const id = platform.copies[at]?.declared.id ?? component.id;
    if (!parameters.has(id)) parameters.set(id, component.parameters());
  }
  return { topology, parameters };
}

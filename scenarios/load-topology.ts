/** Loads a topology by its name with all that it extends. */
import { TwinError } from "../sim/errors/twin-error.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { requireValid, validateTopologyText } from "./validate-text.ts";

export interface TopologyFile {
  readonly text: string;
  readonly fileName: string;
}

/** Finds a shipped topology by its id, or a file by its path from `besideFile`; throws when there is none. */
export type FindTopology = (name: string, besideFile: string) => TopologyFile;

/** A loader for names in `file`. It throws all mistakes of a topology at once. */
export function topologyLoading(file: string, find: FindTopology): (name: string) => Topology {
  return (name) => load(name, file, find, [file]);
}

function load(
  name: string,
  besideFile: string,
  find: FindTopology,
  above: readonly string[],
): Topology {
  const { text, fileName } = find(name, besideFile);
  if (above.includes(fileName)) {
    throw new TwinError({
      code: "topology.extends-itself",
      problem: `"${name}" extends itself: ${[...above.slice(above.indexOf(fileName)), fileName].join(" extends ")}`,
      remedy: "Extend a topology that does not come back to this one",
    });
  }
  const chain = [...above, fileName];
  const loadTopology = (base: string) => load(base, fileName, find, chain);
  return requireValid(validateTopologyText(text, fileName, { loadTopology }), fileName);
}

/** Scenarios and topologies as the user names them: a shipped one by its id, or a file of their own. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { topologyLoading } from "../scenarios/load-topology.ts";
import { readYaml } from "../scenarios/located-yaml.ts";
import { suggestion } from "../scenarios/nearest-name.ts";
import { valueAt } from "../scenarios/schema-walk.ts";
import {
  type LocatedMistake,
  requireValid,
  type ScenarioAndTopology,
  validateScenarioText,
} from "../scenarios/validate-text.ts";
import { TwinError } from "../sim/errors/twin-error.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { projectRoot } from "./project-root.ts";
import { readTextInput } from "./read-input.ts";

const topologyFolder = "topologies";

export interface LoadedScenario extends ScenarioAndTopology {
  /** As the user named it. */
  readonly name: string;
  /** From the folder in which the command was given. */
  readonly path: string;
  readonly warnings: readonly LocatedMistake[];
}

/** Reads and checks a scenario; throws all its mistakes at once. */
export function loadScenario(name: string): LoadedScenario {
  const path = scenarioPath(name);
  const validated = validateScenarioText(readTextInput(path), path, {
    loadTopology: topologyLoader(path),
  });
  return { ...requireValid(validated, path), name, path, warnings: validated.warnings };
}

/** Ids of the scenarios that ship with the program: first those that stand by themselves, then those of subfolders. */
export function shippedScenarioIds(): readonly string[] {
  return [...shippedFiles()].filter(([, path]) => !isEvidence(path)).map(([id]) => id);
}

/** Runs that claims are judged by are loaded past any limit on purpose: they are named one by one, and no drill of all. */
function isEvidence(path: string): boolean {
  return basename(dirname(path)) === "claims";
}

/** Loads what a file names as its topology: a shipped one, or a file beside it. */
export function topologyLoader(file: string): (name: string) => Topology {
  return topologyLoading(file, (name, besideFile) => {
    const fileName = topologyFile(name, dirname(besideFile));
    return { text: readTextInput(fileName), fileName };
  });
}

/** Id of the topology that a variant goes back to, over all that lie between; its own when it extends none. */
export function baseTopologyOf(name: string, folder = "."): string {
  const path = topologyFile(name, folder);
  const { data } = readYaml(readTextInput(path));
  const above = valueAt(data, ["extends"]);
  return typeof above === "string"
    ? baseTopologyOf(above, dirname(path))
    : String(valueAt(data, ["id"]));
}

/** Path of a topology: a shipped one by its id, or a file relative to `folder`. Throws `topology.unknown`. */
export function topologyFile(name: string, folder = "."): string {
  if (isPath(name)) return folder === "." ? name : join(folder, name);
  const path = fromHere(join(projectRoot(), "scenarios", topologyFolder, `${name}.yaml`));
  if (existsSync(path)) return path;
  throw new TwinError({
    code: "topology.unknown",
    problem: `No topology "${name}" is shipped`,
    remedy: `${suggestion(name, shippedTopologyIds(), "topology")}; a file of your own is named with its path: ./${name}.yaml`,
  });
}

function scenarioPath(name: string): string {
  if (isPath(name)) return name;
  const path = shippedFiles().get(name);
  if (path !== undefined) return fromHere(path);
  throw new TwinError({
    code: "scenario.unknown",
    problem: `No scenario "${name}" is shipped`,
    remedy: `${suggestion(name, shippedScenarioIds(), "scenario")}; a file of your own is named with its path: ./${name}.yaml`,
  });
}

function isPath(name: string): boolean {
  return /[/\\]|\.ya?ml$/.test(name);
}

/** Shipped scenario files by id, wherever under `scenarios/` they lie. */
function shippedFiles(): ReadonlyMap<string, string> {
  const folder = join(projectRoot(), "scenarios");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml") && !file.startsWith(topologyFolder))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return new Map(files.map((file) => [basename(file, ".yaml"), join(folder, file)]));
}

/** Files of no folder first. */
function sortKey(file: string): string {
  return `${dirname(file) === "." ? "" : dirname(file)}/${basename(file, ".yaml")}`;
}

/** Ids of the topologies that ship with the program, sorted. */
export function shippedTopologyIds(): readonly string[] {
  const folder = join(projectRoot(), "scenarios", topologyFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .sort();
}

/** Short paths read better, and GitHub wants them from the root of the repository. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return short.startsWith("..") ? path : short;
}

/** The start page's verdicts as they are stored, and which of them are of an earlier simulation. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import type { ScenarioVerdict } from "./scenario-verdict.ts";

const path = "ui/src/panels/library-verdicts.json";

export interface StoredVerdict extends ScenarioVerdict {
  /** Fingerprint of the simulation that gave it, hash of the scenario and topology that it ran, digest of the run. */
  readonly simulation: string;
  readonly inputs: string;
  readonly digest: string;
}

export interface StoredVerdicts {
  /** Fingerprint of the simulation as it is now. */
  readonly simulation: string;
  readonly verdicts: Readonly<Record<string, StoredVerdict>>;
}

export function readVerdicts(): StoredVerdicts {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** In the order of their ids, one a line. */
export function writeVerdicts({ simulation, verdicts }: StoredVerdicts): void {
  const lines = Object.entries(verdicts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, verdict]) => `${JSON.stringify(id)}: ${JSON.stringify(verdict)}`);
  writeFileSync(
    path,
    `{"simulation": ${JSON.stringify(simulation)}, "verdicts": {\n${lines.join(",\n")}\n}}\n`,
  );
}

/** Whether a verdict is of another simulation, or of a scenario that has changed since. */
export function isEarlier(verdict: StoredVerdict, simulation: string, inputs: string): boolean {
  return verdict.simulation !== simulation || verdict.inputs !== inputs;
}

/** Changes with the scenario and with all of its topology. */
export function inputsHash(inputs: { scenario: Scenario; topology: Topology }): string {
  return hashOf(JSON.stringify([inputs.scenario, inputs.topology]));
}

/** Sixteen hexadecimal digits. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

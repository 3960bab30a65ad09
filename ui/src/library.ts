/** What ships with the page: scenarios ready to run, their verdicts, and the strategy's claims. Made by tools/page-library.ts. */
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";

export interface LibraryEntry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly kind: "scenario" | "incident" | "claim";
  readonly topology: string;
  readonly durationSeconds: number;
  readonly ratePerSecond: number;
  /** The workload as JSON: two entries with the same one have the same arrivals. */
  readonly workload: string;
  /** Left out where nobody has run it yet. */
  readonly verdict?: "met" | "missed" | "unhealthy before";
  readonly sentence?: string;
  /** Whether the verdict is of another simulation, or of a scenario that has changed since. */
  readonly isEarlier?: boolean;
  /** Instant at which it is worth opening, seconds. */
  readonly atSeconds?: number;
  /** Share of good order entries over the run, 0..1. */
  readonly spark?: readonly number[];
}

export interface LibraryClaim {
  readonly id: string;
  readonly section: string;
  readonly words: string;
  readonly verdict: string;
  readonly ours: string;
  readonly scenarios: readonly string[];
}

export interface Library {
  readonly entries: readonly LibraryEntry[];
  readonly topologies: readonly string[];
  readonly claims: readonly LibraryClaim[];
}

let known: Promise<Library> | undefined;

export function library(): Promise<Library> {
  known ??= fetched("index.json").then(
    (response) => response.json(),
    (error: unknown) => {
      // Whoever asks again may be luckier.
      known = undefined;
      throw error;
    },
  );
  return known;
}

/** A shipped scenario with its topology; `undefined` when none has this id. */
export async function shippedScenario(
  id: string,
): Promise<{ readonly scenario: Scenario; readonly topology: Topology } | undefined> {
  const { entries } = await library();
  if (!entries.some((entry) => entry.id === id)) return undefined;
  return (await fetched(`${id}.json`)).json();
}

/** A shipped scenario as its author wrote it. */
export async function scenarioText(id: string): Promise<string> {
  return (await fetched(`${id}.yaml`)).text();
}

async function fetched(file: string): Promise<Response> {
  const response = await fetch(`./library/${file}`);
  if (!response.ok) throw new Error(`library/${file}: ${response.status} ${response.statusText}`);
  return response;
}

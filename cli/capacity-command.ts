/** What `stormbell capacity` does. */
import { isAbsolute, relative } from "node:path";
import { suggestion } from "../scenarios/nearest-name.ts";
import { TwinError } from "../sim/errors/twin-error.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import { findCapacity } from "./capacity-search.ts";
import { fittedLoad } from "./fitted-load.ts";
import { capacityReport, type StrategyClaim } from "./report/capacity-report.ts";
import {
  baseTopologyOf,
  type LoadedScenario,
  loadScenario,
  shippedScenarioIds,
  topologyLoader,
} from "./scenario-files.ts";
import { scaledNote, scaledScenario } from "./seed-options.ts";
import { print, printJson, printNote } from "./terminal.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

export interface CapacityOptions {
  readonly seeds: number;
  /** Scenario whose workload and objectives are used. */
  readonly like?: string;
  /** Ids of service objectives that must hold; all when left out. */
  readonly objective?: readonly string[];
  readonly max: number;
  readonly tolerance: number;
  readonly warmUp: number;
  readonly measure: number;
  readonly fleets: "scaled" | "declared";
  readonly next: boolean;
  readonly json?: true;
  readonly scale?: number;
}

/** What the scaling strategy says of its own topologies: the text's "Peak Capacity" and the loads its phases are for. */
const claims: ReadonlyMap<string, StrategyClaim> = new Map([
  ["current", { ratePerSecond: 2000, words: "~2,000 RPS before major changes needed" }],
  ["phase-1", { ratePerSecond: 5000, words: "5,000 RPS" }],
  ["phase-2", { ratePerSecond: 50_000, words: "50,000 RPS" }],
]);

export async function capacityCommand(
  runJobs: RunJobs,
  name: string,
  options: CapacityOptions,
): Promise<void> {
  // A path counts from the folder in which the command was given.
  const path = isAbsolute(name) ? `./${relative(process.cwd(), name)}` : name;
  const topology = topologyLoader("here.yaml")(path);
  const like = likeScenario([topology.id, baseTopologyOf(path)], options);
  // A load that was named is taken as it is; one that was chosen here is cut to what the platform serves.
  const lent = options.like === undefined ? fittedLoad(like.scenario, topology) : like.scenario;
  const scenario = scaledScenario(calmScenario(lent, name, options), options.scale);
  if (options.scale !== undefined && options.scale > 1) printNote(scaledNote(options.scale));
  const results = await findCapacity(
    {
      scenario,
      topology,
      seedCount: options.seeds,
      search: {
        startPerSecond: scenario.workload.ratePerSecond,
        maxPerSecond: options.max,
        tolerance: options.tolerance / 100,
      },
      scaledFleets: options.fleets === "scaled",
      wantsBottleneck: true,
      wantsNext: options.next,
    },
    runJobs,
    printNote,
  );
  const told = {
    topology: name,
    like: like.name,
    seedCount: options.seeds,
    measureSeconds: options.measure,
    objectives: scenario.objectives,
    maxPerSecond: options.max,
    claim: claims.get(topology.id),
  };
  if (options.json) printJson({ ...told, ...results });
  else print(...capacityReport(results, told));
}

/** The scenario that lends its workload: the one that was named, or the first shipped one without faults, of these topologies if there is one. */
function likeScenario(topologies: readonly string[], { like }: CapacityOptions): LoadedScenario {
  if (like !== undefined) return loadScenario(like);
  let other: LoadedScenario | undefined;
  for (const id of shippedScenarioIds()) {
    const each = loadScenario(id);
    if (each.scenario.faults.length > 0) continue;
    if (topologies.includes(each.topology.id)) return each;
    other ??= each;
  }
  if (other !== undefined) return other;
  throw new TwinError({
    code: "capacity.no-workload",
    problem: "No shipped scenario is without faults, so there is no workload to take",
    remedy: "Name a scenario with --like",
    at: "--like",
  });
}

/** The same workload on the topology, with nothing failing, judged by what "in service" means and by the ledger. */
function calmScenario(like: Scenario, topology: string, options: CapacityOptions): Scenario {
  const { componentOverrides, ...rest } = like;
  const judged = like.objectives.filter(({ kind }) => kind === "service" || kind === "invariants");
  const wanted = options.objective ?? judged.map(({ id }) => id);
  const unknown = wanted.find((id) => judged.every((each) => each.id !== id));
  if (unknown !== undefined) {
    throw new TwinError({
      code: "capacity.objective-unknown",
      problem: `"${unknown}" is no service objective of ${like.id}`,
      remedy: suggestion(
        unknown,
        judged.map(({ id }) => id),
        "objective",
      ),
      at: "--objective",
    });
  }
  return {
    ...rest,
    ...(like.topology === topology && componentOverrides !== undefined
      ? { componentOverrides }
      : {}),
    id: `capacity-${topology.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}`,
    topology,
    faults: [],
    warmUpSeconds: options.warmUp,
    durationSeconds: options.warmUp + options.measure,
    objectives: judged.filter(({ id, kind }) => kind === "invariants" || wanted.includes(id)),
  };
}

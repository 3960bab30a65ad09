/** The searches for a highest load that claims, tornado and tree look at: each once, some at a time. */
import type { KneeFigures } from "../sim/twin/claims/claim-types.ts";
import { figureOf } from "../sim/twin/claims/figures.ts";
import type { LoadBracket } from "../sim/twin/ensemble/load-search.ts";
import { findCapacity } from "./capacity-search.ts";
import { type CapacityPlan, type ClaimsPlan, keyOf, type Variant } from "./claims-plan.ts";
import { loadScenario } from "./scenario-files.ts";
import { designsOf, type Platform } from "./sweep-designs.ts";
import { printNote } from "./terminal.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

/** A search, perhaps with one assumption elsewhere in its range; what gives way is sought only where it is told. */
export interface WantedKnee {
  readonly id: string;
  readonly variant?: Variant;
  readonly wantsBottleneck: boolean;
}

export interface KneeOptions {
  readonly toleranceFactor: number;
  readonly seedCount: number;
  /** Searches at a time: each makes one run after the other. */
  readonly atOnce: number;
}

export async function findKnees(
  runJobs: RunJobs,
  { capacities }: ClaimsPlan,
  wanted: readonly WantedKnee[],
  options: KneeOptions,
): Promise<ReadonlyMap<string, KneeFigures>> {
  const open = new Map<string, WantedKnee>();
  for (const each of wanted) {
    const key = keyOf(each.id, each.variant);
    const known = open.get(key);
    if (known === undefined || each.wantsBottleneck) open.set(key, each);
  }
  const knees = new Map<string, KneeFigures>();
  const bracketsOf = new Map<string, readonly LoadBracket[]>();
  // As it is first: with an assumption elsewhere a platform comes to much the same, and begins there.
  const left = [...open].toSorted(
    ([, a], [, b]) => Number(a.variant !== undefined) - Number(b.variant !== undefined),
  );
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [key, { id, ...search }] = next;
      const plan = capacities[id];
      if (plan === undefined) throw new Error(`No capacity search is called "${id}"`);
      const hints = search.wantsBottleneck ? undefined : bracketsOf.get(id);
      const { brackets, ...knee } = await findKnee(runJobs, id, plan, {
        ...search,
        ...options,
        hints,
      });
      if (search.variant === undefined) bracketsOf.set(id, brackets);
      knees.set(key, knee);
      printNote(`${key}: ${knee.ratePerSecond.value} requests/s, ${left.length} searches left`);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return knees;
}

async function findKnee(
  runJobs: RunJobs,
  id: string,
  plan: CapacityPlan,
  {
    variant,
    wantsBottleneck,
    toleranceFactor,
    seedCount,
    hints,
  }: Omit<WantedKnee, "id"> &
    Omit<KneeOptions, "atOnce"> & { hints: readonly LoadBracket[] | undefined },
): Promise<KneeFigures & { brackets: readonly LoadBracket[] }> {
  const { warmUpSeconds, measureSeconds, startPerSecond, maxPerSecond, tolerancePercent } = plan;
  const loaded = platformAt(loadScenario(plan.scenario), variant);
  const { first } = await findCapacity(
    {
      scenario: {
        ...loaded.scenario,
        id: `capacity-${id}`,
        faults: [],
        warmUpSeconds,
        durationSeconds: warmUpSeconds + measureSeconds,
      },
      topology: loaded.topology,
      seedCount,
      search: {
        startPerSecond,
        maxPerSecond,
        tolerance: (tolerancePercent / 100) * toleranceFactor,
      },
      scaledFleets: plan.fleets === "scaled",
      wantsBottleneck,
      wantsNext: false,
      ...(hints === undefined ? {} : { hints }),
    },
    runJobs,
    () => {},
  );
  const { bottleneck, brackets, failure, requests } = first;
  return {
    brackets,
    ratePerSecond: figureOf(
      brackets.map(({ held }) => held),
      "requests/s",
    ),
    bottleneck: bottleneck?.component ?? "",
    lift: bottleneck?.lift.words ?? "",
    failure,
    requests,
    isOpen: brackets.some(({ failed }) => failed === undefined),
  };
}

/** A platform with one assumption at an end of its range. */
export function platformAt(platform: Platform, variant: Variant | undefined): Platform {
  if (variant === undefined) return platform;
  const { range, value } = variant;
  const [design] = designsOf(platform, [{ path: range.path, values: [value] }]);
  if (design === undefined) throw new Error(`No design for ${range.path}`);
  return { scenario: design.scenario, topology: design.topology };
}

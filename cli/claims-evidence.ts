/** Makes the runs that claims are judged by, each once, however many claims look at it. */
import { checkedScenario } from "../scenarios/checked-scenario.ts";
import strategy from "../scenarios/claims/claims.json" with { type: "json" };
import { shippedParts } from "../scenarios/shipped-parts.ts";
import costTables from "../scenarios/strategy/cost-tables.json" with { type: "json" };
import type {
  AssumptionRange,
  Claim,
  EvidenceDesk,
  KneeFigures,
} from "../sim/twin/claims/claim-types.ts";
import { figureOf } from "../sim/twin/claims/figures.ts";
import type { ObservedRun } from "../sim/twin/claims/watched-run.ts";
import { findCapacity } from "./capacity-search.ts";
import { type LoadedScenario, loadScenario, shippedTopologyIds } from "./scenario-files.ts";
import { printNote } from "./terminal.ts";
import type { FinishedRun, RunJob } from "./worker/run-job.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

/** The claims, and how much evidence each scenario gives. */
export interface ClaimsPlan {
  readonly claims: readonly Claim[];
  /** Seeds of each scenario; 1 for those that are not named. */
  readonly seeds: Readonly<Record<string, number>>;
  readonly capacity: CapacityPlan;
}

interface CapacityPlan {
  readonly seeds: number;
  readonly warmUpSeconds: number;
  readonly measureSeconds: number;
  readonly tolerancePercent: number;
  readonly maxPerSecond: number;
}

const { seeds, capacity } = strategy;

/** What the strategy claims. */
export const strategyClaims: ClaimsPlan = { claims: strategy.claims, seeds, capacity };

interface Variant {
  readonly range: AssumptionRange;
  readonly value: number;
}

export interface Evidence {
  /** What a claim may look at; with a variant, the runs made with it. */
  desk(claim: Claim, variant?: Variant): EvidenceDesk;
  /** Seeds with which a scenario was run. */
  seedCount(scenario: string): number;
  /** Requests that were simulated for a claim; shared runs count for each that looks at them. */
  requests(claim: Claim): number;
  readonly requestsInAll: number;
}

interface EvidenceOptions {
  readonly seedFactor: number;
  readonly toleranceFactor: number;
  readonly wantsRanges: boolean;
}

interface Planned {
  readonly key: string;
  readonly job: RunJob;
}

export async function gatherEvidence(
  runJobs: RunJobs,
  plan: ClaimsPlan,
  options: EvidenceOptions,
): Promise<Evidence> {
  const seedCount = (scenario: string) => (plan.seeds[scenario] ?? 1) * options.seedFactor;
  const loaded = new Map<string, LoadedScenario>();
  for (const id of plan.claims.flatMap(({ scenarios }) => scenarios ?? [])) {
    if (!loaded.has(id)) loaded.set(id, loadScenario(id));
  }
  const planned = new Map<string, Planned[]>();
  const plans = (id: string, variant?: Variant) => {
    const key = keyOf(id, variant);
    const scenario = loaded.get(id);
    if (planned.has(key) || scenario === undefined) return;
    const count = variant === undefined ? seedCount(id) : options.seedFactor;
    planned.set(
      key,
      Array.from({ length: count }, (_, at) => ({ key, job: jobOf(scenario, at + 1, variant) })),
    );
  };
  for (const claim of plan.claims) for (const id of claim.scenarios ?? []) plans(id);
  if (options.wantsRanges) {
    for (const { claim, variant } of plan.claims.flatMap(variantsOf)) {
      for (const id of claim.scenarios ?? []) plans(id, variant);
    }
  }
  const jobs = [...planned.values()].flat();
  const finished = await runJobs(jobs.map(({ job }) => job));
  const runs = new Map<string, FinishedRun[]>();
  for (const [at, { key }] of jobs.entries()) {
    const run = finished[at];
    if (run === undefined) throw new Error("a job without a run");
    runs.set(key, [...(runs.get(key) ?? []), run]);
  }
  const knees = await findKnees(runJobs, plan, options);
  const shipped = shippedParts(shippedTopologyIds());
  const requestsOf = (keys: readonly string[]) =>
    keys
      .flatMap((key) => runs.get(key) ?? [])
      .reduce((sum, { summary }) => sum + summary.totals.requests, 0);
  return {
    desk: (claim, variant) => ({
      runs(id) {
        if (!claim.scenarios?.includes(id)) {
          throw new Error(`Claim ${claim.id} does not name the scenario ${id}`);
        }
        return (runs.get(keyOf(id, variant)) ?? []).map(observed);
      },
      knee(topology) {
        const knee = knees.get(topology);
        if (knee === undefined) throw new Error(`Claim ${claim.id} has no knee of ${topology}`);
        return knee;
      },
      shipped,
      plan: costTables,
    }),
    seedCount,
    requests: (claim) =>
      requestsOf(keysOf(claim, options)) +
      (claim.capacityOf === undefined ? 0 : (knees.get(claim.capacityOf)?.requests ?? 0)),
    requestsInAll:
      requestsOf([...runs.keys()]) +
      [...knees.values()].reduce((sum, { requests }) => sum + requests, 0),
  };
}

function observed({ summary, watched }: FinishedRun): ObservedRun {
  if (watched === undefined) throw new Error("a run that was not watched");
  return { summary, watched };
}

function keysOf(claim: Claim, { wantsRanges }: EvidenceOptions): readonly string[] {
  const variants = wantsRanges ? variantsOf(claim).map(({ variant }) => variant) : [];
  return (claim.scenarios ?? []).flatMap((id) =>
    [undefined, ...variants].map((variant) => keyOf(id, variant)),
  );
}

function variantsOf(claim: Claim): readonly { readonly claim: Claim; readonly variant: Variant }[] {
  return (claim.ranges ?? []).flatMap((range) =>
    [range.low, range.high].map((value) => ({ claim, variant: { range, value } })),
  );
}

function keyOf(scenario: string, variant: Variant | undefined): string {
  if (variant === undefined) return scenario;
  const { range, value } = variant;
  return `${scenario} ${range.component}.${range.parameter}=${value}`;
}

function jobOf(loaded: LoadedScenario, seed: number, variant: Variant | undefined): RunJob {
  const { scenario, topology } = loaded;
  const job = { topology, seed: String(seed), watched: true } as const;
  if (variant === undefined) return { ...job, scenario };
  const { component, parameter } = variant.range;
  const overrides = scenario.componentOverrides?.[component] ?? {};
  const own = (overrides["parameters"] ?? {}) as Readonly<Record<string, number>>;
  const parameters = { ...own, [parameter]: variant.value };
  const changed = {
    ...scenario,
    componentOverrides: {
      ...scenario.componentOverrides,
      [component]: { ...overrides, parameters },
    },
  };
  return { ...job, scenario: checkedScenario(changed, topology) };
}

/** The highest load that holds, with fleets already scaled and the workload of the baseline. */
async function findKnees(
  runJobs: RunJobs,
  { claims, capacity: { seeds: seedCount, ...plan } }: ClaimsPlan,
  options: EvidenceOptions,
): Promise<ReadonlyMap<string, KneeFigures>> {
  const knees = new Map<string, KneeFigures>();
  for (const { capacityOf } of claims) {
    if (capacityOf === undefined || knees.has(capacityOf)) continue;
    const { scenario, topology } = loadScenario("baseline-500");
    const { warmUpSeconds, measureSeconds, maxPerSecond, tolerancePercent } = plan;
    const results = await findCapacity(
      {
        scenario: {
          ...scenario,
          id: `capacity-${capacityOf}`,
          warmUpSeconds,
          durationSeconds: warmUpSeconds + measureSeconds,
        },
        topology,
        seedCount: seedCount * options.seedFactor,
        search: {
          startPerSecond: scenario.workload.ratePerSecond,
          maxPerSecond,
          tolerance: (tolerancePercent / 100) * options.toleranceFactor,
        },
        scaledFleets: true,
        wantsNext: false,
      },
      runJobs,
      printNote,
    );
    const { bottleneck, brackets, failure, requests } = results.first;
    knees.set(capacityOf, {
      ratePerSecond: figureOf(
        brackets.map(({ held }) => held),
        "requests/s",
      ),
      bottleneck: bottleneck?.component ?? "",
      lift: bottleneck?.lift.words ?? "",
      failure,
      requests,
    });
  }
  return knees;
}

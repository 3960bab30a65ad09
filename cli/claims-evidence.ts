/** Makes the runs that claims are judged by, each once, however many claims look at it. */
import { shippedParts } from "../scenarios/shipped-parts.ts";
import costTables from "../scenarios/strategy/cost-tables.json" with { type: "json" };
import type { Claim, EvidenceDesk } from "../sim/twin/claims/claim-types.ts";
import { type Branch, decisionTree } from "../sim/twin/claims/decision-tree.ts";
import { recoverySeconds } from "../sim/twin/claims/figures.ts";
import {
  canMove,
  type Tornado,
  type TornadoMeasure,
  tornadoes,
} from "../sim/twin/claims/tornado.ts";
import type { ObservedRun } from "../sim/twin/claims/watched-run.ts";
import { findKnees, platformAt, type WantedKnee } from "./claims-capacities.ts";
import { type ClaimsPlan, keyOf, type Variant, variantsOf } from "./claims-plan.ts";
import { type LoadedScenario, loadScenario, shippedTopologyIds } from "./scenario-files.ts";
import type { FinishedRun, RunJob } from "./worker/run-job.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

export interface Evidence {
  /** What a claim may look at; with a variant, the runs made with it. */
  desk(claim: Claim, variant?: Variant): EvidenceDesk;
  /** Seeds with which a scenario was run. */
  seedCount(scenario: string): number;
  /** Requests that were simulated for a claim; shared runs count for each that looks at them. */
  requests(claim: Claim): number;
  readonly requestsInAll: number;
  readonly tornadoes: readonly Tornado[];
  readonly tree: readonly Branch[];
}

export interface EvidenceOptions {
  readonly seedFactor: number;
  readonly toleranceFactor: number;
  readonly wantsRanges: boolean;
  /** Capacity searches at a time. */
  readonly searchesAtOnce: number;
}

/** Runs of a scenario that are wanted, and how many seeds of them. */
interface WantedRuns {
  readonly scenario: string;
  readonly variant: Variant | undefined;
  readonly seeds: number;
}

export async function gatherEvidence(
  runJobs: RunJobs,
  plan: ClaimsPlan,
  options: EvidenceOptions,
): Promise<Evidence> {
  const seedCount = (scenario: string) => (plan.seeds[scenario] ?? 1) * options.seedFactor;
  const runs = await makeRuns(runJobs, wantedRuns(plan, options, seedCount));
  const knees = await findKnees(runJobs, plan, wantedKnees(plan, options), {
    toleranceFactor: options.toleranceFactor,
    seedCount: options.seedFactor,
    atOnce: options.searchesAtOnce,
  });
  const shipped = shippedParts(shippedTopologyIds());
  const runsOf = (id: string, variant?: Variant) => runs.get(keyOf(id, variant)) ?? [];
  const kneeOf = (id: string, variant?: Variant) => {
    const knee = knees.get(keyOf(id, variant));
    if (knee === undefined) throw new Error(`There was no search for ${keyOf(id, variant)}`);
    return knee;
  };
  const measureAt = (measure: TornadoMeasure, variant?: Variant): number | null => {
    if (measure.capacity !== undefined)
      return kneeOf(measure.capacity, variant).ratePerSecond.value;
    return worstOf(measure, runsOf(measure.scenario ?? "", variant).map(observed));
  };
  return {
    desk: (claim, variant) => ({
      runs(id) {
        if (!claim.scenarios?.includes(id)) {
          throw new Error(`Claim ${claim.id} does not name the scenario ${id}`);
        }
        return runsOf(id, variant).map(observed);
      },
      knee(id) {
        if (!claim.capacities?.includes(id)) {
          throw new Error(`Claim ${claim.id} does not name the search ${id}`);
        }
        return kneeOf(id, variant);
      },
      shipped,
      plan: costTables,
    }),
    seedCount,
    requests(claim) {
      const variants = [undefined, ...(options.wantsRanges ? variantsOf(claim.ranges ?? []) : [])];
      return sum(
        variants.flatMap((variant) => [
          ...(claim.scenarios ?? []).map((id) => requestsOf(runsOf(id, variant))),
          ...(claim.capacities ?? []).map((id) => kneeOf(id, variant).requests),
        ]),
      );
    },
    requestsInAll:
      sum([...runs.values()].map(requestsOf)) +
      sum([...knees.values()].map(({ requests }) => requests)),
    tornadoes:
      plan.tornado === undefined || !options.wantsRanges ? [] : tornadoes(plan.tornado, measureAt),
    tree: decisionTree(
      (plan.tree ?? []).map(({ capacity, ...step }) => ({ ...step, knee: kneeOf(capacity) })),
    ),
  };
}

/** The longest recovery, or the most that was lost; null when a run did not see the end of it. */
function worstOf({ id }: TornadoMeasure, runs: readonly ObservedRun[]): number | null {
  const values =
    id === "rto"
      ? recoverySeconds(runs)
      : runs.map(({ summary }) =>
          sum(summary.rpo.filter(({ declared }) => declared).map(({ lostCount }) => lostCount)),
        );
  const worst = Math.max(0, ...values);
  return Number.isFinite(worst) ? worst : null;
}

function wantedRuns(
  { claims, tornado }: ClaimsPlan,
  { seedFactor, wantsRanges }: EvidenceOptions,
  seedCount: (scenario: string) => number,
): readonly WantedRuns[] {
  const usual = claims.flatMap(({ scenarios = [] }) =>
    scenarios.map((scenario) => ({ scenario, variant: undefined, seeds: seedCount(scenario) })),
  );
  if (!wantsRanges) return usual;
  const atEnds = (scenarios: readonly string[], variants: readonly Variant[]) =>
    scenarios.flatMap((scenario) =>
      variants.map((variant) => ({ scenario, variant, seeds: seedFactor })),
    );
  const measures = tornado?.measures ?? [];
  const measured = measures.flatMap(({ scenario }) => scenario ?? []);
  return [
    ...usual,
    ...claims.flatMap(({ scenarios = [], ranges = [] }) => atEnds(scenarios, variantsOf(ranges))),
    ...measured.map((scenario) => ({ scenario, variant: undefined, seeds: seedCount(scenario) })),
    ...measures.flatMap((measure) =>
      atEnds(
        measure.scenario === undefined ? [] : [measure.scenario],
        variantsOf(assumptionsOf(tornado, measure)),
      ),
    ),
  ];
}

/** What can move a measure, and is tried. */
function assumptionsOf(tornado: ClaimsPlan["tornado"], measure: TornadoMeasure) {
  return (tornado?.assumptions ?? []).filter((assumption) => canMove(assumption, measure));
}

function wantedKnees(
  { claims, tornado, tree }: ClaimsPlan,
  { wantsRanges }: EvidenceOptions,
): readonly WantedKnee[] {
  const usual = [
    ...claims.flatMap(({ capacities = [] }) => capacities),
    ...(tree ?? []).map(({ capacity }) => capacity),
  ].map((id): WantedKnee => ({ id, wantsBottleneck: true }));
  if (!wantsRanges) return usual;
  const atEnds = (ids: readonly string[], variants: readonly Variant[]) =>
    ids.flatMap((id) =>
      variants.map((variant): WantedKnee => ({ id, variant, wantsBottleneck: false })),
    );
  const measures = tornado?.measures ?? [];
  const measured = measures.flatMap(({ capacity }) => capacity ?? []);
  return [
    ...usual,
    ...measured.map((id): WantedKnee => ({ id, wantsBottleneck: true })),
    ...claims.flatMap(({ capacities = [], ranges = [] }) => atEnds(capacities, variantsOf(ranges))),
    ...measures.flatMap((measure) =>
      atEnds(
        measure.capacity === undefined ? [] : [measure.capacity],
        variantsOf(assumptionsOf(tornado, measure)),
      ),
    ),
  ];
}

/** Each wanted scenario once, with the most seeds that were asked for. */
async function makeRuns(
  runJobs: RunJobs,
  wanted: readonly WantedRuns[],
): Promise<ReadonlyMap<string, readonly FinishedRun[]>> {
  const byKey = new Map<string, WantedRuns>();
  for (const each of wanted) {
    const key = keyOf(each.scenario, each.variant);
    const known = byKey.get(key);
    if (known === undefined || known.seeds < each.seeds) byKey.set(key, each);
  }
  const loaded = new Map<string, LoadedScenario>();
  const planned = [...byKey].flatMap(([key, { scenario: id, variant, seeds }]) => {
    const base = loaded.get(id) ?? loadScenario(id);
    loaded.set(id, base);
    const { scenario, topology } = platformAt(base, variant);
    return Array.from({ length: seeds }, (_, at) => {
      const job: RunJob = { scenario, topology, seed: String(at + 1), watched: true };
      return { key, job };
    });
  });
  const finished = await runJobs(planned.map(({ job }) => job));
  const runs = new Map<string, FinishedRun[]>();
  for (const [at, { key }] of planned.entries()) {
    const run = finished[at];
    if (run === undefined) throw new Error("a job without a run");
    runs.set(key, [...(runs.get(key) ?? []), run]);
  }
  return runs;
}

function observed({ summary, watched }: FinishedRun): ObservedRun {
  if (watched === undefined) throw new Error("a run that was not watched");
  return { summary, watched };
}

function requestsOf(runs: readonly FinishedRun[]): number {
  return sum(runs.map(({ summary }) => summary.totals.requests));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

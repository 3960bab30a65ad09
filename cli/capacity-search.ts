/** The highest load whose objectives hold, what gives way first, and what after that. */
import { checkedScenario } from "../scenarios/checked-scenario.ts";
import { confidence } from "../sim/twin/ensemble/ensemble-results.ts";
import { type LimitLift, liftsOf } from "../sim/twin/ensemble/limit-lifts.ts";
import {
  bracketAfter,
  bracketFrom,
  type LoadBracket,
  type LoadSearchOptions,
  nextRun,
} from "../sim/twin/ensemble/load-search.ts";
import { type PercentileEstimate, percentileOf } from "../sim/twin/ensemble/order-statistics.ts";
import type { RunSummary } from "../sim/twin/ensemble/run-summary.ts";
import { type Suspect, suspectsOf } from "../sim/twin/ensemble/saturation.ts";
import { ScenarioRun } from "../sim/twin/run-scenario.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { withOverrides } from "../sim/twin/topology-variants.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

export interface CapacityInputs {
  /** Workload and objectives; its faults are left out. */
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly seedCount: number;
  readonly search: LoadSearchOptions;
  /** Whether fleets that scale begin at the size that their target tracking would come to. */
  readonly scaledFleets: boolean;
  /** Whether to find out what gives way; limits are lifted one at a time for that. */
  readonly wantsBottleneck: boolean;
  /** Whether to search again with the first limit lifted. */
  readonly wantsNext: boolean;
  /**
   * By seed, what a platform much like this one came to: its ends are run first. Not for searches that tell what gives way,
   * which look at the runs at the ends of their own brackets.
   */
  readonly hints?: readonly LoadBracket[];
}

/** One search: the knee and what gives way at it. */
export interface Knee {
  /** Highest load that held, one for each seed. */
  readonly brackets: readonly LoadBracket[];
  /** Median over the seeds, with its interval; censored where no load failed. */
  readonly ratePerSecond: PercentileEstimate;
  readonly suspects: readonly Suspect[];
  /** Component whose lifted limit lets the load above the knee hold; undefined when none of those tried does. */
  readonly bottleneck: Bottleneck | undefined;
  /** Lifts that were tried and did not help, in words. */
  readonly triedInVain: readonly string[];
  /** Why the load above the knee failed, from the run itself. */
  readonly failure: readonly string[];
  /** Requests simulated for it. */
  readonly requests: number;
}

export interface Bottleneck {
  readonly component: string;
  readonly service: string;
  readonly signs: readonly string[];
  readonly lift: LimitLift;
}

export interface CapacityResults {
  readonly first: Knee;
  /** With the first bottleneck's limit lifted; undefined when there was none, or it was not asked for. */
  readonly next: Knee | undefined;
  /** CPU that fleets were found to need, in tasks for each request a second, by component. */
  readonly tasksPerRps: Readonly<Record<string, number>>;
}

/** Suspects whose limits are lifted, one at a time. */
const suspectsTriedMax = 4;

export async function findCapacity(
  inputs: CapacityInputs,
  runJobs: RunJobs,
  tell: (text: string) => void,
): Promise<CapacityResults> {
  const tasksPerRps = inputs.scaledFleets ? await measureFleets(inputs, runJobs) : {};
  const first = await findKnee(inputs, {}, tasksPerRps, runJobs, tell);
  const { bottleneck } = first;
  if (bottleneck === undefined || !inputs.wantsNext) {
    return { first, next: undefined, tasksPerRps };
  }
  tell(`lifting ${bottleneck.component} (${bottleneck.lift.words}) and searching again`);
  const lifted = { [bottleneck.component]: bottleneck.lift.changes };
  const startPerSecond = first.ratePerSecond.atLeast;
  const again = { ...inputs, search: { ...inputs.search, startPerSecond } };
  const next = await findKnee(again, lifted, tasksPerRps, runJobs, tell);
  return { first, next, tasksPerRps };
}

type Overrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

async function findKnee(
  inputs: CapacityInputs,
  lifted: Overrides,
  tasksPerRps: Readonly<Record<string, number>>,
  runJobs: RunJobs,
  tell: (text: string) => void,
): Promise<Knee> {
  const { seedCount, search, topology } = inputs;
  const seen = new Map<string, RunSummary>();
  const runAt = async (asked: readonly { seed: number; load: number; extra: Overrides }[]) => {
    const jobs = asked.map(({ seed, load, extra }) => ({
      scenario: scenarioAt(inputs, load, merged(lifted, extra), tasksPerRps),
      topology,
      seed: String(seed + 1),
    }));
    return (await runJobs(jobs)).map(({ summary }) => summary);
  };
  const known: LoadBracket[] = Array.from({ length: seedCount }, () => {
    return { held: 0, failed: undefined };
  });
  for (;;) {
    const asked = known.flatMap((bracket, seed) => {
      const load = nextRun(bracket, search, inputs.hints?.[seed]);
      return load === undefined ? [] : [{ seed, load, extra: {} }];
    });
    if (asked.length === 0) break;
    const summaries = await runAt(asked);
    for (const [at, { seed, load }] of asked.entries()) {
      const summary = summaries[at];
      const bracket = known[seed];
      if (summary === undefined || bracket === undefined) throw new Error("a job without a run");
      seen.set(`${seed} ${load}`, summary);
      known[seed] = bracketAfter(bracket, load, hasHeld(summary));
    }
    tell(known.map(bracketText).join(", "));
  }
  const brackets = known.map((each) => bracketFrom(each, search));
  const ratePerSecond = percentileOf(
    brackets.map(({ held, failed }) => ({ value: held, censored: failed === undefined })),
    50,
    confidence,
  );
  const requests = [...seen.values()].reduce((sum, { totals }) => sum + totals.requests, 0);
  const knee = { brackets, ratePerSecond, requests };
  const seed = brackets.findIndex(
    ({ held, failed }) => failed !== undefined && held === ratePerSecond.atLeast,
  );
  const { held, failed } = brackets[seed] ?? {};
  const above = seen.get(`${seed} ${failed}`);
  if (failed === undefined || above === undefined || !inputs.wantsBottleneck) {
    return { ...knee, suspects: [], bottleneck: undefined, triedInVain: [], failure: [] };
  }
  const suspects = suspectsOf(topology, above, seen.get(`${seed} ${held}`), failed);
  const tries = liftsFor(inputs, lifted, suspects.slice(0, suspectsTriedMax), failed, tasksPerRps);
  const outcomes = await runAt(
    tries.map(({ component, lift }) => ({
      seed,
      load: failed,
      extra: { [component]: lift.changes },
    })),
  );
  const helping = outcomes.findIndex(hasHeld);
  return {
    ...knee,
    suspects,
    bottleneck: tries[helping],
    triedInVain: tries
      .filter((_, at) => outcomes[at] !== undefined && !hasHeld(outcomes[at]))
      .map(({ component, lift }) => `${component}: ${lift.words}`),
    failure: above.baseline.reasons,
  };
}

/** Every objective of a run without faults, and its books. */
function hasHeld({ baseline, objectives }: RunSummary): boolean {
  return baseline.healthy && objectives.every(({ met }) => met);
}

function bracketText({ held, failed }: LoadBracket): string {
  return failed === undefined ? `${held} held` : `${held}..${failed}`;
}

/** The scenario at a load, with fleets of the size that target tracking would come to. */
function scenarioAt(
  { scenario, topology }: CapacityInputs,
  load: number,
  changes: Overrides,
  tasksPerRps: Readonly<Record<string, number>>,
): Scenario {
  const sized: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const spec of withOverrides(topology, scenario.componentOverrides).components) {
    const perRps = tasksPerRps[spec.id];
    if (perRps === undefined || spec.service !== "ecs-fargate") continue;
    const wanted = Math.max(spec.taskCount, Math.ceil(perRps * load));
    sized[spec.id] = { taskCount: Math.min(wanted, spec.scaling?.taskCountMax ?? wanted) };
  }
  const componentOverrides = merged(merged(scenario.componentOverrides ?? {}, sized), changes);
  const workload = { ...scenario.workload, ratePerSecond: load };
  return checkedScenario({ ...scenario, workload, componentOverrides }, topology);
}

/** Fields of the second over those of the first; parameters one by one. */
function merged(first: Overrides, second: Overrides): Overrides {
  const ids = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  return Object.fromEntries(
    ids.map((id) => {
      const [one, two] = [first[id] ?? {}, second[id] ?? {}];
      const parameters = [one["parameters"], two["parameters"]].filter(
        (each): each is object => typeof each === "object" && each !== null,
      );
      const both = parameters.length === 0 ? {} : { parameters: Object.assign({}, ...parameters) };
      return [id, { ...one, ...two, ...both }];
    }),
  );
}

/** A task is full at its target when so many requests a second reach the platform: measured at a quarter of the load. */
async function measureFleets(
  inputs: CapacityInputs,
  runJobs: RunJobs,
): Promise<Readonly<Record<string, number>>> {
  const load = inputs.search.startPerSecond / 4;
  const scenario = scenarioAt(inputs, load, {}, {});
  const [run] = await runJobs([{ scenario, topology: inputs.topology, seed: "1" }]);
  const { components } = withOverrides(inputs.topology, scenario.componentOverrides);
  const entries = components.flatMap((spec) => {
    if (spec.service !== "ecs-fargate" || spec.scaling === undefined) return [];
    const loads = run?.summary.loads.find(({ component }) => component === spec.id);
    const share = loads?.utilisation.find(({ what }) => what === "vCPU")?.share ?? 0;
    const target = spec.scaling.targetCpuPercent / 100;
    return [[spec.id, (share * spec.taskCount) / target / load] as const];
  });
  return Object.fromEntries(entries);
}

/** Lifts of the suspects as the platform stands at a load, in the order of suspicion. */
function liftsFor(
  inputs: CapacityInputs,
  lifted: Overrides,
  suspects: readonly Suspect[],
  load: number,
  tasksPerRps: Readonly<Record<string, number>>,
): readonly Bottleneck[] {
  const scenario = scenarioAt(inputs, load, lifted, tasksPerRps);
  const { topology } = inputs;
  const records = new ScenarioRun({ scenario, topology, seed: "1" }).head().components;
  const specs = withOverrides(topology, scenario.componentOverrides).components;
  return suspects.flatMap(({ component, service, signs }) => {
    const spec = specs.find(({ id }) => id === component);
    const record = records.find(({ id }) => id === component || id.startsWith(`${component}-`));
    if (spec === undefined) return [];
    return liftsOf(spec, record?.parameters ?? {}).map((lift) => ({
      component,
      service,
      signs,
      lift,
    }));
  });
}

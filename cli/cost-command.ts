/** What `stormbell cost` does. */
import { checkedScenario } from "../scenarios/checked-scenario.ts";
import costTables from "../scenarios/strategy/cost-tables.json" with { type: "json" };
import { TwinError } from "../sim/errors/twin-error.ts";
import { comparePlan } from "../sim/twin/cost/compare-plan.ts";
import { costAlarms, tableBreakEven } from "../sim/twin/cost/cost-alarms.ts";
import type { CostResult } from "../sim/twin/cost/cost-types.ts";
import { atMonthFactor } from "../sim/twin/cost/month-bill.ts";
import {
  chosenOptimisations,
  optimisations,
  withOptimisations,
} from "../sim/twin/cost/optimisations.ts";
import { inconsistenciesOf } from "../sim/twin/cost/plan-inconsistencies.ts";
import type { CostPlan, PlannedPhase } from "../sim/twin/cost/plan-types.ts";
import type { Recording } from "../sim/twin/recording/recording-types.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { fittedLoad } from "./fitted-load.ts";
import type { CostReport, OptimisedComparison } from "./report/cost-report.ts";
import { costText } from "./report/cost-text.ts";
import { type RunScenario, runOne } from "./run-one.ts";
import { baseTopologyOf, loadScenario, topologyLoader } from "./scenario-files.ts";
import { createProgress, print, printJson, printNote } from "./terminal.ts";

export interface CostOptions {
  readonly rps?: string;
  readonly monthFactor?: string;
  readonly with?: string;
  readonly assume: readonly string[];
  readonly warmUp?: string;
  readonly window?: string;
  readonly seed: string;
  readonly json?: true;
}

const plan: CostPlan = costTables;

/** Requests that are simulated before and while the bill is measured, for what is left out on the command line. */
const warmUpRequests = 1_000_000;
const windowRequests = 300_000;
const warmUpSecondsBounds = [60, 600] as const;
const windowSecondsBounds = [60, 300] as const;

/** Users for each request a second: as in the shipped scenarios, where 2,000 send 500. */
const usersPerRequest = 4;

export function costCommand(
  runScenario: RunScenario,
  topologyName: string,
  options: CostOptions,
): void {
  const topology = topologyLoader("./cost")(topologyName);
  const origin = baseTopologyOf(topologyName);
  const phase = plan.phases.find(({ id }) => id === origin);
  const ratePerSecond = positive("--rps", options.rps, phase?.ratePerSecond ?? 500);
  const monthFactor = positive("--month-factor", options.monthFactor, 1);
  const switches = (options.with ?? "").split(",").filter((each) => each !== "");
  chosenOptimisations(switches);
  const scenario = steadyScenario(topology, ratePerSecond, options);
  const { recording, wallSeconds } = runOne(
    runScenario,
    { scenario, topology, seed: options.seed },
    createProgress(),
  );
  const report = costReport({ recording, phase, monthFactor, switches, ratePerSecond });
  if (options.json) printJson(report);
  else print(...costText(report));
  printNote(
    `${scenario.durationSeconds} s simulated in ${wallSeconds.toFixed(1)} s on this machine`,
  );
}

/** The bill of a recording, compared and explained. */
function costReport(of: {
  readonly recording: Recording;
  readonly phase: PlannedPhase | undefined;
  readonly monthFactor: number;
  readonly switches: readonly string[];
  readonly ratePerSecond: number;
}): CostReport {
  const { head } = of.recording;
  const measured = head.results.cost;
  if (measured === undefined) throw new Error("the run left no bill");
  const plain = atMonthFactor(measured, of.monthFactor);
  const { bill, notes } = withOptimisations(plain, of.switches);
  const { phase } = of;
  return {
    topology: head.topology.id,
    ratePerSecond: of.ratePerSecond,
    seed: head.seed,
    warmUpSeconds: head.scenario.warmUpSeconds,
    switches: of.switches,
    notes,
    unsteady: head.results.baseline.reasons,
    bill,
    plainMonthUsd: plain.monthUsd,
    savings: optimisations.map(({ id, title }) => {
      const changed = withOptimisations(plain, [id]);
      const usd = plain.monthUsd - changed.bill.monthUsd;
      return { id, title, usd, note: changed.notes.join("; ").replace(`${id}: `, "") };
    }),
    phase: phase?.id ?? null,
    comparison: phase === undefined ? null : comparePlan(phase, bill),
    optimised: phase?.optimised === undefined ? null : compareOptimised(phase.optimised, plain),
    inconsistencies: phase === undefined ? [] : inconsistenciesOf(plan),
    alarms: costAlarms(plan.alarms, bill),
    tableBreakEven: tableBreakEven(bill) ?? null,
  };
}

function compareOptimised(
  planned: NonNullable<PlannedPhase["optimised"]>,
  plain: CostResult,
): OptimisedComparison {
  const { bill, notes } = withOptimisations(plain, planned.with);
  return {
    switches: planned.with,
    plannedUsd: planned.usd,
    plannedSavedPercent: planned.savedPercent,
    oursUsd: bill.monthUsd,
    oursSavedPercent: 100 * (1 - bill.monthUsd / plain.monthUsd),
    notes,
  };
}

/** The load of the shipped scenarios at another rate, with nothing failing. */
function steadyScenario(topology: Topology, ratePerSecond: number, options: CostOptions): Scenario {
  const scenario = fittedLoad(loadScenario("baseline-500").scenario, topology);
  const within = (requests: number, [least, most]: readonly [number, number]) =>
    Math.round(Math.min(most, Math.max(least, requests / ratePerSecond)));
  const warmUpSeconds = positive(
    "--warm-up",
    options.warmUp,
    within(warmUpRequests, warmUpSecondsBounds),
  );
  const windowSeconds = positive(
    "--window",
    options.window,
    within(windowRequests, windowSecondsBounds),
  );
  return checkedScenario(
    {
      ...scenario,
      id: `cost-${topology.id}`,
      title: `${topology.title} at ${ratePerSecond} requests/s, billed`,
      description: "A steady load with nothing failing, long enough for scaling to settle first.",
      topology: topology.id,
      warmUpSeconds,
      durationSeconds: warmUpSeconds + windowSeconds,
      workload: {
        ...scenario.workload,
        ratePerSecond,
        // The bill is that of so many requests: what an overload adds by retries is another question.
        client: { ...scenario.workload.client, retriesMax: 0 },
        userCount: Math.max(1, Math.round(usersPerRequest * ratePerSecond)),
      },
      costAssumptions: assumptionsOf(options.assume),
    },
    topology,
  );
}

function assumptionsOf(pairs: readonly string[]): Readonly<Record<string, number>> {
  const entries = pairs.map((pair): [string, number] => {
    const [, name, text] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    const value = Number(text);
    if (name !== undefined && Number.isFinite(value) && value >= 0) return [name, value];
    throw new TwinError({
      code: "cost.assumption-form",
      problem: `"${pair}" is no assumption with its number`,
      remedy: "Write NAME=VALUE with a number of 0 or more, such as logBytesPerRequest=200",
      at: "--assume",
    });
  });
  return Object.fromEntries(entries);
}

function positive(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new TwinError({
    code: "cost.number",
    problem: `"${text}" is no number above 0`,
    remedy: "Give a number such as 500, or 0.35 for a share",
    at: option,
  });
}

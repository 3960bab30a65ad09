import type { OrderFileRecord, Recording } from "../recording/recording-types.ts";
import type {
  BaselineResult,
  EnsembleSample,
  ErrorBudget,
  InvariantResult,
  ObjectiveResult,
  Outage,
  RpoResult,
  TimeSpent,
  Totals,
} from "../results-types.ts";
import type { ScalingResult } from "../scaling/scaling-types.ts";
import type { BusinessFunction } from "../topology-types.ts";
import { type ComponentLoad, componentLoads } from "./component-loads.ts";

/** The warm-up that a run shares with others and leaves with luck of its own. */
export interface SharedWarmUp {
  /** Seed of the warm-up; the run's own seed decides what comes after it. */
  readonly seed: string;
  readonly atSeconds: number;
  /** Digest of the warm-up's events: an input of the run. */
  readonly digest: string;
}

/** How a business function fared in one run, without the frames and the chain of causes. */
export interface FunctionSummary {
  readonly function: BusinessFunction;
  readonly rtoSeconds: number;
  readonly censored: boolean;
  readonly outages: readonly Omit<Outage, "chain">[];
  readonly goodCount: number;
  readonly badCount: number;
  /** Good outcomes a second, from the end of the warm-up to the end of the run. */
  readonly goodputPerSecond: number;
  /** Share of good outcomes between warm-up and first fault, 0..1. */
  readonly steadyGoodShare: number;
  readonly latencyMsP50: number;
  readonly latencyMsP99: number;
}

/**
 * What is kept of a run when there are many: a few kilobytes in place of a recording of megabytes. The recording can
 * always be made again from the scenario and the seed.
 */
export interface RunSummary {
  readonly scenario: string;
  readonly topology: string;
  readonly seed: string;
  readonly programVersion: string;
  readonly orderFile?: OrderFileRecord;
  /** Only when the run began from a warm-up with another seed. */
  readonly warmUp?: SharedWarmUp;
  readonly digest: string;
  readonly durationSeconds: number;
  /** Instant of the first fault; -1 when there was none. */
  readonly firstFaultSeconds: number;
  readonly baseline: BaselineResult;
  readonly objectives: readonly ObjectiveResult[];
  readonly ensembleSamples: readonly EnsembleSample[];
  readonly functions: readonly FunctionSummary[];
  readonly errorBudgets: readonly ErrorBudget[];
  readonly rpo: readonly RpoResult[];
  readonly invariants: readonly InvariantResult[];
  readonly booksEqual: boolean;
  /** From the end of the warm-up to the first fault, or to the end of the run. */
  readonly loads: readonly ComponentLoad[];
  /** Where the time of good requests went. */
  readonly timeSpent: readonly TimeSpent[];
  /** Only of a run that simulated one in so many symbols and users. */
  readonly scaling?: ScalingResult;
  readonly totals: Totals;
}

export function summaryOf(recording: Recording): RunSummary {
  const { head } = recording;
  const { results, scenario } = head;
  const durationSeconds = head.durationUs / 1e6;
  const firstFaultUs = head.events.find((event) => event.stage === "fault")?.atUs ?? -1;
  const judgedSeconds = Math.max(1, durationSeconds - scenario.warmUpSeconds);
  return {
    scenario: scenario.id,
    topology: head.topology.id,
    seed: head.seed,
    programVersion: head.programVersion,
    ...(head.orderFile === undefined ? {} : { orderFile: head.orderFile }),
    digest: head.digest,
    durationSeconds,
    firstFaultSeconds: firstFaultUs < 0 ? -1 : firstFaultUs / 1e6,
    baseline: results.baseline,
    objectives: results.objectives,
    ensembleSamples: results.ensembleSamples ?? [],
    functions: results.functions.map(({ beforeFault, outages, ...result }) => ({
      ...result,
      outages: outages.map(({ chain: _, ...outage }) => outage),
      goodputPerSecond: result.goodCount / judgedSeconds,
      steadyGoodShare:
        beforeFault.goodCount / Math.max(1, beforeFault.goodCount + beforeFault.badCount),
    })),
    errorBudgets: results.errorBudgets ?? [],
    rpo: results.rpo,
    invariants: results.invariants,
    booksEqual: results.books.equal,
    loads: componentLoads(recording, {
      fromSecond: scenario.warmUpSeconds,
      toSecond: firstFaultUs < 0 ? durationSeconds : firstFaultUs / 1e6,
    }),
    timeSpent: results.timeSpent,
    ...(results.scaling === undefined ? {} : { scaling: results.scaling }),
    totals: results.totals,
  };
}

import type { WorkloadSpec } from "./clients/workload-types.ts";
import type { FaultSpec } from "./faults/fault-types.ts";
import type { LostTradeSpec } from "./reports/report-types.ts";
import type { ObjectiveSpec } from "./results/objective-types.ts";
import type { RoleSpec, RunbookSpec } from "./runbooks/runbook-types.ts";

/** A bound on what a day or a week may cost, as AWS Budgets or an alarm on estimated charges keeps it. */
export interface CostAlarmSpec {
  /** Kebab-case; no other alarm has it. */
  readonly id: string;
  /** Services that count, by their kind; all when left out. */
  readonly services?: readonly string[];
  readonly usdMax: number;
  /** What the period had cost when the run began. */
  readonly spentUsd: number;
  /** Seconds from the start of the run at which billing data is next updated; only then is a bound seen to be passed. */
  readonly updateAtSeconds: number;
  /** 21,600 when left out. */
  readonly updateEverySeconds?: number;
}

/** Topology + workload + faults + objectives + duration. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Id of a shipped topology, or the path of a topology file relative to the scenario's. */
  readonly topology: string;
  /** Changes to components of the topology by id: any fields of the component. */
  readonly componentOverrides?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly acceptance?: "queue" | "journal";
  /** Seconds before judgement begins: caches fill, scaling settles. */
  readonly warmUpSeconds: number;
  /** Seconds simulated in all, warm-up included. */
  readonly durationSeconds: number;
  /** Seconds of the story told in one second of the run, above 1: its windows are shortened, and reports say so. */
  readonly timeScale?: number;
  /** Simulates one in so many symbols and users, and as much of what they share; exact when left out. */
  readonly scale?: number;
  readonly workload: WorkloadSpec;
  /** Numbers to use instead of what the bill assumes (bytes, days kept), by name. */
  readonly costAssumptions?: Readonly<Record<string, number>>;
  /** Left out of most scenarios: a run of minutes costs too little for a day's bound. */
  readonly costAlarms?: readonly CostAlarmSpec[];
  /** What the venue does about trades that clients were told of and its history lost; nothing when left out. */
  readonly lostTrades?: LostTradeSpec;
  readonly faults: readonly FaultSpec[];
  /** People who can be paged, and what they do; nobody does anything when left out. */
  readonly roles?: readonly RoleSpec[];
  readonly runbooks?: readonly RunbookSpec[];
  readonly objectives: readonly ObjectiveSpec[];
}

import type { PlanComparison } from "../../sim/twin/cost/compare-plan.ts";
import type { CostAlarm, TableBreakEven } from "../../sim/twin/cost/cost-alarms.ts";
import type { CostResult } from "../../sim/twin/cost/cost-types.ts";
import type { Inconsistency } from "../../sim/twin/cost/plan-inconsistencies.ts";

/** Everything that the command found, as `--json` prints it. */
export interface CostReport {
  readonly topology: string;
  readonly ratePerSecond: number;
  readonly seed: string;
  readonly warmUpSeconds: number;
  readonly switches: readonly string[];
  /** What switches could not do. */
  readonly notes: readonly string[];
  /** Why the run was no steady state; empty when it was. */
  readonly unsteady: readonly string[];
  /** With the switches on. */
  readonly bill: CostResult;
  /** Month's cost without any switch, and what each saves by itself. */
  readonly plainMonthUsd: number;
  readonly savings: readonly SwitchSaving[];
  /** The strategy's phase that the bill is compared with; `null` when it has none for this topology. */
  readonly phase: string | null;
  readonly comparison: PlanComparison | null;
  readonly optimised: OptimisedComparison | null;
  readonly inconsistencies: readonly Inconsistency[];
  readonly alarms: readonly CostAlarm[];
  readonly tableBreakEven: TableBreakEven | null;
}

interface SwitchSaving {
  readonly id: string;
  readonly title: string;
  /** US dollars a month; below 0 when it costs more than it saves. */
  readonly usd: number;
  /** Why it does nothing here; empty when it does something. */
  readonly note: string;
}

/** What the strategy says its optimisations leave, and what ours do. */
export interface OptimisedComparison {
  readonly switches: readonly string[];
  readonly plannedUsd: number;
  readonly plannedSavedPercent: number;
  readonly oursUsd: number;
  readonly oursSavedPercent: number;
  readonly notes: readonly string[];
}

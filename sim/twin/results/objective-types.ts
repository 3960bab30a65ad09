import type { BusinessFunction } from "../topology-types.ts";

/** A bound that a run must meet. */
export type ObjectiveSpec =
  | FunctionObjective
  | RtoObjective
  | RpoObjective
  | RpoAgeObjective
  | MeasureObjective
  | ErrorBudgetObjective
  | BurnRateObjective
  | CostObjective
  | InvariantObjective;

/**
 * What "in service" means for a business function, judged every second over a sliding ten-second window: the share
 * of good outcomes, where late is as bad as failed.
 */
export interface FunctionObjective {
  readonly kind: "service";
  readonly id: string;
  readonly function: BusinessFunction;
  /** Least share of good outcomes in a window, 0..1. */
  readonly goodShareMin: number;
  /** Milliseconds from the intended send time (for matching: from acceptance to the match) within which an outcome is good. */
  readonly latencyMsMax: number;
  /** Seconds it must keep holding to count as restored. */
  readonly holdSeconds: number;
}

/** Makes a bound one on many runs: that percentile of what they measure must keep it. */
export interface EnsembleSpec {
  /** Fewest seeds it may be judged over. */
  readonly seeds: number;
  /** 0 to 100, exclusive. */
  readonly percentile: number;
}

/** Longest outage of a function after a fault. */
export interface RtoObjective {
  readonly kind: "rto";
  readonly id: string;
  readonly function: BusinessFunction;
  readonly secondsMax: number;
  /** Only outages from the beginning of this runbook on, such as those of a planned way back. */
  readonly sinceRunbook?: string;
  /** Judged over many seeds, by a drill; every run by itself when left out. */
  readonly over?: EnsembleSpec;
}

/** Most accepted commands (orders and cancels) and trades that may be lost, held twice, reordered or stranded. */
export interface RpoObjective {
  readonly kind: "rpo";
  readonly id: string;
  readonly lostMax: number;
  /** Judged over many seeds, by a drill; every run by itself when left out. */
  readonly over?: EnsembleSpec;
}

/** Data loss in time: from the acceptance of the oldest command that was lost to the first fault. */
export interface RpoAgeObjective {
  readonly kind: "rpo-age";
  readonly id: string;
  readonly secondsMax: number;
}

/** A bound on what was recorded of one or more components in a span of the run. */
export interface MeasureObjective {
  readonly kind: "measure";
  readonly id: string;
  /** What is bounded, for reports: `tasks after five minutes`. */
  readonly title: string;
  /** Channels whose values are added up; those of a partitioned component's copies belong to it. */
  readonly channels: readonly MeasuredChannel[];
  /**
   * `end`: as it stands at the end of the span. `largest`: in any frame of it. `growth`: from its beginning to its end.
   * `rise`: the largest above what stood at its beginning. `rate`: growth a second.
   */
  readonly take: "end" | "largest" | "growth" | "rise" | "rate";
  /** Seconds after the first fault, or after the warm-up of a run without one; the run's end ends the span at the latest. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** One of the two bounds at least. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface MeasuredChannel {
  /** Id of a component; left out for channels of the whole run. */
  readonly component?: string;
  /** As recorded: `tasks-running`. */
  readonly channel: string;
  /** Whether it is taken away from the sum. */
  readonly minus?: boolean;
}

/** Most of a function's error budget that the run may spend. The budget is what `availability` leaves of a period's requests. */
export interface ErrorBudgetObjective {
  readonly kind: "error-budget";
  readonly id: string;
  readonly function: BusinessFunction;
  /** Share of a period's outcomes that are to be good, below 1: 0.999. */
  readonly availability: number;
  /** 30 when left out. */
  readonly periodDays?: number;
  /** Share of the budget, 0..1; more than 1 overdraws it. */
  readonly spentShareMax: number;
}

/** Highest burn rate: how many times faster than evenly over its period a function may spend its error budget. */
export interface BurnRateObjective {
  readonly kind: "burn-rate";
  readonly id: string;
  readonly function: BusinessFunction;
  readonly availability: number;
  /** Both windows must burn that fast: the long one that it matters, the short one that it goes on. */
  readonly longSeconds: number;
  readonly shortSeconds: number;
  readonly rateMax: number;
}

/** Most that the platform may cost: an hour of the judged part of the run, or a month that goes on like it. */
export interface CostObjective {
  readonly kind: "cost";
  readonly id: string;
  readonly per: "hour" | "month";
  readonly usdMax: number;
  /** Mean load of the month over the load of the run; 1 when left out: the load lasts day and night. */
  readonly monthFactor?: number;
}

/** The ledger's invariants must hold; there is no scenario without this one. */
export interface InvariantObjective {
  readonly kind: "invariants";
  readonly id: string;
}

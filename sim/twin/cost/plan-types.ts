/** The figures of a cost plan, phase by phase, as its authors wrote them; sums are theirs and may be wrong. */
export interface CostPlan {
  readonly phases: readonly PlannedPhase[];
  readonly alarms: PlannedAlarms;
}

export interface PlannedPhase {
  readonly id: string;
  readonly title: string;
  readonly ratePerSecond: number;
  /** Phase whose figures stand in its column "before". */
  readonly follows?: string;
  readonly rows: readonly PlannedRow[];
  readonly totalBeforeUsd?: number;
  readonly totalUsd: number;
  readonly totalDeltaUsd?: number;
  readonly usdPerRps: number;
  readonly usdPerRpsReductionPercent?: number;
  readonly optimised?: {
    readonly usd: number;
    readonly savedPercent: number;
    /** Switches that come closest to what it lists. */
    readonly with: readonly string[];
  };
  /** What a summary elsewhere gives for the same phase. */
  readonly summaryUsd: number;
}

export interface PlannedRow {
  readonly id: string;
  readonly title: string;
  readonly beforeUsd?: number;
  readonly usd: number;
  readonly deltaUsd?: number;
  /** Services whose lines belong to the row. */
  readonly services: readonly string[];
  /** Whether it also takes the lines that no row names. */
  readonly takesTheRest?: boolean;
}

export interface PlannedAlarms {
  readonly dailyUsd: number;
  readonly dailyExpectedUsd: number;
  readonly weeklyUsd: number;
  readonly dynamoDbDailyUsd: number;
}

import type { Parameter } from "../facts/parameter.ts";
import type { CostResult } from "./cost/cost-types.ts";
import type { ExecutionReportResult, TradeSettlementResult } from "./reports/report-types.ts";
import type { EnsembleSpec, ObjectiveSpec } from "./results/objective-types.ts";
import type { ScalingResult } from "./scaling/scaling-types.ts";
import type { BusinessFunction, ComponentSpec } from "./topology-types.ts";

/** One entry of the event log, ready to read. */
export interface EventRecord {
  /** Microseconds since the run began. */
  readonly atUs: number;
  readonly seq: number;
  readonly kind: string;
  readonly stage: "fault" | "detect" | "decide" | "act" | "recover" | "info";
  /** Component id; empty when the event is about a zone or the run. */
  readonly component: string;
  /** Zone id; empty when not apt. */
  readonly zone: string;
  /** For people: `matching task 2 in us-east-1a`. */
  readonly place: string;
  /** Sequence number of the cause, or -1. */
  readonly causeSeq: number;
  readonly value: number;
}

/** Parts of a recovery time in seconds; they sum to `seconds` of the outage. */
export interface RtoParts {
  readonly detect: number;
  readonly decide: number;
  readonly act: number;
  readonly recover: number;
  readonly drain: number;
}

/** One span in which a business function was out of service. */
export interface Outage {
  readonly function: BusinessFunction;
  /** Microseconds since the run began. */
  readonly beganUs: number;
  /** End of the outage, or -1 when the run ended first (the time is then a lower bound). */
  readonly endedUs: number;
  /** Seconds out of service, up to the end of the run when censored. */
  readonly seconds: number;
  readonly censored: boolean;
  readonly parts: RtoParts;
  /** Sequence numbers of the events from the fault to the recovery that ended the outage, in causal order. */
  readonly chain: readonly number[];
}

/** How a business function fared. */
export interface FunctionResult {
  readonly function: BusinessFunction;
  readonly outages: readonly Outage[];
  /** Longest recovery after a fault, seconds; 0 when there was no outage. */
  readonly rtoSeconds: number;
  readonly censored: boolean;
  readonly goodCount: number;
  readonly badCount: number;
  /** The same from the end of the warm-up to the first fault; to the end of a run without faults. */
  readonly beforeFault: { readonly goodCount: number; readonly badCount: number };
  readonly latencyMsP50: number;
  /** -1 in a scaled run, whose tails tell nothing. */
  readonly latencyMsP99: number;
}

/** What the venue decided on a trade that is in no history; `open` when the run ended first. */
export type TradeFate = "called-off" | "re-instated" | "open";

export type DifferenceKind = "lost" | "doubled" | "reordered" | "stranded";

/** One command or trade about which the recovered books and the ledger disagree. */
export interface LedgerDifference {
  readonly kind: DifferenceKind;
  readonly what: "order" | "cancel" | "amend" | "trade";
  readonly orderId: number;
  readonly symbol: number;
  readonly quantity: number;
  /** Notional in ticks x lots. */
  readonly notional: number;
  /** When the client was told, microseconds; -1 for trades. */
  readonly acceptedUs: number;
  /** Last place where the command was known to be, for people. */
  readonly lastPlace: string;
  /** Of a lost trade that the venue found; left out where nothing is done about them, and of what is no trade. */
  readonly fate?: TradeFate;
}

/** One way of counting acceptance, with what was lost by it. */
export interface RpoResult {
  readonly acceptance: "queue" | "journal";
  /** Whether it is the definition that the topology declares; the other is shown beside it. */
  readonly declared: boolean;
  readonly acceptedCount: number;
  readonly lostCount: number;
  readonly doubledCount: number;
  readonly reorderedCount: number;
  readonly strandedCount: number;
  readonly lostNotional: number;
  /** Seconds from acceptance of the oldest lost command to the fault; 0 when nothing was lost. */
  readonly oldestLostSeconds: number;
}

/** What a copy had not received at an instant. */
export interface CopyLack {
  /** Microseconds since the run began. */
  readonly atUs: number;
  readonly items: number;
  /** Age of the oldest of them; `null` where that is not recorded. */
  readonly seconds: number | null;
}

/** An asynchronous copy of a store, and what it lacked. */
export interface CopyResult {
  readonly component: string;
  /** The store that it is a copy of. */
  readonly of: string;
  /** Of the items: `commits`, `objects`, ... */
  readonly unit: string;
  /** When the store went dark in all its zones, or was cut off with its region; `null` when it never was. */
  readonly sourceLost: CopyLack | null;
  /** At its worst since the first fault, in items. */
  readonly most: CopyLack;
  readonly atEnd: CopyLack;
  /** Items that will never come, whatever comes back. */
  readonly neverCount: number;
}

/** Comparison of the platform's books at the end with the reference engine's. */
export interface BookComparison {
  readonly symbolsCompared: number;
  readonly openOrders: number;
  readonly openOrdersReference: number;
  readonly trades: number;
  readonly tradesReference: number;
  /** Orders whose open quantity, price, side or place in the line differ, by order id. */
  readonly differingOrderIds: readonly number[];
  readonly equal: boolean;
}

export interface InvariantResult {
  readonly name: string;
  /** How often it was checked. */
  readonly checks: number;
  readonly violations: number;
  /** First violation in words. */
  readonly firstViolation?: string;
}

export interface ObjectiveResult {
  readonly id: string;
  readonly kind: ObjectiveSpec["kind"];
  readonly met: boolean;
  /** `seconds`, `orders`, `share`, ... */
  readonly unit: string;
  /** `null` when nothing can be quoted (the baseline was unhealthy). */
  readonly measured: number | null;
  readonly limit: number;
  /** One sentence that an engineer can act on. */
  readonly because: string;
  /** Events that it rests on. */
  readonly evidence: readonly number[];
}

/** How much of what its availability leaves a function has spent, and how fast. */
export interface ErrorBudget {
  readonly function: BusinessFunction;
  /** Share of a period's outcomes that are to be good: that of a budget objective, else of the service objective. */
  readonly availability: number;
  readonly periodDays: number;
  /** Outcomes from the end of the warm-up to the end of the run. */
  readonly goodCount: number;
  readonly badCount: number;
  /** Of the whole run: 1 spends the budget evenly over the period. */
  readonly burnRate: number;
  /** Share of the period's budget that the run spent, at the load before the first fault; above 1 it is overdrawn. */
  readonly spentShare: number;
  readonly alerts: readonly BurnAlert[];
}

/** An alert of the SRE workbook on a burn rate, which a long and a short window must both reach. */
export interface BurnAlert {
  readonly id: "fast" | "slow" | "ticket";
  readonly longSeconds: number;
  readonly shortSeconds: number;
  readonly rateMax: number;
  /** Highest rate that both windows had at once; before the run they count the usual load without errors. */
  readonly peakRate: number;
  /** Second of the run in which it reached its bound; null when it never did. */
  readonly firedAtSeconds: number | null;
}

/** What came of an alarm: breached, alarmed, acted on, effective, cleared. */
export interface TriggerResult {
  /** Of the alarm. */
  readonly id: string;
  /** What its metric is about; empty for the whole account. */
  readonly component: string;
  readonly metric: string;
  readonly comparison: string;
  readonly threshold: number;
  /** Microseconds since the run began, the end of the period that showed it; -1 when it never was. */
  readonly breachedUs: number;
  readonly alarmed: TriggerStage | null;
  /** A scaling policy decided, or people carried out the first step of a runbook. */
  readonly acted: TriggerStage | null;
  /** The first task ran, or the step was effective. */
  readonly effective: TriggerStage | null;
  readonly cleared: TriggerStage | null;
}

export interface TriggerStage {
  readonly atUs: number;
  /** The event that shows it. */
  readonly seq: number;
}

/** What one run adds to an objective that is judged over many. */
export interface EnsembleSample {
  readonly id: string;
  readonly kind: "rto" | "rpo";
  readonly unit: string;
  /** `null` when nothing can be quoted (the baseline was unhealthy). */
  readonly measured: number | null;
  /** Whether the run ended first, so that what was measured is a lower bound. */
  readonly censored: boolean;
  readonly limit: number;
  readonly over: EnsembleSpec;
}

/** Where the time of successful requests of one flow went, mean milliseconds by component. */
export interface TimeSpent {
  readonly flow: string;
  readonly component: string;
  readonly meanMs: number;
}

export interface BaselineResult {
  readonly healthy: boolean;
  /** Why the platform did not hold its objectives before the first fault; empty when healthy. */
  readonly reasons: readonly string[];
  readonly judgedFromUs: number;
  readonly judgedToUs: number;
}

/** What clients came to know of commands that they had given up on; commands. */
export interface ClientReconciliationResult {
  /** They still don't know. */
  readonly unknown: number;
  /** An order-status query found the command. */
  readonly confirmed: number;
  /** It did not, and they have sent the command again under the same client order id. */
  readonly resubmitted: number;
  /** Trades that clients had heard of and the venue's history does not hold: to be called off on both sides. */
  readonly tradesToBust: number;
}

/** Funds that the platform holds for orders when the run ends. */
export interface HoldsResult {
  readonly orders: number;
  /** Ticks x lots. */
  readonly value: number;
  /** Of them for orders that are neither open nor waiting: left over by an outage. */
  readonly leftOverOrders: number;
  readonly leftOverValue: number;
}

/** What was counted over the whole run. */
export interface Totals {
  readonly requests: number;
  readonly attempts: number;
  readonly commandsAccepted: number;
  /** Commands whose client never learnt the outcome, and how many of those took effect. */
  readonly commandsInDoubt: number;
  readonly commandsInDoubtThatTookEffect: number;
  readonly commandsRefused: number;
  /** In the history: of the accepted, of those in doubt, and of those that the engine refused. */
  readonly commandsMatched: number;
  /** Accepted, and then refused by the engine for no other reason than that its market was not open. */
  readonly commandsTurnedAway: number;
  /** Accepted, not lost, and still waiting in the queue when the run ended. */
  readonly commandsWaiting: number;
  /** Accepted, executed, and not in the journal yet when the run ended; recordings made before they were counted have none. */
  readonly commandsUnderWay?: number;
  readonly trades: number;
  readonly ordersOpen: number;
  readonly staleAnswers: number;
  readonly redeliveries: number;
  readonly duplicatesDropped: number;
  readonly events: number;
}

/**
 * How the market came back after a fault took its engine: seconds from the fault to the moment at which each state was
 * in the journal for every symbol; `null` for a state that the procedure leaves out, or that was not reached.
 */
export interface MarketReopening {
  readonly faultUs: number;
  readonly haltedSeconds: number | null;
  readonly cancelOnlySeconds: number | null;
  readonly auctionSeconds: number | null;
  readonly continuousSeconds: number | null;
}

export interface RunResults {
  readonly baseline: BaselineResult;
  readonly functions: readonly FunctionResult[];
  /** One for each recovery of the engine, in order; empty when none was needed, or none succeeded. */
  readonly market: readonly MarketReopening[];
  readonly objectives: readonly ObjectiveResult[];
  /** Objectives that one run cannot judge; left out when there are none. */
  readonly ensembleSamples?: readonly EnsembleSample[];
  /** One for each function with a service objective; recordings made before there were budgets have none. */
  readonly errorBudgets?: readonly ErrorBudget[];
  /** One for each alarm whose metric was beyond its bound; recordings made before they were followed have none. */
  readonly triggers?: readonly TriggerResult[];
  readonly rpo: readonly RpoResult[];
  readonly differences: readonly LedgerDifference[];
  /** One for each asynchronous copy; recordings made before they were told have none, nor do platforms without copies. */
  readonly copies?: readonly CopyResult[];
  /** In-doubt commands that took effect, by order id. */
  readonly inDoubtTookEffect: readonly number[];
  /** Left out where clients don't ask. */
  readonly clientReconciliation?: ClientReconciliationResult;
  /** Left out where the venue sends no execution reports. */
  readonly executionReports?: ExecutionReportResult;
  /** Left out where nothing is done about trades that the history lost. */
  readonly tradeSettlement?: TradeSettlementResult;
  /** Recordings made before holds were counted have none, nor do platforms without a venue. */
  readonly holds?: HoldsResult;
  readonly books: BookComparison;
  readonly invariants: readonly InvariantResult[];
  readonly timeSpent: readonly TimeSpent[];
  /** What the run cost and what a month of it would; recordings made before there was a bill have none. */
  readonly cost?: CostResult;
  /** Only of a run that simulated one in so many symbols and users. */
  readonly scaling?: ScalingResult;
  readonly totals: Totals;
}

export interface ComponentRecord {
  readonly id: string;
  readonly service: string;
  readonly title: string;
  /** The component as it was assembled: one copy, with its own zones and neighbours. */
  readonly spec: ComponentSpec;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

export interface ChannelRecord {
  /** Component id, or empty for channels of the whole run. */
  readonly component: string;
  readonly name: string;
  readonly unit: string;
  /** A level as it stood at the instant (stored as Float32), or a cumulative count (Float64). */
  readonly kind: "level" | "count";
}

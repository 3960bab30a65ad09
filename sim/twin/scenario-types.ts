import type { BackoffSpec } from "../components/fabric/backoff.ts";
import type { RoleSpec, RunbookSpec } from "./runbooks/runbook-types.ts";
import type { BusinessFunction, RequestName } from "./topology-types.ts";

/** Something that happens to the platform. Times count from the start of the run, warm-up included. */
export type FaultSpec =
  | ZonePowerLossFault
  | ZonePartitionFault
  | RegionPowerLossFault
  | RegionPartitionFault
  | InstanceKillFault
  | LinkDegradationFault
  | ControlPlaneFreezeFault
  | ObservabilityFault
  | ServiceFault;

/** Faults of services and of what clients do; they strike no place. */
export type ServiceFault =
  | InstanceSlowFault
  | NameServiceFault
  | QuotaCutFault
  | ServiceErrorsFault
  | CapacityShortageFault
  | BadDeploymentFault
  | CacheFlushFault
  | DataCorruptionFault
  | LoadChangeFault
  | HotSymbolFault
  | ClientRetriesFault
  | ConnectionDropFault;

interface FaultBase {
  /** Kebab-case, unique in the scenario; reports name it. */
  readonly id: string;
  /** Seconds from the start of the run. */
  readonly atSeconds: number;
  /** It strikes again and again: so many times in all, one every so many seconds. Once when left out. */
  readonly repeat?: { readonly count: number; readonly everySeconds: number };
}

/** A zone loses power; its instances go silent at once. */
export interface ZonePowerLossFault extends FaultBase {
  readonly kind: "zone-power-loss";
  /** Zone id, or `zone-of:COMPONENT` for wherever that component's first running instance stands at that instant. */
  readonly zone: string;
  /** Seconds without power. */
  readonly durationSeconds: number;
  /** How hosts come back once power is there: share of hosts (0..1, growing to 1) against seconds after power returned. All at once when left out. */
  readonly recoveryCurve?: readonly { readonly afterSeconds: number; readonly share: number }[];
}

/** A zone keeps power and loses its links to every other zone and to the outside. */
export interface ZonePartitionFault extends FaultBase {
  readonly kind: "zone-partition";
  readonly zone: string;
  readonly durationSeconds: number;
  /** Which way is cut; both when left out. */
  readonly direction?: "both" | "inbound" | "outbound";
}

/** All zones of a region lose power at once. */
export interface RegionPowerLossFault extends FaultBase {
  readonly kind: "region-power-loss";
  readonly region: string;
  readonly durationSeconds: number;
  readonly recoveryCurve?: readonly { readonly afterSeconds: number; readonly share: number }[];
}

/** A region keeps power and its own links, and is cut off from every other region and from clients. */
export interface RegionPartitionFault extends FaultBase {
  readonly kind: "region-partition";
  readonly region: string;
  readonly durationSeconds: number;
}

/** Instances of a component work, and take longer for everything. */
export interface InstanceSlowFault extends FaultBase {
  readonly kind: "instance-slow";
  readonly component: string;
  /** How many, beginning with the oldest. All when left out. */
  readonly count?: number;
  readonly role?: string;
  /** Times as long as usual, above 1. */
  readonly factor: number;
  readonly durationSeconds: number;
}

/** Names are not answered; whoever has an answer in its cache goes on with it until that expires. */
export interface NameServiceFault extends FaultBase {
  readonly kind: "name-service-outage";
  /** A Route 53 component. */
  readonly component: string;
  readonly durationSeconds: number;
}

/** A service grants only a share of its quota: a limit that was lowered, or used up by others of the account. */
export interface QuotaCutFault extends FaultBase {
  readonly kind: "quota-cut";
  readonly component: string;
  /** Share of the quota that is left, 0..1. */
  readonly share: number;
  readonly durationSeconds: number;
}

/** A managed service answers a share of its calls with errors (HTTP 503), at once. */
export interface ServiceErrorsFault extends FaultBase {
  readonly kind: "service-errors";
  readonly component: string;
  /** Share of its calls, 0..1; of several faults the largest holds. */
  readonly share: number;
  readonly durationSeconds: number;
}

/** New tasks find no hosts: their placement fails. What runs goes on. */
export interface CapacityShortageFault extends FaultBase {
  readonly kind: "capacity-shortage";
  /** Zone id; every zone when left out. */
  readonly zone?: string;
  readonly durationSeconds: number;
}

/** A release that is bad replaces all tasks of a service, until it is rolled back. */
export interface BadDeploymentFault extends FaultBase {
  readonly kind: "bad-deployment";
  readonly component: string;
  /** Times as long for all work, from 1. As usual when left out. */
  readonly slowFactor?: number;
  /** Seconds after which a task of it crashes. Never when left out. */
  readonly crashAfterSeconds?: number;
  /** Seconds until the rollback begins, which replaces all tasks again. */
  readonly durationSeconds: number;
}

/** A cache forgets everything and goes on serving. */
export interface CacheFlushFault extends FaultBase {
  readonly kind: "cache-flush";
  readonly component: string;
}

/**
 * A bad writer puts wrong rows into a database. They are durable and everywhere at once, and stay until people restore the
 * database to a point before the fault.
 */
export interface DataCorruptionFault extends FaultBase {
  readonly kind: "data-corruption";
  /** An aurora component. */
  readonly component: string;
  /** Share of the reads that meet a wrong row, are found out by the program's checks and fail, 0..1. */
  readonly readShare: number;
}

/** Clients mean to send more, or less, than the workload says. */
export interface LoadChangeFault extends FaultBase {
  readonly kind: "load-change";
  /** Times the workload's rate: 10 is a spike, 0.1 a lull. */
  readonly factor: number;
  /** Seconds over which it comes about. At once when left out. */
  readonly rampSeconds?: number;
  readonly durationSeconds: number;
}

/** One symbol draws a share of all requests to itself. */
export interface HotSymbolFault extends FaultBase {
  readonly kind: "hot-symbol";
  /** Number of the symbol, from 0; 0 is the most popular one already. */
  readonly symbol: number;
  /** Share of all new requests that are about it, 0..1, on top of its usual part of the rest. */
  readonly share: number;
  readonly durationSeconds: number;
}

/** Clients retry in another way than the workload says: more often, or without a pause. */
export interface ClientRetriesFault extends FaultBase {
  readonly kind: "client-retries";
  readonly retriesMax: number;
  readonly backoffMs: number;
  readonly durationSeconds: number;
}

/** Users lose the connections that they keep open: a network that drops them, a front end that restarts. */
export interface ConnectionDropFault extends FaultBase {
  readonly kind: "connection-drop";
  /** Share of the users, 0..1. */
  readonly share: number;
}

/** One or more instances of a component die. */
export interface InstanceKillFault extends FaultBase {
  readonly kind: "instance-kill";
  readonly component: string;
  /** How many, beginning with the oldest. 1 when left out. */
  readonly count?: number;
  /** Only instances with this role, for components that have roles (`writer`, `reader`, `primary`, `replica`, `active`). */
  readonly role?: string;
  /** What callers see: refused at once, silence, or accepted and never answered. `crash` when left out. */
  readonly manner?: "crash" | "power" | "hang";
}

/** Grey failure: added latency and loss between two zones, or between a zone and everything else. */
export interface LinkDegradationFault extends FaultBase {
  readonly kind: "link-degradation";
  readonly from: string;
  /** Zone id; every other zone when left out. */
  readonly to?: string;
  readonly addedLatencyMs: number;
  /** Share of messages lost, 0..1. */
  readonly lossShare: number;
  readonly durationSeconds: number;
}

/** No launches, no replacements, no scaling actions. */
export interface ControlPlaneFreezeFault extends FaultBase {
  readonly kind: "control-plane-freeze";
  /** Only this component's; all when left out. */
  readonly component?: string;
  readonly durationSeconds: number;
}

/** CloudWatch shows nothing, or shows it late: alarms and scaling go blind. */
export interface ObservabilityFault extends FaultBase {
  readonly kind: "observability-loss";
  readonly durationSeconds: number;
  /** Seconds that datapoints are late; nothing arrives at all when left out. */
  readonly lateBySeconds?: number;
}

/** Who sends what, when. */
export interface WorkloadSpec {
  /** Requests per second that clients mean to send, retries not counted. */
  readonly ratePerSecond: number;
  /** Shares of the kinds of request; they sum to 1. */
  readonly mix: Readonly<Partial<Record<RequestName, number>>>;
  readonly userCount: number;
  readonly symbolCount: number;
  /** Exponent of the Zipf law of symbol popularity; 0 is even. */
  readonly symbolSkew: number;
  /** How much of the load follows from earlier load (branching ratio of the Hawkes process), 0..0.95; 0 is Poisson. */
  readonly selfExcitation: number;
  /** Seconds over which that excitement fades. */
  readonly excitationDecaySeconds: number;
  readonly client: ClientSpec;
}

/** Connections that users keep open beside their requests. */
export interface ConnectionSpec {
  /** Milliseconds from the loss to the first log-in; doubles with each that fails, without end. */
  readonly reconnectMs: number;
  readonly backoff?: BackoffSpec;
}

/** Retries that a user's program allows itself. */
export interface ClientRetryBudget {
  /** Retries for each request that the user makes: 0.1 lets one request in ten be tried again. */
  readonly perRequest: number;
  /** Most that may be saved up, and what there is at the start. 1 when left out. */
  readonly savedMax?: number;
}

/** What users do about commands whose fate they don't know when their attempts are over. */
export interface ClientReconciliation {
  /** Seconds until the client asks for the status of its order, and as long at most on top, by chance. */
  readonly askAfterSeconds: number;
  /** Most queries about one command. */
  readonly asksMax: number;
}

/** How a client behaves when answers are late or bad. */
export interface ClientSpec {
  /** Further attempts after a failed one, with the same client order id. */
  readonly retriesMax: number;
  /** Milliseconds before the first retry; doubles with each, full jitter unless `backoff` says otherwise. */
  readonly backoffMs: number;
  readonly backoff?: BackoffSpec;
  /** Without one a client retries whatever fails. */
  readonly retryBudget?: ClientRetryBudget;
  /** Users keep a connection open, and log in anew when they lose it. They have none when left out. */
  readonly connection?: ConnectionSpec;
  /** Users ask what became of commands that they gave up on, and send again what is not there. They don't when left out. */
  readonly reconciliation?: ClientReconciliation;
}

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
  readonly workload: WorkloadSpec;
  /** Numbers to use instead of what the bill assumes (bytes, days kept), by name. */
  readonly costAssumptions?: Readonly<Record<string, number>>;
  /** Left out of most scenarios: a run of minutes costs too little for a day's bound. */
  readonly costAlarms?: readonly CostAlarmSpec[];
  readonly faults: readonly FaultSpec[];
  /** People who can be paged, and what they do; nobody does anything when left out. */
  readonly roles?: readonly RoleSpec[];
  readonly runbooks?: readonly RunbookSpec[];
  readonly objectives: readonly ObjectiveSpec[];
}

import type { BackoffSpec } from "../../components/fabric/backoff.ts";
import type { ExecutionReportSpec } from "../reports/report-types.ts";
import type { RequestName } from "../topology-types.ts";

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
  /** The venue numbers its execution reports, and users ask for those that they miss. There are none when left out. */
  readonly executionReports?: ExecutionReportSpec;
}

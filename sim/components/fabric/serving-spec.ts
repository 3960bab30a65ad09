/** How the instances of a component serve when much is asked of them. Left out: first come, first served, all alike. */
export interface ServingSpec {
  /** Who is served next of those that wait: `lifo` serves the newest, and for a newcomer in a full line drops the oldest. */
  readonly order?: "fifo" | "lifo";
  /** Whether what waits beyond the time that its caller, or any caller before it, is ready to wait is dropped before service. */
  readonly dropExpired?: boolean;
  /** Most that wait in line in one instance; more are refused (503). */
  readonly waitingMax?: number;
  /** Cancels and health checks are not refused by `waitingMax` or `adaptiveLimit`, and go to the head of the line. */
  readonly urgentFirst?: boolean;
  readonly adaptiveLimit?: AdaptiveLimitSpec;
  /** How work slows down with what is inside an instance. */
  readonly contention?: ContentionSpec;
  /** How slow an instance is that was launched during the run. */
  readonly coldStart?: ColdStartSpec;
}

/**
 * A bound on what is inside an instance that follows the time it takes: it grows by one for as many quick answers as it
 * is large, and shrinks by a tenth after a slow one, at most once in that time.
 */
export interface AdaptiveLimitSpec {
  /** Milliseconds from the call to its answer up to which an answer is quick. */
  readonly targetMs: number;
  /** Least it shrinks to. 1 when left out. */
  readonly least?: number;
}

/**
 * Gunther's universal scalability law: with n requests inside, work takes 1 + waits (n - 1) + talks n (n - 1) times as
 * long, by waiting for what is shared (locks) and by keeping each other informed (caches, garbage).
 */
export interface ContentionSpec {
  readonly waits?: number;
  readonly talks?: number;
}

/** Caches, connections and compiled code of a program are made by the first requests that it serves. */
export interface ColdStartSpec {
  /** Times as long for the first request. */
  readonly factor: number;
  /** Requests after which it is as quick as usual; the slowness falls in proportion. */
  readonly requests: number;
}

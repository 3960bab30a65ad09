import type { BackoffSpec } from "./backoff.ts";

/** How the instances of a component behave towards others that fail them. Every defence is off when left out. */
export interface CallingSpec {
  readonly backoff?: BackoffSpec;
  readonly retryBudget?: RetryBudgetSpec;
  readonly breaker?: BreakerSpec;
}

/**
 * Retries that a caller may still make, as a bucket of tokens for each component that it calls (the standard mode of
 * AWS SDKs). With an empty bucket a failed call is not tried again.
 */
export interface RetryBudgetSpec {
  /** Tokens at the start, and at most. 500 when left out. */
  readonly tokens?: number;
  /** Tokens for a retry. 5 when left out. */
  readonly retryCost?: number;
  /** Tokens for a retry after a time-out. 10 when left out. */
  readonly timeoutCost?: number;
  /** Tokens that a call which succeeds gives back. 1 when left out. */
  readonly successReturns?: number;
}

/**
 * A circuit breaker for each component that an instance calls. Closed, it counts; open, calls fail at once and are not
 * sent; half open, it lets some through and closes when they succeed.
 */
export interface BreakerSpec {
  /** Seconds over which calls are counted. */
  readonly windowSeconds: number;
  /** Share of the window's calls that must have failed for it to open, 0..1. */
  readonly failureShare: number;
  /** Fewest calls of a window that it judges by. 20 when left out. */
  readonly callsMin?: number;
  /** Seconds that it stays open before it tries. */
  readonly openSeconds: number;
  /** Calls that it lets through to try, all of which must succeed. 5 when left out. */
  readonly probes?: number;
}

/** Assumption: the standard retry mode of AWS SDKs (quota of 500, 5 a retry, 10 after a time-out, 1 back), as botocore has it; not in the facts catalogue. */
export const standardRetryBudget: Required<RetryBudgetSpec> = {
  tokens: 500,
  retryCost: 5,
  timeoutCost: 10,
  successReturns: 1,
};

/** Assumption: as common breakers' defaults, enough calls that a few failures don't open one. */
export const breakerCallsMin = 20;

/** Assumption: a handful tells whether the callee is back. */
export const breakerProbes = 5;

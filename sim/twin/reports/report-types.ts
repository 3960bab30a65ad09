import type { HumanDelay } from "../runbooks/runbook-types.ts";

/**
 * Execution reports: the venue tells each client, in numbered messages of a session, what became of its orders. They leave from
 * the memory of the engine's owner, and what had not left when it died is missing: the client sees the gap, and asks.
 */
export interface ExecutionReportSpec {
  /** Seconds between heartbeats, which carry the last number: they show a gap when nothing else comes. */
  readonly heartbeatSeconds: number;
  /** Milliseconds for which reports wait in the owner's memory until they leave together. */
  readonly bufferMs: number;
  /** Most reports in one resend; who lacks more asks again. */
  readonly resendReportsMax: number;
  /** Seconds until a client whose request for a resend failed asks again, and as long at most on top, by chance. */
  readonly askAgainSeconds: number;
}

/** What the venue does about trades that clients were told of and its history does not hold. */
export interface LostTradeSpec {
  /**
   * `bust`: they are called off. `honour`: they are re-instated where both orders still have the quantity, and called off
   * elsewhere. `manual`: people look at each, from the step `settle-trades` of a runbook on; what both sides were told of they
   * re-instate if they can.
   */
  readonly policy: "bust" | "honour" | "manual";
  /** Seconds from one comparison of the clients' reports with the history to the next. */
  readonly compareEverySeconds: number;
  /** For `manual`: how long people look at one trade. */
  readonly review?: HumanDelay;
}

/** What became of the venue's reports; reports. */
export interface ExecutionReportResult {
  readonly sent: number;
  /** Of them those that did not arrive at first: lost with their owner, or with no way to the client. */
  readonly missed: number;
  /** Of those: sent again from the journal. */
  readonly resent: number;
  /** Of those: never to come, since the commands that they told of are lost themselves. */
  readonly withdrawn: number;
  /** Of those: not with their clients when the run ended. */
  readonly stillMissing: number;
  /** Requests for a resend, and those of them that failed or were turned away. */
  readonly resendRequests: number;
  readonly resendsFailed: number;
  /** Most sessions that had a gap at once. */
  readonly sessionsWithGapMax: number;
  /** Seconds from the first fault until the last client was whole; null when there was no gap, or there still is one. */
  readonly wholeAfterSeconds: number | null;
}

/** Trades that clients were told of and the venue's history does not hold, and what was decided. */
export interface TradeSettlementResult {
  readonly policy: LostTradeSpec["policy"];
  readonly found: number;
  readonly foundNotional: number;
  readonly busted: number;
  readonly bustedNotional: number;
  readonly honoured: number;
  readonly honouredNotional: number;
  /** Called off although the policy would have kept them: an order no longer had the quantity. */
  readonly couldNotHonour: number;
  /** Not decided when the run ended. */
  readonly open: number;
  /** Accounts whose holder believes in other positions than the venue books, at their worst and when the run ended. */
  readonly accountsOffMax: number;
  readonly accountsOff: number;
  /** Seconds from the first fault until the last decision; null without one, or while some are open. */
  readonly settledAfterSeconds: number | null;
}

/** How a call ended, as its caller learns it. */
export const outcome = {
  /** Not ended: the callee keeps the frame and will complete it itself. */
  parked: 0,
  ok: 1,
  /** The service answered that the request makes no sense in its state (an order id that is not live, say). */
  refused: 2,
  /** Turned away by a quota or a token bucket (HTTP 429). */
  throttled: 3,
  /** No capacity, no healthy target, queue full, read-only (HTTP 503). */
  unavailable: 4,
  /** The connection was refused at once: the process is gone, its host is not (HTTP 502). */
  connectionRefused: 5,
  /** No answer within the caller's own limit; what was asked may still happen. */
  timedOut: 6,
  /** Blocked by a rule (HTTP 403). */
  blocked: 7,
  /** Said by a component that needs none of its calls (a cache hit): the frame ends well at once; callers see `ok`. */
  okWithoutCalls: 8,
  /** A cache does not hold what was asked for: no failure, and asking again is no use; the fallback is taken. */
  missed: 9,
  /** The caller's own circuit breaker is open, so nothing was sent; not retried, and told onwards as unavailable. */
  notSent: 10,
  /** The engine turned the order away for the state of its market: final, and certain. */
  rejected: 11,
} as const;

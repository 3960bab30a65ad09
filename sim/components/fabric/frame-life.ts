/** Who waits for a frame's answer when it is not another frame. */
export const caller = {
  /** Nobody any more: the caller gave up or died. The answer will be counted as stale. */
  gone: -1,
  /** A client; the answer goes to `clientAnswered`. */
  client: -2,
  /** Nobody ever: the frame is a component's own long-lived activity. */
  actor: -3,
} as const;

/** Where a frame is in its life. */
export const phase = {
  free: 0,
  travelling: 1,
  waiting: 2,
  working: 3,
  calling: 4,
  parked: 5,
  /** The message or its answer is gone; only the caller's time-out is left. */
  lost: 6,
  /** The callee has ended, the answer is under way. */
  answering: 7,
  actor: 8,
} as const;

/** Attempts of one call that have draws of their own; validation keeps `retriesMax` below it. */
export const attemptsMax = 8;

/** Set beside the attempts of the open call when an earlier one of them may have taken effect. */
export const childDoubt = 2 * attemptsMax;

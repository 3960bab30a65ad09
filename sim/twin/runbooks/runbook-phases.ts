/** Where people are with a runbook. */
export const phase = {
  watching: 0,
  /** The page is out. */
  paged: 1,
  /** Paged, and everyone of that role is busy with another runbook. */
  waitingForSomebody: 2,
  diagnosing: 3,
  deciding: 4,
  /** Waiting for a role to agree; `step` counts the approvals. */
  approving: 5,
  /** Somebody is carrying out a step. */
  executing: 6,
  /** The step has been carried out, and the platform has not followed yet. */
  awaitingEffect: 7,
  completed: 8,
  stopped: 9,
} as const;

/** Third key of the draws; the first is the phase, the second a step, an attempt, an approval or a way. */
export const drawOf = { time: 0, fails: 1, mistaken: 2 } as const;

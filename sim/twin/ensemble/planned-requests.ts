import type { Scenario } from "../scenario-types.ts";

/**
 * Requests that clients of a scenario will mean to send, changes of the load included and retries not: what a budget is
 * reckoned in, and how long a run is expected to take beside others.
 */
export function plannedRequests({
  workload,
  durationSeconds,
  faults,
  scale = 1,
}: Scenario): number {
  const usual = workload.ratePerSecond / scale;
  const added = faults.reduce((sum, fault) => {
    if (fault.kind !== "load-change") return sum;
    const { count, everySeconds } = fault.repeat ?? { count: 1, everySeconds: 0 };
    const lasting = Array.from({ length: count }, (_, time) => {
      const left = durationSeconds - fault.atSeconds - time * everySeconds;
      return Math.max(0, Math.min(fault.durationSeconds, left));
    }).reduce((total, seconds) => total + seconds, 0);
    return sum + usual * (fault.factor - 1) * lasting;
  }, 0);
  return Math.max(0, usual * durationSeconds + added);
}

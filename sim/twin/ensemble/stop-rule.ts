import { confidence } from "./ensemble-results.ts";
import { percentileOf } from "./order-statistics.ts";
import type { RunSummary } from "./run-summary.ts";

/** Seeds between two looks at the intervals: fixed, so that the answer does not depend on which run finished first. */
export const seedsBetweenLooks = 10;

/**
 * Whether enough is known: of every business function, the interval of its recovery time (at the percentile that an
 * objective names, else at the median) is at most twice `halfWidthSeconds` long.
 */
export function isNarrowEnough(runs: readonly RunSummary[], halfWidthSeconds: number): boolean {
  const [first] = runs;
  if (first === undefined) return false;
  const healthy = runs.filter(({ baseline }) => baseline.healthy);
  if (healthy.length === 0) return false;
  const named = first.ensembleSamples.filter(({ kind }) => kind === "rto");
  const asked = new Set(named.map(({ over }) => over.percentile));
  if (asked.size === 0) asked.add(50);
  return first.functions.every((_, at) => {
    const values = healthy.map((run) => {
      const { rtoSeconds, censored } = run.functions[at]!;
      return { value: rtoSeconds, censored };
    });
    return [...asked].every((percentile) => {
      const { low, high } = percentileOf(values, percentile, confidence);
      return low !== null && high !== null && high - low <= 2 * halfWidthSeconds;
    });
  });
}

/** Seeds that a budget of simulated requests allows, by the requests that one seed is expected to take. */
export function seedsWithin(budgetRequests: number, requestsPerSeed: number): number {
  return Math.floor(budgetRequests / requestsPerSeed);
}

/** Seconds over which an objective is judged: long enough to hold some outcomes, short against any recovery time. */
export const windowSeconds = 10;

/** Outcomes of a business function by the second in which they were judged. */
export interface OutcomeCounts {
  readonly good: Float64Array;
  readonly bad: Float64Array;
}

/** A span out of service, in seconds since the run began; `endSecond` is undefined when the run ended first. */
export interface OutageSpan {
  readonly beginSecond: number;
  readonly endSecond: number | undefined;
}

/** Whether the objective holds in the window that ends with `second`. An empty window is unknown, which is not met. */
export function isInService(counts: OutcomeCounts, second: number, goodShareMin: number): boolean {
  let good = 0;
  let bad = 0;
  for (let at = Math.max(0, second - windowSeconds + 1); at <= second; at += 1) {
    good += counts.good[at]!;
    bad += counts.bad[at]!;
  }
  return good + bad > 0 && good >= goodShareMin * (good + bad);
}

/** Whether nobody asked in the window that ends with `second`, or what was asked is not due yet. */
export function isEmptyWindow({ good, bad }: OutcomeCounts, second: number): boolean {
  for (let at = Math.max(0, second - windowSeconds + 1); at <= second; at += 1) {
    if (good[at]! + bad[at]! > 0) return false;
  }
  return true;
}

/**
 * Spans out of service between two instants. An outage begins with the first breached window and ends with the first
 * window from which the objective keeps holding for `holdSeconds`. Where a thin load alone leaves windows empty (`isThin`), a
 * span without a bad outcome is none: nobody asked. An engine gets no commands while order entry is down, so its are outages.
 */
export function findOutages(
  counts: OutcomeCounts,
  options: {
    readonly goodShareMin: number;
    readonly holdSeconds: number;
    readonly fromSecond: number;
    readonly toSecond: number;
    readonly isThin?: boolean;
  },
): readonly OutageSpan[] {
  const { goodShareMin, holdSeconds, fromSecond, toSecond, isThin = false } = options;
  const outages: OutageSpan[] = [];
  let beginSecond: number | undefined;
  let heldSince: number | undefined;
  for (let second = fromSecond; second < toSecond; second += 1) {
    if (!isInService(counts, second, goodShareMin)) {
      beginSecond ??= second;
      heldSince = undefined;
      continue;
    }
    if (beginSecond === undefined) continue;
    heldSince ??= second;
    if (second - heldSince + 1 < holdSeconds) continue;
    outages.push({ beginSecond, endSecond: heldSince });
    beginSecond = undefined;
    heldSince = undefined;
  }
  if (beginSecond !== undefined) outages.push({ beginSecond, endSecond: undefined });
  if (!isThin) return outages;
  return outages.filter(({ beginSecond: from, endSecond = toSecond }) => {
    const first = Math.max(0, from - windowSeconds + 1);
    return counts.bad.subarray(first, endSecond + 1).some((bad) => bad > 0);
  });
}

import type { BaselineResult } from "../results-types.ts";
import type { FunctionObjective } from "./objective-types.ts";
import { isEmptyWindow, isInService, type OutcomeCounts, windowSeconds } from "./outages.ts";

/** Seconds before the first fault for which every objective must hold. */
export const baselineSeconds = 300;

/** Share of its capacity from which something is named as a bottleneck, and the most that are. Ours: queues grow long above it. */
const bottleneckShareMin = 0.9;
const bottlenecksMax = 3;

/** How loaded something was during the baseline. */
export interface LoadFigure {
  readonly component: string;
  /** What was loaded, such as `vCPU`. */
  readonly what: string;
  /** Mean share of its capacity in use, 0..1. */
  readonly share: number;
}

/** Calls that a component turned away during the baseline. */
export interface ThrottleFigure {
  readonly component: string;
  readonly count: number;
  /** Whether by a quota, rather than by a rule or a full line. */
  readonly isQuota: boolean;
}

/** Tasks that found no room on hosts of one's own during the baseline. */
export interface WaitFigure {
  readonly component: string;
  /** Share of the time in which at least one waited, 0..1. */
  readonly share: number;
}

/**
 * Judges whether the platform held its objectives before anything happened to it. Without that, a recovery time says
 * nothing, and none is quoted.
 */
export function judgeBaseline(options: {
  readonly objectives: readonly FunctionObjective[];
  readonly counts: readonly OutcomeCounts[];
  readonly warmUpSeconds: number;
  /** First fault, or the end of the run when there is none. */
  readonly untilSecond: number;
  readonly hasFault: boolean;
  readonly loads: readonly LoadFigure[];
  readonly throttles: readonly ThrottleFigure[];
  readonly waits: readonly WaitFigure[];
}): BaselineResult {
  const { objectives, counts, warmUpSeconds, untilSecond, hasFault } = options;
  // The first whole window after the warm-up ends a window's length later.
  const firstSecond = hasFault
    ? Math.max(warmUpSeconds + windowSeconds, untilSecond - baselineSeconds)
    : warmUpSeconds + windowSeconds;
  const fromSecond = Math.min(firstSecond, untilSecond);
  const reasons: string[] = [];
  if (hasFault && untilSecond < warmUpSeconds) {
    reasons.push(
      `the first fault strikes at ${untilSecond} s, and the warm-up takes ${warmUpSeconds} s; ${baselineSeconds} s after it are needed to call the platform healthy`,
    );
  } else if (hasFault && untilSecond - warmUpSeconds < baselineSeconds) {
    reasons.push(
      `the scenario leaves ${untilSecond - warmUpSeconds} s between warm-up and first fault; ${baselineSeconds} s are needed to call the platform healthy`,
    );
  }
  objectives.forEach((objective, level) => {
    let breached = 0;
    let judged = 0;
    for (let second = fromSecond; second < untilSecond; second += 1) {
      if (isEmptyWindow(counts[level]!, second) && isIdle(options, level, second)) continue;
      judged += 1;
      if (!isInService(counts[level]!, second, objective.goodShareMin)) breached += 1;
    }
    const span = hasFault ? "before the fault" : "after the warm-up";
    if (judged === 0 && fromSecond < untilSecond)
      reasons.push(
        `${objective.function} had nothing to do ${span}: nothing tells whether it works`,
      );
    if (breached === 0) return;
    const percent = (100 * breached) / judged;
    reasons.push(
      `${objective.function} missed ${(objective.goodShareMin * 100).toFixed(1)} % within ${objective.latencyMsMax} ms in ${percent.toFixed(0)} % of the seconds ${span}`,
    );
  });
  if (reasons.length > 0) reasons.push(...bottlenecks(options));
  return {
    healthy: reasons.length === 0,
    reasons,
    judgedFromUs: fromSecond * 1_000_000,
    judgedToUs: untilSecond * 1_000_000,
  };
}

/**
 * Whether a function without outcomes had nothing to do: a thin load leaves windows empty, and what fails is due and bad.
 * Only an engine gets no commands while order entry is down, so its windows are idle where order entry's are, or hold.
 */
function isIdle(
  { objectives, counts }: Pick<Parameters<typeof judgeBaseline>[0], "objectives" | "counts">,
  level: number,
  second: number,
): boolean {
  if (objectives[level]!.function !== "matching") return true;
  const entry = objectives.findIndex((each) => each.function === "order-entry");
  if (entry < 0) return false;
  const { goodShareMin } = objectives[entry]!;
  return isEmptyWindow(counts[entry]!, second) || isInService(counts[entry]!, second, goodShareMin);
}

/** What was close to its capacity, the most loaded first, what turned calls away, and where tasks found no host. */
function bottlenecks({
  loads,
  throttles,
  waits,
}: {
  readonly loads: readonly LoadFigure[];
  readonly throttles: readonly ThrottleFigure[];
  readonly waits: readonly WaitFigure[];
}): readonly string[] {
  const full = loads
    .filter(({ share }) => share >= bottleneckShareMin)
    .toSorted((a, b) => b.share - a.share)
    .slice(0, bottlenecksMax)
    .map(
      ({ component, what, share }) =>
        `${component} used ${(share * 100).toFixed(0)} % of its ${what}: give it more, or send it less`,
    );
  const throttled = throttles
    .filter(({ count }) => count > 0)
    .map(
      ({ component, count, isQuota }) =>
        `${component} turned away ${count} calls: raise its ${isQuota ? "quota, or batch" : "limit, or send it less"}`,
    );
  const waited = waits
    .filter(({ share }) => share > 0)
    .map(
      ({ component, share }) =>
        `${component} had no room for a task in ${(share * 100).toFixed(0)} % of that time: begin with more hosts, or with larger ones`,
    );
  return [...full, ...throttled, ...waited];
}

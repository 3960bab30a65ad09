/**
 * Error budgets as the SRE workbook has them: what an availability objective leaves of a period's requests may fail, and
 * the burn rate says how many times faster than evenly over the period that is spent. An alert wants a long window to
 * burn (it matters) and a short one (it goes on): one hour and five minutes at 14.4 times, six hours and thirty minutes
 * at 6 times, three days and six hours at once (https://sre.google/workbook/alerting-on-slos/, table 5-8).
 */
import type { BurnAlert, ErrorBudget, ObjectiveResult } from "../results-types.ts";
import type {
  BurnRateObjective,
  ErrorBudgetObjective,
  FunctionObjective,
  ObjectiveSpec,
} from "./objective-types.ts";
import type { OutcomeCounts } from "./outages.ts";

/** Outcomes of a function, second by second, from when they count. */
export interface BudgetCounts {
  readonly counts: OutcomeCounts;
  /** End of the warm-up. */
  readonly fromSecond: number;
  /** First fault, or the end of the run: until here the load is the usual one. */
  readonly calmUntilSecond: number;
  readonly toSecond: number;
}

interface BurnWindows {
  readonly longSeconds: number;
  readonly shortSeconds: number;
}

/** Windows and rates of the workbook, the quickest first. */
const workbookAlerts = [
  { id: "fast", longSeconds: 3600, shortSeconds: 300, rateMax: 14.4 },
  { id: "slow", longSeconds: 21_600, shortSeconds: 1800, rateMax: 6 },
  { id: "ticket", longSeconds: 259_200, shortSeconds: 21_600, rateMax: 1 },
] as const;

const periodDaysDefault = 30;
const daySeconds = 86_400;

/** The budget of each function that has a service objective; its availability is that of a budget objective, if there is one. */
export function errorBudgets(
  objectives: readonly ObjectiveSpec[],
  countsOf: (objective: FunctionObjective) => BudgetCounts,
): readonly ErrorBudget[] {
  return objectives.flatMap((service): readonly ErrorBudget[] => {
    if (service.kind !== "service") return [];
    const own = objectives.find(
      (each): each is ErrorBudgetObjective | BurnRateObjective =>
        (each.kind === "error-budget" || each.kind === "burn-rate") &&
        each.function === service.function,
    );
    const availability = own?.availability ?? service.goodShareMin;
    const periodDays =
      own?.kind === "error-budget" ? (own.periodDays ?? periodDaysDefault) : periodDaysDefault;
    // An objective of 100 % leaves nothing to spend.
    if (availability >= 1) return [];
    return [budgetOf(service.function, { availability, periodDays }, countsOf(service))];
  });
}

function budgetOf(
  businessFunction: FunctionObjective["function"],
  { availability, periodDays }: { readonly availability: number; readonly periodDays: number },
  outcomes: BudgetCounts,
): ErrorBudget {
  const { good, bad } = totalOf(outcomes);
  return {
    function: businessFunction,
    availability,
    periodDays,
    goodCount: good,
    badCount: bad,
    burnRate: good + bad === 0 ? 0 : bad / (good + bad) / (1 - availability),
    spentShare: spentShare(outcomes, availability, periodDays),
    alerts: workbookAlerts.map(({ id, rateMax, ...windows }): BurnAlert => {
      const { peak, firedAt } = burnOver(outcomes, availability, windows, rateMax);
      return { id, ...windows, rateMax, peakRate: peak, firedAtSeconds: firedAt };
    }),
  };
}

/** Share of a period's budget that the run's bad outcomes spent, with the period's load that of the calm part of the run. */
function spentShare(outcomes: BudgetCounts, availability: number, periodDays: number): number {
  const perSecond = calmPerSecond(outcomes);
  const budget = (1 - availability) * perSecond * periodDays * daySeconds;
  return budget === 0 ? 0 : totalOf(outcomes).bad / budget;
}

function totalOf({ counts, fromSecond, toSecond }: BudgetCounts) {
  return {
    good: sum(counts.good, fromSecond, toSecond),
    bad: sum(counts.bad, fromSecond, toSecond),
  };
}

/** Outcomes a second before anything happened; of the whole run when there was no calm. */
function calmPerSecond({ counts, fromSecond, calmUntilSecond, toSecond }: BudgetCounts): number {
  const until = calmUntilSecond > fromSecond ? calmUntilSecond : toSecond;
  const total = sum(counts.good, fromSecond, until) + sum(counts.bad, fromSecond, until);
  return total / Math.max(1, until - fromSecond);
}

/**
 * The highest rate at which both windows burnt at once, and when that first reached a bound. A run is shorter than most
 * windows: before it, the function is taken to have had its usual load and no errors.
 */
function burnOver(
  outcomes: BudgetCounts,
  availability: number,
  { longSeconds, shortSeconds }: BurnWindows,
  rateMax: number,
): { readonly peak: number; readonly firedAt: number | null } {
  const { counts, fromSecond, toSecond } = outcomes;
  const usual = calmPerSecond(outcomes);
  const bad = runningSum(counts.bad, fromSecond, toSecond);
  const all = runningSum(counts.good, fromSecond, toSecond).map((good, at) => good + bad[at]!);
  const rate = (end: number, seconds: number) => {
    const begin = Math.max(0, end - seconds);
    const before = Math.max(0, seconds - end) * usual;
    const total = all[end]! - all[begin]! + before;
    return total === 0 ? 0 : (bad[end]! - bad[begin]!) / total / (1 - availability);
  };
  let peak = 0;
  let firedAt: number | null = null;
  for (let end = 1; end < bad.length; end += 1) {
    const both = Math.min(rate(end, longSeconds), rate(end, shortSeconds));
    peak = Math.max(peak, both);
    if (firedAt === null && both >= rateMax) firedAt = fromSecond + end;
  }
  return { peak, firedAt };
}

function runningSum(values: Float64Array, from: number, to: number): Float64Array {
  const sums = new Float64Array(Math.max(0, to - from) + 1);
  for (let at = 1; at < sums.length; at += 1) sums[at] = sums[at - 1]! + values[from + at - 1]!;
  return sums;
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let second = from; second < to; second += 1) total += values[second]!;
  return total;
}

/** Measures how much of a budget is gone. */
export function judgeErrorBudget(
  objective: ErrorBudgetObjective,
  outcomes: BudgetCounts,
): ObjectiveResult {
  const { id, function: name, availability, spentShareMax } = objective;
  const days = objective.periodDays ?? periodDaysDefault;
  const spent = spentShare(outcomes, availability, days);
  const { bad } = totalOf(outcomes);
  return {
    id,
    kind: "error-budget",
    met: spent <= spentShareMax,
    unit: "share of the error budget",
    measured: spent,
    limit: spentShareMax,
    because: `${bad} bad outcomes of ${name} spent ${percent(spent)} of what ${percent(availability)} over ${days} days leave, against ${percent(spentShareMax)}.`,
    evidence: [],
  };
}

/** Measures how fast a budget was spent, at the worst. */
export function judgeBurnRate(
  objective: BurnRateObjective,
  outcomes: BudgetCounts,
): ObjectiveResult {
  const { id, function: name, availability, longSeconds, shortSeconds, rateMax } = objective;
  const { peak, firedAt } = burnOver(outcomes, availability, objective, rateMax);
  const when = firedAt === null ? "" : `, first at ${firedAt} s of the run`;
  return {
    id,
    kind: "burn-rate",
    met: peak < rateMax,
    unit: "times as fast as evenly",
    measured: peak,
    limit: rateMax,
    because: `${name} spent its error budget up to ${peak.toFixed(1)} times as fast as evenly, over ${longSeconds} s and ${shortSeconds} s at once, against ${rateMax}${when}.`,
    evidence: [],
  };
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

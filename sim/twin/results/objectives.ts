import type { LogEntry } from "../../components/fabric/event-log.ts";
import { assertNever } from "../../kernel/assert.ts";
import type { CostResult } from "../cost/cost-types.ts";
import type { Reconciliation } from "../ledger/reconciliation.ts";
import type {
  BaselineResult,
  EnsembleSample,
  FunctionResult,
  InvariantResult,
  ObjectiveResult,
  Outage,
  RpoResult,
} from "../results-types.ts";
import type { Scenario } from "../scenario-types.ts";
import type { BusinessFunction } from "../topology-types.ts";
import { type BudgetCounts, judgeBurnRate, judgeErrorBudget } from "./error-budget.ts";
import { judgeCost } from "./judge-cost.ts";
import { judgeMeasure, type RecordedSpan } from "./judge-measure.ts";
import type {
  EnsembleSpec,
  FunctionObjective,
  ObjectiveSpec,
  RpoAgeObjective,
  RpoObjective,
  RtoObjective,
} from "./objective-types.ts";

interface Evidence {
  readonly scenario: Scenario;
  readonly baseline: BaselineResult;
  readonly functions: readonly FunctionResult[];
  readonly reconciliation: Reconciliation;
  readonly invariants: readonly InvariantResult[];
  readonly cost: CostResult;
  readonly entries: readonly LogEntry[];
  readonly recorded: RecordedSpan;
  /** Objectives that a scaled run can't judge, by id. */
  readonly notJudged: readonly string[];
  /** Outcomes of a function that has a service objective. */
  readonly outcomesOf: (businessFunction: BusinessFunction) => BudgetCounts;
}

/** Measures every objective that one run can judge against its bound and says why in a sentence. */
export function judgeObjectives(evidence: Evidence): readonly ObjectiveResult[] {
  return evidence.scenario.objectives
    .filter((objective) => ensembleOf(objective) === undefined && isJudged(objective, evidence))
    .map((objective) => judge(objective, evidence));
}

/** What this run measures of the objectives that are judged over many. */
export function sampleObjectives(evidence: Evidence): readonly EnsembleSample[] {
  const judged = evidence.scenario.objectives.filter((objective) => isJudged(objective, evidence));
  return judged.flatMap((objective): readonly EnsembleSample[] => {
    const over = ensembleOf(objective);
    if (over === undefined || (objective.kind !== "rto" && objective.kind !== "rpo")) return [];
    const { id, unit, limit, ...judged } = judge(objective, evidence);
    const censored =
      objective.kind === "rto" &&
      evidence.functions.some((each) => each.function === objective.function && each.censored);
    // Books that differ although nothing is counted as lost are a failure without a figure.
    const hasFigure = judged.met || censored || (judged.measured ?? 0) > limit;
    const measured = hasFigure ? judged.measured : null;
    return [{ id, kind: objective.kind, unit, measured, censored, limit, over }];
  });
}

/** A sample of the load has no say about what was lost, nor about sums over everybody. */
function isJudged({ id }: ObjectiveSpec, { notJudged }: Evidence): boolean {
  return !notJudged.includes(id);
}

function ensembleOf(objective: ObjectiveSpec): EnsembleSpec | undefined {
  return "over" in objective ? objective.over : undefined;
}

function judge(objective: ObjectiveSpec, evidence: Evidence): ObjectiveResult {
  switch (objective.kind) {
    case "service":
      return judgeService(objective, evidence);
    case "rto":
      return judgeRto(objective, evidence);
    case "rpo":
      return judgeRpo(objective, evidence);
    case "rpo-age":
      return judgeRpoAge(objective, evidence);
    case "measure":
      return judgeMeasure(objective, evidence.recorded);
    case "error-budget":
      return judgeErrorBudget(objective, evidence.outcomesOf(objective.function));
    case "burn-rate":
      return judgeBurnRate(objective, evidence.outcomesOf(objective.function));
    case "cost":
      return judgeCost(objective, evidence.cost);
    case "invariants":
      return judgeInvariants(objective.id, evidence);
    default:
      return assertNever(objective, "objective");
  }
}

/** What a function does in an outage is judged by its recovery time; what it does before one, here. */
function judgeService(objective: FunctionObjective, { functions }: Evidence): ObjectiveResult {
  const result = functions.find((each) => each.function === objective.function)!;
  const { goodCount, badCount } = result.beforeFault;
  const total = goodCount + badCount;
  const share = total === 0 ? 0 : goodCount / total;
  const met = share >= objective.goodShareMin;
  const percent = (100 * share).toFixed(2);
  return {
    id: objective.id,
    kind: "service",
    met,
    unit: "share of outcomes",
    measured: share,
    limit: objective.goodShareMin,
    because: serviceReason(objective, { badCount, total, percent, met }),
    evidence: [],
  };
}

function serviceReason(
  { function: of, latencyMsMax }: FunctionObjective,
  counted: { badCount: number; total: number; percent: string; met: boolean },
): string {
  const { badCount, total, percent, met } = counted;
  if (total === 0) {
    return `No ${of} outcome was counted between warm-up and first fault: send some, or let the fault strike later.`;
  }
  return met
    ? `${percent} % of ${of} outcomes between warm-up and first fault were good within ${latencyMsMax} ms.`
    : `${badCount} of ${total} ${of} outcomes between warm-up and first fault failed or took longer than ${latencyMsMax} ms (${percent} % good): give what is fullest more room, or send less.`;
}

function judgeRto(objective: RtoObjective, evidence: Evidence): ObjectiveResult {
  const { baseline, functions } = evidence;
  const base = {
    id: objective.id,
    kind: "rto",
    unit: "seconds",
    limit: objective.secondsMax,
  } as const;
  const result = functions.find((each) => each.function === objective.function);
  if (result === undefined) {
    return {
      ...base,
      met: false,
      measured: null,
      because: `Nothing says when ${objective.function} is in service: add a service objective for it.`,
      evidence: [],
    };
  }
  if (!baseline.healthy) {
    return {
      ...base,
      met: false,
      measured: null,
      because: `Baseline unhealthy, so no recovery time is quoted: ${baseline.reasons.join("; ")}.`,
      evidence: [],
    };
  }
  const sinceUs = beginOf(objective.sinceRunbook, evidence.entries);
  if (sinceUs === undefined) {
    return {
      ...base,
      met: false,
      measured: null,
      because: `Nobody began the runbook "${objective.sinceRunbook}", so there is nothing to judge: let the run last longer, or what it follows on succeed.`,
      evidence: [],
    };
  }
  const outages = result.outages.filter(({ beganUs }) => beganUs >= sinceUs);
  const longest = outages.reduce<Outage | undefined>(
    (worst, outage) => (worst === undefined || outage.seconds > worst.seconds ? outage : worst),
    undefined,
  );
  if (longest === undefined) {
    return {
      ...base,
      met: true,
      measured: 0,
      because: `${objective.function} stayed in service throughout.`,
      evidence: [],
    };
  }
  return {
    ...base,
    met: !longest.censored && longest.seconds <= objective.secondsMax,
    measured: longest.seconds,
    because: sayOutage(objective, longest, evidence.entries),
    evidence: longest.chain,
  };
}

/** When people began a runbook, microseconds; 0 when none is named, `undefined` when they never did. */
function beginOf(runbook: string | undefined, entries: readonly LogEntry[]): number | undefined {
  if (runbook === undefined) return 0;
  return entries.find(({ kind }) => kind === `runbook.${runbook}.detected`)?.atUs;
}

/** Which part of the outage took longest, and the events that led to its end, or as far as they got. */
function sayOutage(objective: RtoObjective, outage: Outage, entries: readonly LogEntry[]): string {
  const parts = Object.entries(outage.parts) as [keyof typeof advice, number][];
  const [longest, seconds] = parts.reduce((worst, part) => (part[1] > worst[1] ? part : worst));
  const chain = outage.chain.map((seq) => entries[seq]!.kind).join(" -> ");
  if (outage.censored) {
    const reached =
      chain === "" ? "nothing had begun to mend it" : `the mending had come to ${chain}`;
    return `${objective.function} was still out of service when the run ended, ${outage.seconds.toFixed(0)} s after it failed (limit ${objective.secondsMax} s); ${reached}.`;
  }
  if (chain === "") {
    return `${objective.function} was out for ${outage.seconds.toFixed(0)} s against ${objective.secondsMax} s; it came and went with the load, and no event ended it.`;
  }
  if (outage.chain.every((seq) => entries[seq]!.stage === "fault")) {
    const { detect, drain } = outage.parts;
    const last = entries[outage.chain.at(-1)!]!.kind;
    return `${objective.function} was out for ${outage.seconds.toFixed(0)} s against ${objective.secondsMax} s; nothing mended it: it lasted until the fault passed by itself (${last}) ${detect.toFixed(0)} s later, and ${drain.toFixed(0)} s more went into ${advice.drain}.`;
  }
  const why = `the chain that ended it was ${chain}`;
  return `${objective.function} was out for ${outage.seconds.toFixed(0)} s against ${objective.secondsMax} s; ${seconds.toFixed(0)} s of it went into ${advice[longest]}; ${why}.`;
}

/** What each part is made of, so that the sentence names something to work on. */
const advice = {
  detect: "noticing the failure (health-check intervals, heartbeat and lease time-outs)",
  decide: "deciding what to do (scheduler looks, failed placements, election)",
  act: "carrying it out (task start, promotion, DNS change)",
  recover:
    "recovering state (snapshot load, journal replay, cache warm-up, reopening of the market)",
  drain: "working off backlog, time-outs and cached answers that had built up",
} as const;

function judgeRpo(objective: RpoObjective, { reconciliation }: Evidence): ObjectiveResult {
  const declared = reconciliation.rpo.find((each) => each.declared)!;
  const lostTrades = reconciliation.differences.filter((each) => each.what === "trade").length;
  const { lostCount, doubledCount, reorderedCount, strandedCount } = declared;
  const measured = lostCount + doubledCount + reorderedCount + strandedCount + lostTrades;
  const detail = `${lostCount} lost, ${doubledCount} doubled, ${reorderedCount} reordered, ${strandedCount} stranded, ${lostTrades} trades missing`;
  return {
    id: objective.id,
    kind: "rpo",
    met: measured <= objective.lostMax && (measured > 0 || reconciliation.books.equal),
    unit: "commands and trades",
    measured,
    limit: objective.lostMax,
    because:
      measured === 0 && !reconciliation.books.equal
        ? `Every accepted command is held, yet the recovered books differ from the reference engine's in ${reconciliation.books.differingOrderIds.length} orders: the recovery is wrong, or was not over when the run ended.`
        : measured === 0
          ? `All ${declared.acceptedCount} accepted commands are held once and in sequence (accepted at the ${declared.acceptance}); the recovered books equal the reference engine's.`
          : `Of ${declared.acceptedCount} accepted commands (accepted at the ${declared.acceptance}): ${detail}${ageOfOldest(declared)}.`,
    evidence: [],
  };
}

function judgeRpoAge(objective: RpoAgeObjective, { reconciliation }: Evidence): ObjectiveResult {
  const declared = reconciliation.rpo.find((each) => each.declared)!;
  const { lostCount, oldestLostSeconds, acceptedCount } = declared;
  const age = Math.max(0, oldestLostSeconds);
  return {
    id: objective.id,
    kind: "rpo-age",
    met: age <= objective.secondsMax,
    unit: "seconds",
    measured: age,
    limit: objective.secondsMax,
    because:
      lostCount === 0
        ? `None of ${acceptedCount} accepted commands was lost.`
        : `Of ${acceptedCount} accepted commands ${lostCount} were lost${ageOfOldest(declared)}.`,
    evidence: [],
  };
}

function ageOfOldest({ lostCount, oldestLostSeconds }: RpoResult): string {
  if (lostCount === 0) return "";
  return oldestLostSeconds > 0
    ? `; the oldest lost was accepted ${oldestLostSeconds.toFixed(1)} s before the fault`
    : "; none of the lost was accepted before the fault";
}

function judgeInvariants(id: string, { invariants }: Evidence): ObjectiveResult {
  const violations = invariants.reduce((total, each) => total + each.violations, 0);
  const checks = invariants.reduce((total, each) => total + each.checks, 0);
  const first = invariants.find((each) => each.violations > 0);
  return {
    id,
    kind: "invariants",
    met: violations === 0 && checks > 0,
    unit: "violations",
    measured: violations,
    limit: 0,
    because: invariantText(invariants.length, checks, first),
    evidence: [],
  };
}

function invariantText(
  count: number,
  checks: number,
  first: Evidence["invariants"][number] | undefined,
): string {
  if (checks === 0) {
    return "Nothing was there to check, since the load places no orders; leave this objective out, or give the mix orders.";
  }
  return first === undefined
    ? `${count} invariants held in ${checks} checks.`
    : `"${first.name}" was violated ${first.violations} times, first: ${first.firstViolation}.`;
}

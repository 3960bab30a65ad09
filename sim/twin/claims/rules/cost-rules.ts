/** What the strategy says things cost, against its own sums and against the bill of a run. */
import { factNumberAt } from "../../../facts/facts.ts";
import { comparePlan } from "../../cost/compare-plan.ts";
import { costAlarms, tableBreakEven } from "../../cost/cost-alarms.ts";
import type { CostResult } from "../../cost/cost-types.ts";
import { withOptimisations } from "../../cost/optimisations.ts";
import type { PlannedPhase } from "../../cost/plan-types.ts";
import { money } from "../../cost/quantity-text.ts";
import {
  type Claim,
  type ClaimRule,
  type EvidenceDesk,
  type Judgement,
  numberOf,
  type TriggerStages,
} from "../claim-types.ts";
import { exactFigure, figureOf, figureText, firstOf, numberText, percentText } from "../figures.ts";
import { stagesOf } from "./trigger-rules.ts";
import { undecided } from "./untested.ts";

/** Within what two sums of money count as one. */
const nearShare = 0.15;

const daysOfMonth = 365 / 12;

function phaseOf({ plan }: EvidenceDesk, id: string): PlannedPhase {
  const phase = plan.phases.find((each) => each.id === id);
  if (phase === undefined) throw new Error(`The plan has no phase "${id}"`);
  return phase;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function billsOf(desk: EvidenceDesk, scenario: string): readonly CostResult[] {
  return desk.runs(scenario).map(({ watched }) => {
    if (watched.cost === undefined) throw new Error(`${scenario} left no bill`);
    return watched.cost;
  });
}

/** The plan's table against a bill: it holds when every row and the total are near. */
function billRule(id: string, scenario: string): ClaimRule {
  return (claim, desk) =>
    judgeBill(claim, { phase: phaseOf(desk, id), bills: billsOf(desk, scenario) });
}

function judgeBill(
  claim: Claim,
  { phase, bills }: { readonly phase: PlannedPhase; readonly bills: readonly CostResult[] },
): Judgement {
  const month = figureOf(
    bills.map(({ monthUsd }) => monthUsd),
    "USD",
  );
  const { rows, total } = comparePlan(phase, firstOf(bills));
  const far = rows.filter(({ differenceShare }) => Math.abs(differenceShare ?? 1) > nearShare);
  const rowsUsd = sum(phase.rows.map(({ usd }) => usd));
  const worst = [...far].sort(
    (a, b) => Math.abs(b.oursUsd - b.plannedUsd) - Math.abs(a.oursUsd - a.plannedUsd),
  )[0];
  return {
    verdict:
      far.length === 0 && Math.abs(total.differenceShare ?? 1) <= nearShare
        ? "holds"
        : "does-not-hold",
    strategy: `${money(numberOf(claim, "total"))} a month`,
    ours: `${money(month.value)} a month at a steady ${phase.ratePerSecond} requests/s`,
    figure: month,
    why: `its rows add up to ${money(rowsUsd)}${rowsUsd === phase.totalUsd ? " as it says" : ""}, and ${far.length} of ${rows.length} differ from the bill by more than ${percentText(nearShare)}${worst === undefined ? "" : `, ${worst.title} the most: ${money(worst.oursUsd)} against ${money(worst.plannedUsd)}${worst.reason === "" ? "" : ` (${worst.reason.replace(/\.$/, "")})`}`}`,
  };
}

/** Two figures for one month. */
const currentSummary: ClaimRule = (claim, desk) => {
  const { totalUsd } = phaseOf(desk, "current");
  return sameFigures(numberOf(claim, "total"), totalUsd, 0.5, (stated, found) => ({
    ours: `${money(found)} in the table of the same document`,
    why: `the summary gives ${money(stated)} and the table ${money(found)} for the same month, ${money(Math.abs(found - stated))} apart`,
    strategy: `${money(stated)} a month`,
    unit: "USD",
  }));
};

/** Holds when two figures that ought to be one are; inconsistent otherwise. */
function sameFigures(
  stated: number,
  found: number,
  tolerance: number,
  words: (
    stated: number,
    found: number,
  ) => {
    readonly strategy: string;
    readonly ours: string;
    readonly why: string;
    readonly unit: string;
  },
): Judgement {
  const { unit, ...texts } = words(stated, found);
  return {
    verdict: Math.abs(stated - found) <= tolerance ? "holds" : "inconsistent",
    ...texts,
    figure: exactFigure(found, unit),
  };
}

function totalOfRows(id: string): ClaimRule {
  return (_claim, desk) => {
    const phase = phaseOf(desk, id);
    const rows = sum(phase.rows.map(({ usd }) => usd));
    const deltas = sum(phase.rows.map(({ deltaUsd }) => deltaUsd ?? 0));
    return sameFigures(phase.totalUsd, rows, 0.5, (stated, found) => ({
      strategy: `${money(stated)} a month, ${money(phase.totalDeltaUsd ?? 0)} more than before`,
      ours: `rows ${money(found)}, deltas ${money(deltas)}`,
      why: `the rows add up to ${money(found)} and the deltas to ${money(deltas)}, where the totals say ${money(stated)} and ${money(phase.totalDeltaUsd ?? 0)}`,
      unit: "USD",
    }));
  };
}

const phase2Deltas: ClaimRule = (_claim, desk) => {
  const phase = phaseOf(desk, "phase-2");
  const deltas = sum(phase.rows.map(({ deltaUsd }) => deltaUsd ?? 0));
  const before = phaseOf(desk, "phase-1").rows.find(({ id }) => id === "other");
  const now = phase.rows.find(({ id }) => id === "data-transfer");
  return sameFigures(phase.totalDeltaUsd ?? 0, deltas, 0.5, (stated, found) => ({
    strategy: `${money(stated)} more than before`,
    ours: `${money(found)} by its rows`,
    why: `the rows' deltas add up to ${money(found)} and the total says ${money(stated)}; ${before?.title} at ${money(before?.usd ?? 0)} turns into ${now?.title} with ${money(now?.beforeUsd ?? 0)} before`,
    unit: "USD",
  }));
};

/** Dollars a request a second, each from the totals that it is quoted with, and from the rows. */
function perRequest(id: string): ClaimRule {
  return (claim, desk) => {
    const phase = phaseOf(desk, id);
    const before = phaseOf(desk, phase.follows ?? "current");
    const ofRows = (each: PlannedPhase) =>
      sum(each.rows.map(({ usd }) => usd)) / each.ratePerSecond;
    const [stated, fromRows] = [numberOf(claim, "after"), ofRows(phase)];
    const reduction = 1 - fromRows / ofRows(before);
    const isSame =
      Math.abs(stated - fromRows) <= 0.005 &&
      Math.abs(numberOf(claim, "before") - ofRows(before)) <= 0.005;
    return {
      verdict: isSame ? "holds" : "inconsistent",
      strategy: `$${numberOf(claim, "before")} falls to $${stated}, ${phase.usdPerRpsReductionPercent} % less`,
      ours: `$${ofRows(before).toFixed(2)} falls to $${fromRows.toFixed(2)}, ${percentText(reduction)} less`,
      figure: exactFigure(fromRows, "USD for each request a second"),
      why: `the totals give $${(before.totalUsd / before.ratePerSecond).toFixed(2)} and $${(phase.totalUsd / phase.ratePerSecond).toFixed(2)} as quoted, and the rows under them $${ofRows(before).toFixed(2)} and $${fromRows.toFixed(2)}`,
    };
  };
}

/** What the plan's switches save on a bill, and what that leaves. */
function optimisedRule(id: string, scenario: string): ClaimRule {
  return (claim, desk) =>
    judgeOptimised(claim, { phase: phaseOf(desk, id), bills: billsOf(desk, scenario) });
}

function judgeOptimised(
  claim: Claim,
  { phase, bills }: { readonly phase: PlannedPhase; readonly bills: readonly CostResult[] },
): Judgement {
  const planned = phase.optimised;
  if (planned === undefined) throw new Error(`The plan has no optimised ${phase.id}`);
  const saved = figureOf(
    bills.map(
      (bill) => 100 * (1 - withOptimisations(bill, planned.with).bill.monthUsd / bill.monthUsd),
    ),
    "%",
  );
  const after = figureOf(
    bills.map((bill) => withOptimisations(bill, planned.with).bill.monthUsd),
    "USD",
  );
  const plain = firstOf(bills).monthUsd;
  const { rows } = comparePlan(phase, withOptimisations(firstOf(bills), planned.with).bill);
  const dearest = [...rows].sort((one, other) => other.oursUsd - one.oursUsd)[0];
  const holds =
    saved.high >= planned.savedPercent - 1 && after.low <= (1 + nearShare) * planned.usd;
  return {
    verdict: holds ? "holds" : "does-not-hold",
    strategy: `${money(numberOf(claim, "total"))} a month, ${planned.savedPercent} % less`,
    ours: `${money(after.value)} a month, ${numberText(saved.value)} % less`,
    figure: after,
    why: `on a bill of ${money(plain)} a month the discounts that it names save ${numberText(saved.value)} % where it counts on ${planned.savedPercent} %; what is left is ${money(after.value)}, of which ${dearest?.title} is the most with ${money(dearest?.oursUsd ?? 0)}`,
  };
}

const glacierPrice: ClaimRule = (claim) => {
  const [glacier, standard] = [numberOf(claim, "glacier"), numberOf(claim, "standard")];
  const price = (name: string) => factNumberAt("s3.price.gb-month", name);
  const nearest = price("glacierFlexible");
  const isRight =
    price("standard") === standard && Math.abs(nearest - glacier) / nearest <= nearShare;
  return {
    verdict: isRight ? "holds" : "does-not-hold",
    strategy: `$${glacier} against $${standard} a GB and month`,
    ours: `$${nearest} against $${price("standard")}`,
    figure: exactFigure(nearest, "USD a GB and month"),
    why: `the catalogue has S3 Standard at $${price("standard")} and Glacier Flexible Retrieval at $${nearest}, ${percentText(Math.abs(nearest - glacier) / nearest)} from the strategy's $${glacier}`,
    facts: ["s3.price.gb-month"],
  };
};

function alarmOn(id: "daily" | "weekly", phase: string): ClaimRule {
  return (claim, desk) => {
    const { totalUsd } = phaseOf(desk, phase);
    const limit = numberOf(claim, "usd");
    const { dailyUsd, dailyExpectedUsd } = desk.plan.alarms;
    const bill = firstOf(billsOf(desk, "claim-bill-current"));
    const found = costAlarms(desk.plan.alarms, bill).find((each) => each.id === id);
    if (found === undefined) throw new Error(`No cost alarm "${id}"`);
    const expected = (totalUsd / daysOfMonth) * (id === "weekly" ? 7 : 1);
    const stated = id === "daily" ? dailyExpectedUsd : undefined;
    const { stages, words } = toldIn(desk, `${id}-cost`);
    const isSound =
      id === "daily" ? Math.abs(expected - dailyExpectedUsd) < 1 : limit <= 7 * dailyUsd;
    return {
      verdict: isSound ? "holds" : "inconsistent",
      stages,
      strategy: `${money(limit)}${stated === undefined ? "" : `, ${money(stated)} expected`}`,
      ours: `${money(expected)} by its own total, ${money(found.measuredUsd)} by the bill`,
      figure: exactFigure(expected, "USD"),
      why: `its own ${money(totalUsd)} a month are ${money(expected)} a ${id === "daily" ? "day" : "week"}, so the alarm fires ${percentText(limit / expected - 1)} over budget${id === "weekly" ? ` and stays silent in a week whose every day stands at the daily alarm's ${money(dailyUsd)} (${money(7 * dailyUsd)})` : ` where it expects ${money(dailyExpectedUsd)}`}; on the bill of a steady 500 requests/s it ${found.fires ? "fires at once" : "does not fire"}; ${words}`,
    };
  };
}

/** How long after the bound has been passed the alarm tells, and people act on it. */
function toldIn(
  desk: EvidenceDesk,
  alarm: string,
): { readonly stages: TriggerStages; readonly words: string } {
  const found = desk
    .runs("claim-cost-alarms")
    .flatMap(({ watched }) => watched.triggers?.find(({ id }) => id === alarm) ?? []);
  const { stages, figures } = stagesOf(found);
  return {
    stages,
    words: `in a run in which billing data was updated soon, it told ${figureText(figures.alarmed)} after the bound had been passed, and somebody knew after ${figureText(figures.acted)}`,
  };
}

const tableAlarm: ClaimRule = (claim, desk) => {
  const limit = numberOf(claim, "usd");
  const bill = firstOf(billsOf(desk, "claim-bill-current"));
  const alarm = costAlarms(desk.plan.alarms, bill).find((each) => each.id === "dynamodb");
  const even = tableBreakEven(bill);
  const { stages, words } = toldIn(desk, "table-cost");
  if (even === undefined || alarm === undefined) throw new Error("The bill has no table on demand");
  return undecided({
    stages,
    strategy: `above ${money(limit)} a day`,
    ours: `provisioned is cheaper above ${percentText(even.useAtBreakEven)} use, at any bill`,
    figure: exactFigure(even.useAtBreakEven, "of provisioned capacity"),
    why: `what decides is how evenly capacity is used and not how much is paid: by prices provisioned is cheaper once ${percentText(even.useAtBreakEven)} of it is used, and the table costs ${money(alarm.measuredUsd)} a day at a steady 500 requests/s; ${words}`,
    settledBy:
      "consumed units by the minute over a month of production: their mean over their peak",
    ifRight: `then ${money(limit)} a day is reached at ${numberText(alarm.firesFromFactor ?? Number.POSITIVE_INFINITY)} times the load of 500 requests/s`,
  });
};

export const costRules: Readonly<Record<string, ClaimRule>> = {
  "cost.current.breakdown": billRule("current", "claim-bill-current"),
  "cost.current.summary": currentSummary,
  "cost.p1.total": totalOfRows("phase-1"),
  "cost.p1.per-rps": perRequest("phase-1"),
  "cost.p1.optimised": optimisedRule("phase-1", "claim-bill-phase-1"),
  "cost.s3.glacier": glacierPrice,
  "cost.p2.total": billRule("phase-2", "claim-phase-2"),
  "cost.p2.deltas": phase2Deltas,
  "cost.p2.per-rps": perRequest("phase-2"),
  "cost.p2.optimised": optimisedRule("phase-2", "claim-phase-2"),
  "alarm.cost.daily": alarmOn("daily", "current"),
  "alarm.cost.weekly": alarmOn("weekly", "current"),
  "alarm.cost.dynamodb": tableAlarm,
};

import { expect, test } from "vitest";
import {
  type BudgetCounts,
  errorBudgets,
  judgeBurnRate,
  judgeErrorBudget,
} from "./error-budget.ts";
import type { ObjectiveSpec } from "./objective-types.ts";

const perSecond = 100;

/** 100 requests a second over two hours, all bad in the given span. */
function outageFrom(from: number, to: number, badShare = 1): BudgetCounts {
  const seconds = 7200;
  const bad = Float64Array.from({ length: seconds }, (_, at) =>
    at >= from && at < to ? perSecond * badShare : 0,
  );
  return {
    counts: { good: bad.map((count) => perSecond - count), bad },
    fromSecond: 60,
    calmUntilSecond: from,
    toSecond: seconds,
  };
}

const service: ObjectiveSpec = {
  kind: "service",
  id: "order-entry-service",
  function: "order-entry",
  goodShareMin: 0.95,
  latencyMsMax: 1000,
  holdSeconds: 30,
};
const budget = {
  kind: "error-budget",
  id: "order-entry-budget",
  function: "order-entry",
  availability: 0.999,
  spentShareMax: 0.02,
} as const;
const burn = {
  kind: "burn-rate",
  id: "order-entry-burn",
  function: "order-entry",
  availability: 0.999,
  longSeconds: 3600,
  shortSeconds: 300,
  rateMax: 14.4,
} as const;

function alertsOf(outcomes: BudgetCounts, objectives: readonly ObjectiveSpec[] = [service, burn]) {
  const [only] = errorBudgets(objectives, () => outcomes);
  return Object.fromEntries(only!.alerts.map((alert) => [alert.id, alert]));
}

test("a full outage of 51.84 s is 2 % of a month's budget of 99.9 %, which is where the workbook's fast alert stands", () => {
  // 0.1 % of 30 days are 2,592 s; 2 % of them 51.84 s, so 52 whole seconds reach it and 51 do not.
  expect(judgeErrorBudget(budget, outageFrom(1000, 1052)).measured).toBeCloseTo(52 / 2592, 10);
  expect(judgeErrorBudget(budget, outageFrom(1000, 1051)).met).toBe(true);
  expect(judgeErrorBudget(budget, outageFrom(1000, 1052)).met).toBe(false);
  expect(alertsOf(outageFrom(1000, 1051))["fast"]!.firedAtSeconds).toBeNull();
  expect(alertsOf(outageFrom(1000, 1052))["fast"]!.firedAtSeconds).toBe(1052);
});

test("the fast alert fires after 52 s of a full outage, the slow one after 130 s, the ticket after 260 s", () => {
  // 14.4 x 0.1 % of an hour, 6 x 0.1 % of six hours, 0.1 % of three days: 51.84 s, 129.6 s, 259.2 s.
  const alerts = alertsOf(outageFrom(1000, 2000));
  expect([
    alerts["fast"]!.firedAtSeconds,
    alerts["slow"]!.firedAtSeconds,
    alerts["ticket"]!.firedAtSeconds,
  ]).toEqual([1052, 1130, 1260]);
});

test("an alert is quiet again for what is over: its short window no longer burns", () => {
  // 40 s of outage, and 40 s more when the long window still holds the first, the short one too: together they fire.
  const near = outageFrom(1000, 1040);
  near.counts.bad.fill(perSecond, 1100, 1140);
  near.counts.good.fill(0, 1100, 1140);
  expect(alertsOf(near)["fast"]!.firedAtSeconds).toBe(1112);
  // A trickle of errors holds the long window up; a bad second long after does not reach the short one's bound.
  const late = outageFrom(1000, 1050);
  late.counts.bad.fill(perSecond, 3000, 3002);
  late.counts.good.fill(0, 3000, 3002);
  expect(alertsOf(late)["fast"]!.firedAtSeconds).toBeNull();
});

test("the highest burn rate of a steady 1 % of errors is ten times, once the long window has them all", () => {
  const steady = judgeBurnRate(burn, outageFrom(1000, 7200, 0.01));
  expect(steady.measured).toBeCloseTo(10, 10);
  expect(steady.met).toBe(true);
  expect(judgeBurnRate({ ...burn, rateMax: 9.9 }, outageFrom(1000, 7200, 0.01)).met).toBe(false);
});

test("before the run a function is taken to have had its usual load without errors", () => {
  // Half an hour into an outage a third of the hour's requests would have failed, were the run younger than the window.
  const early = judgeBurnRate(burn, outageFrom(60, 1260));
  expect(early.measured).toBeCloseTo(1200 / 3600 / 0.001, 6);
});

test("without a budget objective the availability is that of the service objective, over thirty days", () => {
  const [only] = errorBudgets([service], () => outageFrom(1000, 1100));
  expect(only).toMatchObject({ availability: 0.95, periodDays: 30, badCount: 10_000 });
  expect(only!.burnRate).toBeCloseTo(10_000 / (7140 * perSecond) / 0.05, 10);
  expect(only!.spentShare).toBeCloseTo(100 / (0.05 * 30 * 86_400), 12);
  expect(errorBudgets([{ ...service, goodShareMin: 1 }], () => outageFrom(1, 2))).toEqual([]);
});

test("a week's budget is spent sooner than a month's", () => {
  const month = judgeErrorBudget(budget, outageFrom(1000, 1052)).measured!;
  const week = judgeErrorBudget({ ...budget, periodDays: 7 }, outageFrom(1000, 1052)).measured!;
  expect(week / month).toBeCloseTo(30 / 7, 10);
});

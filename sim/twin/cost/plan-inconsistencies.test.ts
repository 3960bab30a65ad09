import { expect, test } from "vitest";
import { inconsistenciesOf } from "./plan-inconsistencies.ts";
import type { CostPlan, PlannedPhase } from "./plan-types.ts";

const row = (id: string, usd: number, beforeUsd?: number) => ({
  id,
  title: id,
  usd,
  services: [id],
  ...(beforeUsd === undefined ? {} : { beforeUsd, deltaUsd: usd - beforeUsd }),
});

const now: PlannedPhase = {
  id: "now",
  title: "Now",
  ratePerSecond: 100,
  rows: [row("api", 300), row("tasks", 430)],
  totalUsd: 730,
  usdPerRps: 7.3,
  summaryUsd: 730,
};

const later: PlannedPhase = {
  id: "later",
  title: "Later",
  ratePerSecond: 1000,
  follows: "now",
  rows: [row("api", 3000, 300), row("tasks", 3570, 430)],
  totalBeforeUsd: 730,
  totalUsd: 6570,
  totalDeltaUsd: 5840,
  usdPerRps: 6.57,
  usdPerRpsReductionPercent: 10,
  optimised: { usd: 4599, savedPercent: 30, with: [] },
  summaryUsd: 4599,
};

const alarms = { dailyUsd: 30, dailyExpectedUsd: 24, weeklyUsd: 200, dynamoDbDailyUsd: 10 };
const sound: CostPlan = { phases: [now, later], alarms };

function found(changes: Partial<PlannedPhase>): readonly string[] {
  const plan = { ...sound, phases: [now, { ...later, ...changes }] };
  return inconsistenciesOf(plan).map(({ sentence }) => sentence);
}

test("a plan whose sums are right has no inconsistency", () => {
  expect(inconsistenciesOf(sound)).toEqual([]);
});

test("a total that is not the sum of its rows is told with both", () => {
  expect(
    found({
      totalUsd: 6500,
      usdPerRps: 6.5,
      optimised: { usd: 4550, savedPercent: 30, with: [] },
      summaryUsd: 4550,
      usdPerRpsReductionPercent: 11,
    }),
  ).toEqual(["Later: the rows add up to $6,570, and the total is given as $6,500"]);
});

test("a total of deltas, a reduction, a saving and a summary are recomputed", () => {
  expect(found({ totalDeltaUsd: 5800 })).toEqual([
    "Later: the rows' deltas add up to $5,840, and their total is given as $5,800",
  ]);
  expect(found({ usdPerRpsReductionPercent: 15 })).toEqual([
    "Later: dollars per RPS fall by 10 %, and 15 % is given",
  ]);
  expect(found({ optimised: { usd: 4599, savedPercent: 36, with: [] } })).toEqual([
    "Later: $4,599 is 30 % below the total, and 36 % is given",
  ]);
  expect(found({ summaryUsd: 6570 })).toEqual([
    "Later: the summary gives $6,570 for a month that the table gives as $4,599",
  ]);
});

test("a row that has another figure before than the phase before, or none there, is told", () => {
  const rows = [row("api", 3000, 350), row("tasks", 3570, 430)];
  expect(found({ rows, totalDeltaUsd: 5790, totalBeforeUsd: 780 })).toEqual([
    "Later: api has $350 in the column for Now, whose own table says $300",
  ]);
  const renamed = [row("front", 3000, 300), row("tasks", 3570, 430)];
  expect(found({ rows: renamed })).toEqual([
    "Later: front has $300 in the column for Now, whose table has no such row",
    "Later: the row api ($300 in Now) is gone from the table",
  ]);
});

test("an expected day that is not the month over its days is told", () => {
  const plan = { ...sound, alarms: { ...alarms, dailyExpectedUsd: 20 } };
  expect(inconsistenciesOf(plan).map(({ stated, computed }) => [stated, computed])).toEqual([
    [20, 24],
  ]);
});

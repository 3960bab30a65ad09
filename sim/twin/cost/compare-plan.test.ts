import { describe, expect, test } from "vitest";
import { billOf, line } from "./bill-bed.ts";
import { comparePlan } from "./compare-plan.ts";
import { costAlarms, tableBreakEven } from "./cost-alarms.ts";
import type { PlannedPhase, PlannedRow } from "./plan-types.ts";

function phase(...rows: readonly PlannedRow[]): PlannedPhase {
  const totalUsd = rows.reduce((sum, row) => sum + row.usd, 0);
  return {
    id: "now",
    title: "Now",
    ratePerSecond: 500,
    rows,
    totalUsd,
    usdPerRps: totalUsd / 500,
    summaryUsd: totalUsd,
  };
}

const requests = line("api-gateway.rest-request", {
  quantity: 1.314e9,
  follows: "load",
  component: "api",
  service: "api-gateway",
  what: "REST requests",
});
const tasks = line("fargate.vcpu-hour", {
  quantity: 30 * 730,
  component: "orders",
  service: "ecs-fargate",
  what: "vCPU of tasks",
});
const api = (usd: number) => ({ id: "api", title: "API", usd, services: ["api-gateway"] });
const ecs = (usd: number) => ({ id: "ecs", title: "ECS", usd, services: ["ecs-fargate"] });

describe("a row that differs by more than 15 %", () => {
  test("says what ours is made of and at which load the plan's figure would be right", () => {
    const usd = 333 * 3.5 + 667 * 2.8 + 314 * 2.38;
    const { rows } = comparePlan(phase(api(usd / 4)), billOf([requests]));
    expect(rows[0]!.differenceShare).toBeCloseTo(3, 9);
    expect(rows[0]!.reason).toContain("api REST requests: 1,314 M requests x $2.88 per million");
    expect(rows[0]!.reason).toContain("correspond to 125 requests/s in the mean of a month (25 %");
    expect(rows[0]!.reason).toContain("for ours that is $0.72 per million");
  });

  test("names the switch that explains it, when one does", () => {
    const { rows } = comparePlan(phase(api(1250)), billOf([requests]));
    expect(rows[0]!.reason).toContain("with http-api ours is $1,213, within 15 % of the plan");
  });

  test("counts standing units where these are what is paid for", () => {
    const usd = 30 * 730 * 0.04048;
    const { rows } = comparePlan(phase(ecs(usd / 3)), billOf([tasks]));
    expect(rows[0]!.reason).toContain("would pay for 10 vCPU around the clock, and 30 stand");
  });

  test("says it when what stands costs more than the plan before any load comes", () => {
    const standing = line("waf.web-acl-month", { quantity: 10, service: "api-gateway" });
    const { rows } = comparePlan(phase(api(20)), billOf([requests, standing]));
    expect(rows[0]!.reason).toContain("what stands without any load costs $50.00 already");
  });

  test("changes its reason with the bill: nothing in it is written by hand", () => {
    const reasonAt = (quantity: number) =>
      comparePlan(phase(api(1050)), billOf([{ ...requests, steadyQuantity: quantity }])).rows[0]!
        .reason;
    expect(reasonAt(2e9)).not.toBe(reasonAt(3e9));
    expect(reasonAt(1050 / 3.5e-6)).toBe("");
  });
});

test("a row within 15 % needs no reason, and one beyond does, on both sides", () => {
  const usd = 30 * 730 * 0.04048;
  const reason = (planned: number) =>
    comparePlan(phase(ecs(planned)), billOf([tasks])).rows[0]!.reason;
  expect(reason(usd / 1.149)).toBe("");
  expect(reason(usd / 1.151)).not.toBe("");
  expect(reason(usd / 0.851)).toBe("");
  expect(reason(usd / 0.849)).not.toBe("");
});

test("every line of ours is in one row, in the rest, or told as unplanned: rows add up to the total", () => {
  const other = line("waf.web-acl-month", { quantity: 1, service: "waf" });
  const bill = billOf([requests, tasks, other]);
  const apart = comparePlan(phase(api(1000), ecs(800)), bill);
  expect(apart.unplanned!.oursUsd).toBe(5);
  const within = comparePlan(phase(api(1000), { ...ecs(800), takesTheRest: true }), bill);
  expect(within.unplanned).toBeUndefined();
  for (const { rows, unplanned, total } of [apart, within]) {
    const sum = [...rows, ...(unplanned === undefined ? [] : [unplanned])].reduce(
      (usd, row) => usd + row.oursUsd,
      0,
    );
    expect(sum).toBeCloseTo(total.oursUsd, 9);
    expect(total.oursUsd).toBeCloseTo(bill.monthUsd, 9);
  }
});

describe("cost alarms", () => {
  const limits = { dailyUsd: 150, dailyExpectedUsd: 120, weeklyUsd: 1200, dynamoDbDailyUsd: 100 };

  test("look at a month over its 30.4 days, and at a week of them", () => {
    const [daily, weekly] = costAlarms(
      limits,
      billOf([{ ...tasks, steadyQuantity: 6000 / 0.04048 }]),
    );
    expect(daily!.measuredUsd).toBeCloseTo(6000 / (730 / 24), 9);
    expect(daily!.fires).toBe(true);
    expect(weekly!.measuredUsd).toBeCloseTo((7 * 6000) / (730 / 24), 9);
  });

  test("say from which load on they fire, and that they never do where nothing grows", () => {
    const reads = line("dynamodb.read-unit", {
      quantity: 1e9,
      follows: "load",
      service: "dynamodb",
    });
    const [daily, , table] = costAlarms(limits, billOf([reads, tasks]));
    expect(table!.fires).toBe(false);
    expect(table!.firesFromFactor! * 125).toBeCloseTo((100 * 730) / 24, 3);
    expect(daily!.firesFromFactor! * 125 + 30 * 730 * 0.04048).toBeCloseTo((150 * 730) / 24, 3);
    expect(costAlarms(limits, billOf([tasks]))[2]!.firesFromFactor).toBeNull();
  });

  test("a table is cheaper provisioned from a use on that follows from the two prices", () => {
    const writes = line("dynamodb.write-unit", { quantity: 1e9, follows: "load" });
    const result = tableBreakEven(billOf([writes]))!;
    // A unit an hour for 0.00065 USD serves 3,600 writes, for which 3,600 x 0.625e-6 USD are asked on demand.
    expect(result.useAtBreakEven).toBeCloseTo(0.00065 / (3600 * 0.625e-6), 9);
    expect(tableBreakEven(billOf([tasks]))).toBeUndefined();
  });
});

import { expect, test } from "vitest";
import { priceKey, priceOf } from "../../facts/prices/price-catalogue.ts";
import { billOf, line } from "./bill-bed.ts";
import { atMonthFactor, monthOf } from "./month-bill.ts";

const steady = { monthFactor: 1, requestsPerSecond: 500 };

test("a month is the sum of its lines, each at its catalogue price", () => {
  const month = monthOf(
    [line("fargate.vcpu-hour", { quantity: 14_600 }), line("waf.web-acl-month", { quantity: 1 })],
    steady,
  );
  expect(month.lines.map(({ monthUsd }) => monthUsd)).toEqual([14_600 * 0.04048, 5]);
  expect(month.monthUsd).toBeCloseTo(596.008, 9);
  expect(month.monthUsdPerRps).toBeCloseTo(596.008 / 500, 9);
});

test("the load factor scales what follows the load, and leaves what follows time", () => {
  const bill = billOf([
    line("sqs.fifo-request", { quantity: 1e9, follows: "load" }),
    line("load-balancer.hour", { quantity: 730, follows: "time" }),
  ]);
  const quiet = atMonthFactor(bill, 0.25);
  expect(quiet.lines.map(({ monthQuantity }) => monthQuantity)).toEqual([2.5e8, 730]);
  expect(atMonthFactor(quiet, 1)).toEqual(bill);
});

test("what scales out is never paid for below its least count", () => {
  const tasks = line("fargate.vcpu-hour", { quantity: 20_000, least: 8_760, follows: "load" });
  expect(atMonthFactor(billOf([tasks]), 0.1).lines[0]!.monthQuantity).toBe(8_760);
});

test("two components reach the tiers of one price together, and each pays its part", () => {
  const half = line("api-gateway.rest-request", { quantity: 5e8, follows: "load" });
  const both = monthOf([half, { ...half, component: "other" }], steady);
  expect(both.monthUsd).toBeCloseTo(333 * 3.5 + 667 * 2.8, 6);
  expect(both.lines[0]!.monthUsd).toBeCloseTo(both.lines[1]!.monthUsd, 9);
  const elsewhere = monthOf([half, { ...half, region: "eu-west-1" }], steady);
  expect(elsewhere.monthUsd).toBeCloseTo(2 * (333 * 3.5 + 167 * 2.8), 6);
});

test("with no load only what stands costs anything", () => {
  const none = { monthFactor: 1, requestsPerSecond: 0 };
  const month = monthOf(
    [
      line("api-gateway.rest-request", { quantity: 0, follows: "load" }),
      line("net.nat-hour", { quantity: 2_190, follows: "time" }),
    ],
    none,
  );
  expect(month.monthUsd).toBeCloseTo(98.55, 9);
  expect(month.monthUsdPerRps).toBeNull();
});

test("a line without a price in the catalogue is refused, not billed at nothing", () => {
  expect(() => priceOf(priceKey("aurora.r6g.huge-hour"), "us-east-1")).toThrow(
    "prices.key-unknown",
  );
});

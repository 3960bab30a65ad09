import { costOfMonth } from "../../facts/prices/price.ts";
import { priceKey, priceOf } from "../../facts/prices/price-catalogue.ts";
import type { CostLine, CostResult } from "./cost-types.ts";

/** A line before its month is worked out. */
export type BareLine = Omit<CostLine, "monthQuantity" | "monthUsd">;

interface MonthOptions {
  /** Mean load of the month over the load that was judged: 1 when it lasts day and night, less when it was a peak. */
  readonly monthFactor: number;
  readonly requestsPerSecond: number;
}

type Month = Pick<
  CostResult,
  "monthFactor" | "requestsPerSecond" | "lines" | "monthUsd" | "monthUsdPerRps"
>;

/** A month of these lines: amounts by the load factor, tiers reached by all lines of one price together. */
export function monthOf(lines: readonly BareLine[], options: MonthOptions): Month {
  const { monthFactor, requestsPerSecond } = options;
  const amounts = lines.map((line) =>
    line.follows === "time"
      ? line.steadyQuantity
      : Math.max(line.steadyQuantity * monthFactor, line.leastQuantity),
  );
  const full = lines.map((line, at): CostLine => {
    const together = sum(amounts.filter((_, other) => isOnePrice(lines[other]!, line)));
    const price = priceOf(priceKey(line.price), line.region);
    const listUsd = together === 0 ? 0 : (costOfMonth(price, together) * amounts[at]!) / together;
    return { ...line, monthQuantity: amounts[at]!, monthUsd: listUsd * line.payShare };
  });
  const monthUsd = sum(full.map((line) => line.monthUsd));
  return {
    monthFactor,
    requestsPerSecond,
    lines: full,
    monthUsd,
    monthUsdPerRps: requestsPerSecond === 0 ? null : monthUsd / requestsPerSecond,
  };
}

/** The same platform in a month with another mean load. */
export function atMonthFactor(result: CostResult, monthFactor: number): CostResult {
  const { requestsPerSecond } = result;
  return { ...result, ...monthOf(result.lines, { monthFactor, requestsPerSecond }) };
}

function isOnePrice(one: BareLine, other: BareLine): boolean {
  return one.price === other.price && one.region === other.region;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Bills made by hand, for tests of what is done with them. */
import { costAssumptions } from "../../components/fabric/cost-assumptions.ts";
import { isDoubtfulPrice } from "../../facts/prices/price.ts";
import { type PriceKey, priceOf } from "../../facts/prices/price-catalogue.ts";
import type { CostResult } from "./cost-types.ts";
import { type BareLine, monthOf } from "./month-bill.ts";

/** A line of so many units a month. */
export function line(
  key: PriceKey,
  of: {
    readonly quantity: number;
    readonly least?: number;
    readonly follows?: "load" | "time";
    readonly component?: string;
    readonly service?: string;
    readonly what?: string;
  },
): BareLine {
  const price = priceOf(key, "us-east-1");
  const service = of.service ?? key.split(".")[0]!;
  return {
    component: of.component ?? service,
    service,
    region: "us-east-1",
    price: key,
    what: of.what ?? price.unit,
    unit: price.unit,
    follows: of.follows ?? "time",
    runQuantity: 0,
    runUsd: 0,
    runUnitUsd: 0,
    steadyQuantity: of.quantity,
    leastQuantity: of.least ?? 0,
    payShare: 1,
    doubtful: isDoubtfulPrice(price),
    confidence: price.confidence,
    asOf: price.asOf,
    source: price.source,
    commitment: price.commitment ?? "",
  };
}

/** A bill of these lines at 500 requests a second, day and night. */
export function billOf(lines: readonly BareLine[]): CostResult {
  return {
    ...monthOf(lines, { monthFactor: 1, requestsPerSecond: 500 }),
    judgedSeconds: 300,
    runUsd: 0,
    usdPerHour: 0,
    unmetered: [],
    assumptions: costAssumptions,
  };
}

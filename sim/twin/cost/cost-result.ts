import { hoursOfMonth } from "../../components/fabric/meter.ts";
import { isDoubtfulPrice } from "../../facts/prices/price.ts";
import type { BilledMeter } from "./assemble-meters.ts";
import type { CostMeter } from "./cost-meter.ts";
import type { CostResult } from "./cost-types.ts";
import { type BareLine, monthOf } from "./month-bill.ts";

const secondsOfMonth = hoursOfMonth * 3600;

/** The bill of a run, and of a month that goes on like its judged part, day and night. */
export function costResult(costs: CostMeter): CostResult {
  const { judgedSeconds, judgedRequests } = costs;
  const lines = costs.billed.map((each, at) =>
    lineOf(each, (costs.judgedQuantity(at) / judgedSeconds) * secondsOfMonth),
  );
  const judgedUsd = sum(costs.billed.map(({ unitUsd }, at) => costs.judgedQuantity(at) * unitUsd));
  return {
    ...monthOf(lines, { monthFactor: 1, requestsPerSecond: judgedRequests / judgedSeconds }),
    judgedSeconds,
    runUsd: sum(lines.map((line) => line.runUsd)),
    usdPerHour: (judgedUsd / judgedSeconds) * 3600,
    unmetered: costs.unmetered,
    assumptions: costs.assumptions,
  };
}

function lineOf(
  { component, service, meter, price, unitUsd }: BilledMeter,
  steadyQuantity: number,
): BareLine {
  const runQuantity = meter.read();
  return {
    component,
    service,
    region: meter.region,
    price: price.key,
    what: meter.what,
    unit: price.unit,
    follows: meter.follows,
    runQuantity,
    runUsd: runQuantity * unitUsd,
    runUnitUsd: unitUsd,
    steadyQuantity,
    leastQuantity: (meter.leastPerHour ?? 0) * hoursOfMonth,
    payShare: 1,
    doubtful: isDoubtfulPrice(price),
    confidence: price.confidence,
    asOf: price.asOf,
    source: price.source,
    commitment: price.commitment ?? "",
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

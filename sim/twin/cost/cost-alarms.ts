import { hoursOfMonth } from "../../components/fabric/meter.ts";
import type { CostResult } from "./cost-types.ts";
import { atMonthFactor } from "./month-bill.ts";
import { withOptimisations } from "./optimisations.ts";
import type { PlannedAlarms } from "./plan-types.ts";

/** A bound of the plan on what days or weeks cost, run on a bill. */
export interface CostAlarm {
  readonly id: string;
  readonly title: string;
  readonly limitUsd: number;
  readonly measuredUsd: number;
  readonly fires: boolean;
  /** Mean load, as a multiple of the bill's, at which it begins to fire; `null` when no load would make it. */
  readonly firesFromFactor: number | null;
}

const daysOfMonth = hoursOfMonth / 24;

/** Largest multiple of the load that is looked at. */
const factorMax = 1024;

export function costAlarms(alarms: PlannedAlarms, bill: CostResult): readonly CostAlarm[] {
  const day = (each: CostResult) => each.monthUsd / daysOfMonth;
  const tableDay = (each: CostResult) =>
    each.lines
      .filter(({ service }) => service === "dynamodb")
      .reduce((sum, line) => sum + line.monthUsd, 0) / daysOfMonth;
  return [
    alarm("daily", "a day above", alarms.dailyUsd, bill, day),
    alarm("weekly", "a week above", alarms.weeklyUsd, bill, (each) => 7 * day(each)),
    alarm("dynamodb", "a day of DynamoDB above", alarms.dynamoDbDailyUsd, bill, tableDay),
  ];
}

function alarm(
  id: string,
  title: string,
  limitUsd: number,
  bill: CostResult,
  usdOf: (bill: CostResult) => number,
): CostAlarm {
  const measuredUsd = usdOf(bill);
  return {
    id,
    title,
    limitUsd,
    measuredUsd,
    fires: measuredUsd > limitUsd,
    firesFromFactor: factorAt(limitUsd, bill, usdOf),
  };
}

/** Month factor at which a cost reaches a limit, by bisection: it grows with the load, tiers and floors included. */
function factorAt(
  limitUsd: number,
  bill: CostResult,
  usdOf: (bill: CostResult) => number,
): number | null {
  const at = (factor: number) => usdOf(atMonthFactor(bill, factor));
  if (at(factorMax) <= limitUsd) return null;
  let low = 0;
  let high = factorMax;
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (at(middle) > limitUsd) high = middle;
    else low = middle;
  }
  return high;
}

/** What a month of a table costs both ways, and the use of its capacity at which both are the same. */
export interface TableBreakEven {
  readonly onDemandUsd: number;
  readonly provisionedUsd: number;
  /** Share of what is provisioned that must be used for provisioning to be the cheaper way. */
  readonly useAtBreakEven: number;
}

/** `undefined` when the bill has no table on demand. */
export function tableBreakEven(bill: CostResult): TableBreakEven | undefined {
  const units = (each: CostResult) =>
    each.lines
      .filter(({ price }) => /^dynamodb\.(read|write)-(unit|capacity-hour)$/.test(price))
      .reduce((sum, line) => sum + line.monthUsd, 0);
  const { bill: changed, notes } = withOptimisations(bill, ["dynamodb-provisioned"]);
  const onDemandUsd = units(bill);
  if (notes.length > 0 || onDemandUsd === 0) return undefined;
  const provisionedUsd = units(changed);
  const use = bill.assumptions["provisionedUse"]!.value;
  return { onDemandUsd, provisionedUsd, useAtBreakEven: (use * provisionedUsd) / onDemandUsd };
}

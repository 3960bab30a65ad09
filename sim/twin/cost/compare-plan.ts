import { hoursOfMonth } from "../../components/fabric/meter.ts";
import type { CostLine, CostResult } from "./cost-types.ts";
import { optimisations, withOptimisations } from "./optimisations.ts";
import type { PlannedPhase, PlannedRow } from "./plan-types.ts";
import { amount, money, quantityText } from "./quantity-text.ts";

/** Difference above which a row needs a reason. */
const reasonFromShare = 0.15;

/** Lines of a row that a reason names. */
const driversMax = 3;

export interface RowComparison {
  readonly id: string;
  readonly title: string;
  readonly plannedUsd: number;
  readonly oursUsd: number;
  /** Ours over planned, less one; `null` where nothing was planned. */
  readonly differenceShare: number | null;
  /** What makes up ours, the dearest first. */
  readonly lines: readonly CostLine[];
  /** Why it differs by more than 15 %, out of the arithmetic; empty when it doesn't. */
  readonly reason: string;
}

export interface PlanComparison {
  readonly rows: readonly RowComparison[];
  /** Ours that no row of the plan takes. */
  readonly unplanned: RowComparison | undefined;
  readonly total: RowComparison;
}

/** A plan's table beside a bill, row by row. */
export function comparePlan(phase: PlannedPhase, bill: CostResult): PlanComparison {
  const named = new Set(phase.rows.flatMap((row) => row.services));
  const rest = bill.lines.filter((line) => !named.has(line.service));
  const rows = phase.rows.map((row) => {
    const own = bill.lines.filter((line) => row.services.includes(line.service));
    return compareRow(row, row.takesTheRest === true ? [...own, ...rest] : own, bill, phase);
  });
  const isTaken = phase.rows.some((row) => row.takesTheRest === true);
  const unplanned =
    isTaken || rest.length === 0
      ? undefined
      : compareRow(
          { id: "unplanned", title: "(not in the plan)", usd: 0, services: [] },
          rest,
          bill,
          phase,
        );
  const total = compareRow(
    { id: "total", title: "TOTAL", usd: phase.totalUsd, services: [] },
    bill.lines,
    bill,
    phase,
  );
  return { rows, unplanned, total };
}

function compareRow(
  row: PlannedRow,
  lines: readonly CostLine[],
  bill: CostResult,
  phase: PlannedPhase,
): RowComparison {
  const dearest = lines.toSorted((a, b) => b.monthUsd - a.monthUsd);
  const oursUsd = sum(dearest);
  const differenceShare = row.usd === 0 ? null : oursUsd / row.usd - 1;
  const differs =
    differenceShare === null ? oursUsd > 0 : Math.abs(differenceShare) > reasonFromShare;
  return {
    id: row.id,
    title: row.title,
    plannedUsd: row.usd,
    oursUsd,
    differenceShare,
    lines: dearest,
    reason: differs ? reasonOf(row, dearest, bill, phase) : "",
  };
}

/** What ours is made of, what the planned figure would pay for, and which switch would bring them together. */
function reasonOf(
  row: PlannedRow,
  lines: readonly CostLine[],
  bill: CostResult,
  phase: PlannedPhase,
): string {
  if (lines.length === 0) return "the platform has nothing of it.";
  const drivers = together(lines)
    .slice(0, driversMax)
    .filter(({ monthUsd }) => monthUsd > 0);
  const made = drivers.map(
    (line) =>
      `${line.component} ${line.what}: ${quantityText(line)} x ${unitPrice(line)} = ${money(line.monthUsd)}`,
  );
  const left = sum(lines) - sum(drivers);
  const others = left > 0.5 ? `, others ${money(left)}` : "";
  const parts = [`${made.join(", ")}${others}`];
  if (row.usd > 0) parts.push(impliedBy(row.usd, lines, bill, phase));
  const mended = row.usd === 0 ? undefined : mendingSwitch(row, lines, bill);
  if (mended !== undefined) parts.push(mended);
  return `${parts.filter((part) => part !== "").join("; ")}.`;
}

/** Standing units, or load, for which ours would cost what was planned. */
function impliedBy(
  plannedUsd: number,
  lines: readonly CostLine[],
  bill: CostResult,
  phase: PlannedPhase,
): string {
  const [first] = together(lines);
  const ours = sum(lines);
  if (first === undefined || ours === 0) return "";
  const ofFirst =
    first.monthUsd > 0.8 * ours
      ? `; for ours that is ${unitPriceOf(plannedUsd / first.monthQuantity, first)}`
      : "";
  const plan = `the plan's ${money(plannedUsd)}`;
  if (first.unit.endsWith("hour")) {
    const units = first.monthQuantity / hoursOfMonth;
    return `${plan} would pay for ${amount((units * plannedUsd) / ours)} ${hourlyUnits(first)} around the clock, and ${amount(units)} ${units === 1 ? "stands" : "stand"}${ofFirst}`;
  }
  const standing = sum(lines.filter(({ follows }) => follows === "time"));
  const share = (plannedUsd - standing) / (ours - standing);
  if (share < 0) {
    return `what stands without any load costs ${money(standing)} already, more than ${plan}`;
  }
  const rate = share * bill.requestsPerSecond * bill.monthFactor;
  return `${plan} correspond to ${amount(rate)} requests/s in the mean of a month (${(100 * (rate / phase.ratePerSecond)).toFixed(0)} % of the ${amount(phase.ratePerSecond)} it is for)${ofFirst}`;
}

/** Lines of one price as one, the dearest first. */
function together(lines: readonly CostLine[]): readonly CostLine[] {
  const merged: CostLine[] = [];
  for (const line of lines) {
    const at = merged.findIndex((each) => each.price === line.price);
    const same = merged[at];
    if (same === undefined) merged.push(line);
    else {
      merged[at] = {
        ...same,
        component: same.component === line.component ? line.component : same.service,
        monthQuantity: same.monthQuantity + line.monthQuantity,
        monthUsd: same.monthUsd + line.monthUsd,
      };
    }
  }
  return merged.toSorted((a, b) => b.monthUsd - a.monthUsd);
}

/** `vCPU-hour` of a line as what stands: `vCPU`; an `hour` of an instance as what it is. */
function hourlyUnits(line: CostLine): string {
  const unit = line.unit.replace(/-?hour$/, "");
  return unit === "" ? line.what : unit;
}

/** A switch of the bill with which this row comes within the tolerance, the nearest first. */
function mendingSwitch(
  row: PlannedRow,
  lines: readonly CostLine[],
  bill: CostResult,
): string | undefined {
  const isOfRow = (line: CostLine) =>
    lines.some((each) => each.component === line.component && each.service === line.service);
  const candidates = optimisations
    .map(({ id }) => {
      const changed = withOptimisations(bill, [id]).bill;
      return { id, usd: sum(changed.lines.filter(isOfRow)) };
    })
    .filter(({ usd }) => Math.abs(usd / row.usd - 1) <= reasonFromShare)
    .toSorted((a, b) => Math.abs(a.usd - row.usd) - Math.abs(b.usd - row.usd));
  const [nearest] = candidates;
  if (nearest === undefined) return undefined;
  return `with ${nearest.id} ours is ${money(nearest.usd)}, within ${100 * reasonFromShare} % of the plan`;
}

function unitPrice(line: CostLine): string {
  return unitPriceOf(line.monthUsd / line.monthQuantity, line);
}

/** For a million where a unit is a fraction of a cent. */
function unitPriceOf(usd: number, line: CostLine): string {
  return usd < 0.001
    ? `$${(usd * 1e6).toFixed(2)} per million`
    : `$${usd.toPrecision(4)} per ${line.unit}`;
}

function sum(lines: readonly CostLine[]): number {
  return lines.reduce((total, line) => total + line.monthUsd, 0);
}

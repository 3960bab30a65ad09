import type { CostResult } from "../cost/cost-types.ts";
import { atMonthFactor } from "../cost/month-bill.ts";
import type { ObjectiveResult } from "../results-types.ts";
import type { CostObjective } from "./objective-types.ts";

/** Lines that a verdict names: the dearest. */
const namedMax = 3;

/** Measures what an hour of the judged part cost, or a month that goes on like it, against its bound. */
export function judgeCost(objective: CostObjective, cost: CostResult): ObjectiveResult {
  const { id, per, usdMax } = objective;
  const priced = atMonthFactor(cost, objective.monthFactor ?? 1);
  const measured = per === "hour" ? cost.usdPerHour : priced.monthUsd;
  const dearest = priced.lines.toSorted((a, b) => b.monthUsd - a.monthUsd).slice(0, namedMax);
  const named = dearest.map(
    ({ component, what, monthUsd }) => `${component} ${what} ${percent(monthUsd, priced.monthUsd)}`,
  );
  const span =
    per === "hour"
      ? "An hour of the judged part of the run"
      : `A month with ${(100 * priced.monthFactor).toFixed(0)} % of the judged load in the mean`;
  const missing =
    cost.unmetered.length === 0
      ? ""
      : `; without ${cost.unmetered.join(", ")}, which nothing meters`;
  return {
    id,
    kind: "cost",
    met: measured <= usdMax,
    unit: `USD per ${per}`,
    measured,
    limit: usdMax,
    because: `${span} costs ${measured.toFixed(2)} USD against ${usdMax}; the dearest are ${named.join(", ")}${missing}.`,
    evidence: [],
  };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${((100 * part) / whole).toFixed(0)} %`;
}

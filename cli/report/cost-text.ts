/** The bill of a platform for people. */
import type { Parameter } from "../../sim/facts/parameter.ts";
import type { RowComparison } from "../../sim/twin/cost/compare-plan.ts";
import type { CostLine } from "../../sim/twin/cost/cost-types.ts";
import { amount, money, quantityText } from "../../sim/twin/cost/quantity-text.ts";
import { table, tone, wrap } from "../terminal.ts";
import type { CostReport } from "./cost-report.ts";

const widthMax = 100;

export function costText(report: CostReport): readonly string[] {
  return [
    ...headLines(report),
    ...comparisonLines(report),
    ...billLines(report),
    ...switchLines(report),
    ...alarmLines(report),
    ...inconsistencyLines(report),
    ...assumptionLines(report),
  ];
}

function headLines({ bill, ...report }: CostReport): readonly string[] {
  const perRps = bill.monthUsdPerRps;
  const load = `${amount(bill.requestsPerSecond)} requests/s`;
  return [
    tone("bold", `${report.topology} at ${load}: ${money(bill.monthUsd)} a month`),
    `  ${money(bill.usdPerHour)} an hour at the measured load and list prices${perRps === null ? "" : `, ${money(perRps)} a month for each request a second`}`,
    ...wrap(
      `Measured over ${bill.judgedSeconds.toFixed(0)} s after ${report.warmUpSeconds} s (seed ${report.seed}). A month is 730 h with ${(100 * bill.monthFactor).toFixed(0)} % of this load in the mean${bill.monthFactor === 1 ? ": it lasts day and night (--month-factor)" : ""}.`,
      widthMax,
      "  ",
    ),
    ...(report.switches.length === 0 ? [] : [`  With ${report.switches.join(", ")}.`]),
    ...report.notes.flatMap((note) => wrap(note, widthMax, "  ")),
    ...(bill.unmetered.length === 0
      ? []
      : [tone("red", `  Without ${bill.unmetered.join(", ")}: nothing meters them yet.`)]),
    ...(report.unsteady.length === 0
      ? []
      : [
          tone(
            "yellow",
            "  The platform does not hold this load, so its bill is that of an overload (clients do not retry):",
          ),
          ...report.unsteady.flatMap((reason) => wrap(reason, widthMax, "    ")),
        ]),
    "",
  ];
}

function comparisonLines({ comparison, phase }: CostReport): readonly string[] {
  if (comparison === null) return [];
  const { rows, unplanned, total } = comparison;
  const all = [...rows, ...(unplanned === undefined ? [] : [unplanned]), total];
  const cells = all.map((row) => [
    row.title,
    money(row.plannedUsd),
    money(row.oursUsd),
    money(row.oursUsd - row.plannedUsd),
    percentOf(row),
  ]);
  const reasons = all.filter((row) => row.reason !== "" && row.id !== "total");
  return [
    tone("bold", `Beside the strategy's month (${phase})`),
    ...table([["LINE", "STRATEGY", "OURS", "DIFFERENCE", ""], ...cells]).map(indented),
    "",
    ...reasons.flatMap((row) => [`  ${row.title}`, ...wrap(row.reason, widthMax, "    ")]),
    "",
  ];
}

function percentOf({ differenceShare, reason }: RowComparison): string {
  if (differenceShare === null) return "";
  const text = `${differenceShare > 0 ? "+" : ""}${(100 * differenceShare).toFixed(0)} %`;
  return reason === "" ? text : tone("yellow", text);
}

function billLines({ bill }: CostReport): readonly string[] {
  const lines = bill.lines.filter(({ monthUsd }) => monthUsd > 0);
  const regions = new Set(lines.map(({ region }) => region)).size;
  const row = (line: CostLine) => [
    regions > 1 ? `${line.component} (${line.region})` : line.component,
    line.what,
    quantityText(line),
    money(line.monthUsd),
    line.doubtful ? tone("yellow", "?") : "",
  ];
  const doubtful = lines
    .filter((line) => line.doubtful)
    .reduce((sum, line) => sum + line.monthUsd, 0);
  return [
    tone("bold", "The bill, the dearest first"),
    ...table([
      ["COMPONENT", "WHAT", "A MONTH", "USD", ""],
      ...lines.toSorted((a, b) => b.monthUsd - a.monthUsd).map(row),
    ]).map(indented),
    `  ? marks prices that were remembered or scaled from another region: ${money(doubtful)} of ${money(bill.monthUsd)}.`,
    "",
  ];
}

function switchLines({ savings, plainMonthUsd, optimised }: CostReport): readonly string[] {
  const rows = savings.map(({ id, title, usd, note }) => [
    id,
    `${usd < 0 ? "costs" : "saves"} ${money(Math.abs(usd))}`,
    `${((100 * usd) / plainMonthUsd).toFixed(1)} %`,
    note === "" ? title : tone("dim", note),
  ]);
  return [
    tone("bold", "Switches, each by itself (--with)"),
    ...table(rows).map(indented),
    ...(optimised === null
      ? []
      : [
          ...wrap(
            `The strategy's optimisations leave ${money(optimised.plannedUsd)} (${optimised.plannedSavedPercent} % less); ours with ${optimised.switches.join(", ")} leave ${money(optimised.oursUsd)} (${optimised.oursSavedPercent.toFixed(0)} % less).`,
            widthMax,
            "  ",
          ),
          ...optimised.notes.flatMap((note) => wrap(note, widthMax, "    ")),
        ]),
    "",
  ];
}

function alarmLines({ alarms, tableBreakEven, bill }: CostReport): readonly string[] {
  const rows = alarms.map(({ title, limitUsd, measuredUsd, fires, firesFromFactor }) => [
    `${title} ${money(limitUsd)}`,
    `${money(measuredUsd)}`,
    fires ? tone("red", "FIRES") : "quiet",
    firesFromFactor === null
      ? "at no load"
      : `from ${amount(firesFromFactor * bill.requestsPerSecond)} requests/s in the mean`,
  ]);
  return [
    tone("bold", "The strategy's cost alarms, on this bill"),
    ...table(rows).map(indented),
    ...(tableBreakEven === null
      ? []
      : wrap(
          `DynamoDB: ${money(tableBreakEven.onDemandUsd)} a month on demand, ${money(tableBreakEven.provisionedUsd)} provisioned at its target use; provisioning is cheaper as soon as ${(100 * tableBreakEven.useAtBreakEven).toFixed(0)} % of it is used, whatever a day costs.`,
          widthMax,
          "  ",
        )),
    "",
  ];
}

function inconsistencyLines({ inconsistencies }: CostReport): readonly string[] {
  if (inconsistencies.length === 0) return [];
  return [
    tone("bold", "Where the strategy's figures contradict each other"),
    ...inconsistencies.flatMap(({ sentence }) => wrap(`${sentence}.`, widthMax, "  ")),
    "",
  ];
}

function assumptionLines({ bill }: CostReport): readonly string[] {
  const rows = Object.entries(bill.assumptions).map(([name, parameter]) => [
    name,
    `${parameter.value} ${shortUnit(parameter)}`,
    parameter.origin === "override"
      ? `yours; ours is ${parameter.replaced}`
      : (parameter.why ?? parameter.factKey ?? ""),
  ]);
  return [
    tone("bold", "Assumed, besides prices (--assume NAME=VALUE)"),
    ...table(rows).map(indented),
  ];
}

function shortUnit({ unit }: Parameter): string {
  return unit.split(",")[0] ?? unit;
}

function indented(line: string): string {
  return `  ${line}`;
}

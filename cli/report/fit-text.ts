/** A fit told to a person: what is known, what is not, what would settle it, and what it may be used for. */
import type { Estimate, EstimateState } from "../../calibration/estimate.ts";
import type { Finding, FitReport } from "../../calibration/fit-report.ts";
import { number } from "../../calibration/tables/format.ts";
import { table, tone, wrap } from "../terminal.ts";

const widthMax = 100;
const findingsShownMax = 12;
const rowsShownMax = 40;

const stateTone: Readonly<Record<EstimateState, "green" | "yellow" | "red">> = {
  identified: "green",
  "only-a-bound": "yellow",
  "only-a-combination": "yellow",
  "not-identified": "red",
};

export function fitText(report: FitReport): readonly string[] {
  const estimates = Object.entries(report.estimates);
  return [
    tone("bold", `fit ${report.kind}: ${report.files.join(", ")}`),
    ...(estimates.length > 0 ? ["", ...estimateLines(estimates)] : []),
    ...report.tables.flatMap(({ title, rows }) => ["", tone("bold", title), ...indented(rows)]),
    ...findingLines(report.findings),
    "",
    `Seen: ${report.verdict.rangeSeen}`,
    ...listed("Usable for", report.verdict.usableFor),
    ...listed("Not usable for", report.verdict.notUsableFor),
  ];
}

function estimateLines(estimates: readonly (readonly [string, Estimate])[]): readonly string[] {
  const rows = estimates
    .slice(0, rowsShownMax)
    .map(([name, each]) => [
      `  ${name}`,
      each.value === null ? "-" : number(each.value),
      each.unit,
      intervalText(each),
      tone(stateTone[each.state], each.state.replaceAll("-", " ")),
    ]);
  const hidden = estimates.length - rowsShownMax;
  const open = estimates
    .filter(([, each]) => each.state !== "identified")
    .slice(0, findingsShownMax);
  return [
    ...table([["  parameter", "value", "unit", "90 % interval", "state"], ...rows]),
    ...(hidden > 0 ? [`  and ${hidden} more; --json lists them all`] : []),
    ...open.flatMap(([name, each]) => [
      "",
      ...wrap(`${name}: ${each.why}.`, widthMax, "  "),
      ...(each.settledBy === undefined ? [] : wrap(`-> ${each.settledBy}.`, widthMax, "    ")),
    ]),
  ];
}

function intervalText({ interval }: Estimate): string {
  if (interval === null) return "-";
  const [low, high] = interval;
  if (low === null && high === null) return "-";
  if (low === null) return `below ${number(high)}`;
  if (high === null) return `above ${number(low)}`;
  return `${number(low)} to ${number(high)}`;
}

function indented(rows: readonly (readonly string[])[]): readonly string[] {
  const shown = rows.length > rowsShownMax + 1 ? rows.slice(0, rowsShownMax) : rows;
  const hidden = rows.length - shown.length;
  return [
    ...table(shown).map((line) => `  ${line}`),
    ...(hidden > 0 ? [`  and ${hidden} more; --json lists them all`] : []),
  ];
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return [];
  const order = ["rejected", "warning", "note"] as const;
  const ranked = order.flatMap((severity) => findings.filter((each) => each.severity === severity));
  const hidden = ranked.length - findingsShownMax;
  return [
    "",
    tone("bold", "About the data"),
    ...ranked.slice(0, findingsShownMax).flatMap(({ severity, what, at }) => {
      const text = `${severity}: ${what}${at === undefined ? "" : ` (${at})`}`;
      return wrap(text, widthMax, "  ");
    }),
    ...(hidden > 0 ? [`  and ${hidden} more; --json lists them all`] : []),
  ];
}

function listed(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [`${title}: nothing`];
  return [`${title}:`, ...items.flatMap((item) => wrap(`- ${item}`, widthMax, "  "))];
}

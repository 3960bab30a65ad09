/** A calibration told to people: Markdown, and HTML that prints. */

import type { Calibration } from "../calibrate/calibrate.ts";
import type { Parameter } from "../calibrate/parameter.ts";
import { extrapolationMax } from "../fit-report.ts";
import type { QualityReport } from "../quality/quality-report.ts";
import { counted } from "../series/series.ts";
import { heldOutPlot } from "./held-out-plot.ts";

/** Rows of cells, the first one the heads. */
type Rows = readonly (readonly string[])[];

interface Section {
  readonly title: string;
  readonly text?: string;
  readonly rows?: Rows;
  readonly list?: readonly string[];
  /** Markup of plots; Markdown goes without. */
  readonly plots?: readonly string[];
}

export function calibrationMarkdown(calibration: Calibration): string {
  const parts = sectionsOf(calibration).map(sectionMarkdown);
  return `${[`# Calibration of ${fileName(calibration.topology)}`, ...parts].join("\n\n")}\n`;
}

/** The last part of a path: where a file lay on one machine is nobody's concern. */
function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

function sectionMarkdown({ title, text, rows, list }: Section): string {
  return [
    `## ${title}`,
    ...(text === undefined ? [] : [text]),
    ...(rows === undefined ? [] : [markdownTable(rows)]),
    ...(list === undefined ? [] : [list.map((each) => `- ${each}`).join("\n")]),
  ].join("\n\n");
}

export function calibrationHtml(calibration: Calibration): string {
  const parts = sectionsOf(calibration).map(({ title, text, rows, list, plots }) =>
    [
      `<section><h2>${escapeHtml(title)}</h2>`,
      text === undefined ? "" : `<p>${escapeHtml(text)}</p>`,
      rows === undefined ? "" : htmlTable(rows),
      list === undefined
        ? ""
        : `<ul>${list.map((each) => `<li>${escapeHtml(each)}</li>`).join("")}</ul>`,
      ...(plots ?? []),
      "</section>",
    ].join("\n"),
  );
  const title = escapeHtml(`Calibration of ${fileName(calibration.topology)}`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>
body{font:14px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}
svg{width:100%}figure{display:inline-block;width:48%;margin:.5rem 1% .5rem 0;vertical-align:top}body{overflow-wrap:anywhere}td,th{overflow-wrap:break-word}td:first-child{overflow-wrap:anywhere;min-width:9rem}div{overflow-x:auto}tr{break-inside:avoid}svg text{font-size:11px}h2{break-after:avoid}figure{break-inside:avoid}
@media (max-width:40rem){figure{width:100%}}
@media print{div{overflow:visible}body{margin:0;max-width:none}}
</style></head><body><h1>${title}</h1>
${parts.join("\n")}
</body></html>
`;
}

function sectionsOf(calibration: Calibration): readonly Section[] {
  const { period, parameters, loadSeen, heldOut, findings, changes, files } = calibration;
  const minutes = (periods: number) => `${(periods * period.periodSeconds) / 60} min`;
  const seen =
    loadSeen === null
      ? "No load was seen."
      : `Load seen: ${loadSeen[0].toFixed(1)} to ${loadSeen[1].toFixed(1)} requests/s. Beyond ${(loadSeen[1] * extrapolationMax).toFixed(1)} requests/s the twin extrapolates.`;
  return [
    {
      title: "Data",
      text: `${files.map(fileName).join(", ")}: fitted to ${minutes(period.fittedPeriods)}, judged on the ${minutes(period.heldOutPeriods)} after it. ${seen}${hoursText(calibration.loadByHour)}`,
    },
    ...qualitySections(calibration.quality, "odd"),
    parameters.length === 0
      ? { title: "Parameters", text: "None could be estimated from these files." }
      : { title: "Parameters", rows: parameterRows(parameters) },
    {
      title: "Verdict",
      list: parameters.map(({ name, estimate, usableFor, notUsableFor }) =>
        estimate.state === "identified"
          ? `${name}: usable for ${usableFor}; not usable for ${notUsableFor}. ${estimate.why}.`
          : `${name}: ${estimate.state.replaceAll("-", " ")}: ${estimate.why}. To settle it: ${estimate.settledBy}.`,
      ),
    },
    ...fitSections(calibration.fits),
    {
      title: "The twin on held-out time",
      text:
        heldOut === null
          ? "Not run: that takes periods of whole minutes and a count of requests at the API."
          : `Bands are those of a new run at the load that was measured, from several seeds, each with its parameters drawn from their intervals. In the plots dots are observed, the line is predicted, grey is the band, and periods run from left to right.${period.periodSeconds > 60 ? " Percentiles of latency are judged in periods of 60 s only: those of minutes cannot be put together." : ""}`,
      ...(heldOut === null
        ? {}
        : {
            rows: [
              [
                "figure",
                "observed mean",
                "predicted mean",
                "mean error",
                "points in the 90 % band",
              ],
              ...(heldOut ?? []).map((each) => [
                `${each.component} ${each.role}`,
                meanText(each.observed),
                meanText(each.predicted),
                each.errorPercent === null ? "-" : `${each.errorPercent.toFixed(1)} %`,
                `${Math.round(100 * each.coverage90)} % of ${each.observed.length}`,
              ]),
            ],
          }),
      plots: (heldOut ?? []).map(
        (each) =>
          `<figure><figcaption>${escapeHtml(`${each.component} ${each.role}`)}</figcaption>${heldOutPlot(each)}</figure>`,
      ),
    },
    {
      title: "Changes to the topology",
      list:
        changes.length === 0
          ? ["none: no parameter of the topology was identified"]
          : changes.map(
              ({ line, before, after }) =>
                `${before === null ? "after line" : "line"} ${line}: ${after.trim()}`,
            ),
    },
    {
      title: "Findings",
      list:
        findings.length === 0
          ? ["none"]
          : findings.map(
              ({ severity, what, at }) =>
                `${severity}: ${what}${at === undefined ? "" : ` (${at})`}`,
            ),
    },
  ];
}

function hoursText(hours: Calibration["loadByHour"]): string {
  if (hours === null) return "";
  const { ratesPerSecond, profile, heldOut } = hours;
  const [least, most] = [Math.min(...ratesPerSecond), Math.max(...ratesPerSecond)];
  const error =
    heldOut.error === null ? "" : `, error ${(100 * heldOut.error).toFixed(1)} % on held-out hours`;
  return ` By ${profile === "time-of-day" ? "the hour of the day" : "the hour of the week"} it runs from ${least.toFixed(1)} to ${most.toFixed(1)} requests/s (${Math.round(100 * heldOut.coverage90)} % of held-out hours in the 90 % band${error}).`;
}

/** What each separate file told, whether the twin has a number for it or not. */
function fitSections(fits: Calibration["fits"]): readonly Section[] {
  return fits.map(({ kind, of, file, parameters, estimates, verdict }) => {
    const entries = Object.entries(estimates);
    return {
      title: `Fit of ${kind}${of === "" ? "" : ` for ${of}`}`,
      text: [
        `${fileName(file)}: ${verdict.rangeSeen}.`,
        parameters.length === 0
          ? "No number of the topology follows from it."
          : `It gives ${parameters.join(", ")}.`,
        ...(entries.length > fitRowsMax
          ? [`The first ${fitRowsMax} of ${entries.length} are shown.`]
          : []),
      ].join(" "),
      rows: [
        ["estimate", "value", "90 % interval", "unit", "state", "n"],
        ...entries
          .slice(0, fitRowsMax)
          .map(([name, estimate]) => [
            name,
            numberText(estimate.value),
            intervalText(estimate),
            estimate.unit,
            estimate.state.replaceAll("-", " "),
            String(estimate.n),
          ]),
      ],
      list: [
        ...verdict.usableFor.map((each) => `usable for ${each}`),
        ...verdict.notUsableFor.map((each) => `not usable for ${each}`),
      ],
    };
  });
}

/** Rows of the table of one fit. */
const fitRowsMax = 12;

function intervalText({ interval }: Parameter["estimate"]): string {
  return interval === null ? "-" : interval.map(numberText).join(" to ");
}

/** Rows of a table that stands in a report before anything else; the rest is in the document. */
const qualityRowsMax = 40;

/** Series about which there is something to say; `all` for a report on nothing else. */
function qualitySections(
  { series, little, findings }: QualityReport,
  shown: "odd" | "all",
): readonly Section[] {
  const isOdd = (each: QualityReport["series"][number]) =>
    each.missing > 0 || each.repeats > 0 || each.findings.length > 0;
  const rows = series.filter((each) => shown === "all" || isOdd(each));
  const weakening = findings.filter(({ severity }) => severity !== "note").length;
  const checked = little.filter(({ ratio }) => ratio !== null);
  const parts = [
    `${series.length} series, ${series.filter((each) => !isOdd(each)).length} of them whole and unremarkable; ${counted(weakening, "finding")} that weaken${weakening === 1 ? "s" : ""} a fit. Nothing was filled in.`,
    "Sums may be added to longer periods; an Average may only be averaged with its SampleCount; percentiles, least and greatest values never.",
    ...(rows.length > qualityRowsMax ? [`The first ${qualityRowsMax} are shown.`] : []),
    ...(checked.length === 0
      ? [
          "Little's law could not be checked: that takes a count, the Average of a latency and the Average number of requests inside of one component.",
        ]
      : []),
  ];
  return [
    {
      title: "Quality of the data",
      text: parts.join(" "),
      ...(rows.length === 0
        ? {}
        : {
            rows: [
              ["series", "unit", "period", "points", "missing", "repeats", "missing means"],
              ...rows
                .slice(0, qualityRowsMax)
                .map((each) => [
                  each.series,
                  each.unit || "unsaid",
                  `${each.periodSec} s`,
                  String(each.points),
                  String(each.missing),
                  String(each.repeats),
                  each.missingMeans === "zero" ? "0" : "unknown",
                ]),
            ],
          }),
      ...(checked.length === 0
        ? {}
        : { list: checked.map(({ component, why }) => `Little's law, ${component}: ${why}`) }),
    },
  ];
}

export function qualityMarkdown(quality: QualityReport): string {
  const findings = quality.findings.map(
    ({ severity, what, at }) => `- ${severity}: ${what}${at === undefined ? "" : ` (${at})`}`,
  );
  return `${qualitySections(quality, "all").map(sectionMarkdown).join("\n\n")}\n\n## Findings\n\n${findings.length === 0 ? "- none" : findings.join("\n")}\n`;
}

function parameterRows(parameters: readonly Parameter[]): Rows {
  return [
    ["parameter", "before", "value", "90 % interval", "unit", "state", "n"],
    ...parameters.map(({ name, before, estimate }) => [
      name,
      numberText(before),
      numberText(estimate.value),
      intervalText(estimate),
      estimate.unit,
      estimate.state.replaceAll("-", " "),
      String(estimate.n),
    ]),
  ];
}

function meanText(values: readonly number[]): string {
  return numberText(values.reduce((total, each) => total + each, 0) / values.length);
}

function numberText(value: number | null): string {
  return value === null || !Number.isFinite(value) ? "-" : String(Number(value.toPrecision(4)));
}

function markdownTable([head, ...rows]: Rows): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((each) => each.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head ?? []), line((head ?? []).map(() => "---")), ...rows.map(line)].join("\n");
}

function htmlTable([head, ...rows]: Rows): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((each) => `<${tag}>${escapeHtml(each)}</${tag}>`).join("")}</tr>`;
  return `<div><table><thead>${cells("th", head ?? [])}</thead><tbody>${rows.map((row) => cells("td", row)).join("")}</tbody></table></div>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

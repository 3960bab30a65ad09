/** `fit demand`: demands per request class, from requests and utilisation, or from counted work. */

import { TwinError } from "../../sim/errors/twin-error.ts";
import {
  alignDemand,
  type ClassRequests,
  type DemandData,
  type UtilisationWindows,
} from "../estimators/demand/demand-data.ts";
import { type DemandFit, fitDemand } from "../estimators/demand/fit-demand.ts";
import { type DemandHeldOut, judgeDemand } from "../estimators/demand/predict-demand.ts";
import { extrapolationMax, type Finding, type FitReport } from "../fit-report.ts";
import { loadSeries } from "../series/load-series.ts";
import { seriesFindings } from "../series/series.ts";
import { requireTimeColumn } from "../series/table-series.ts";
import { greatest, least } from "../statistics/descriptive.ts";
import {
  type Column,
  columnAt,
  findColumn,
  isNumeric,
  numbersOf,
  secondsPerUnitOf,
  timesOf,
} from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import { readTable, type Table } from "../tables/read-table.ts";

/** CLASS=FILE as given. */
export interface ClassFile {
  readonly name: string;
  readonly file: string;
}

export interface DemandInputs {
  readonly requests: readonly ClassFile[];
  readonly utilisation: string;
  /** Requests and utilisation to predict; both or neither. */
  readonly predict?: { readonly requests: readonly ClassFile[]; readonly utilisation: string };
  readonly cores: number;
  readonly holdout: number;
  /** Which column or metric holds utilisation, where a file has several. */
  readonly value?: string;
  /** Whether a stamp of utilisation is the start or the end of its window; found from the data when left out. */
  readonly utilStamp?: "start" | "end";
  readonly seed: string;
}

export async function fitDemandFiles(inputs: DemandInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  const { data, stamp } = await loadDemand(inputs.requests, inputs.utilisation, inputs, findings);
  const fit = fitDemand(data, inputs);
  const prediction =
    inputs.predict === undefined
      ? undefined
      : await predictUnseen(inputs, inputs.predict, data, stamp, fit, findings);
  const { chosen } = fit;
  const shown = prediction ?? chosen.heldOut;
  return {
    kind: "demand",
    files: [...inputs.requests.map((each) => each.file), inputs.utilisation],
    estimates: fit.estimates,
    findings: [...fit.findings, ...findings],
    details: {
      method: chosen.method,
      cores: inputs.cores,
      windowSeconds: data.windowSeconds,
      windows: data.startMs.length,
      utilisationStamp: stamp,
      utilisation: {
        measuredMean: meanOf(data.utilisation),
        explainedByClasses: chosen.demands.seconds.reduce(
          (total, demand, c) => total + (demand * meanOf(data.rates[c]!)) / inputs.cores,
          0,
        ),
      },
      methods: fit.candidates.map((each) => ({
        method: each.method,
        chosen: each === chosen,
        demandsSeconds: Object.fromEntries(
          data.classes.map((name, c) => [name, each.demands.seconds[c]]),
        ),
        background: each.demands.background,
        r2Utilisation: each.r2Utilisation,
        impossible: each.impossible,
        heldOut: each.heldOut,
      })),
      heldOut: { share: inputs.holdout, ...chosen.heldOut },
      ...(prediction === undefined ? {} : { prediction }),
    },
    tables: [
      methodTable(data, fit),
      heldOutTable(
        prediction === undefined ? "Held-out time (last windows)" : "Predicted files",
        shown,
      ),
    ],
    verdict: verdictOf(data, shown, inputs.cores, fit),
  };
}

async function predictUnseen(
  inputs: DemandInputs,
  predict: NonNullable<DemandInputs["predict"]>,
  data: DemandData,
  stamp: "start" | "end",
  fit: DemandFit,
  findings: Finding[],
): Promise<DemandHeldOut & { readonly windows: number }> {
  const ordered = inputs.requests.map(({ name }) => {
    const found = predict.requests.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw new TwinError({
      code: "fit.demand-class-missing",
      problem: `Class "${name}" was fitted, but has no file to predict`,
      remedy: `Add --predict-rt ${name}=FILE`,
      at: "--predict-rt",
    });
  });
  const unseen = await loadDemand(
    ordered,
    predict.utilisation,
    { ...inputs, utilStamp: stamp },
    findings,
  );
  const judged = judgeDemand(data, unseen.data, inputs.cores, fit.chosen.demands);
  return { windows: unseen.data.startMs.length, ...judged };
}

const utilisationNames = [/utili[sz]ation/, /(^|_)util(_|$)/, /(^|_)cpu/, /busy/];

async function loadDemand(
  requests: readonly ClassFile[],
  utilisationFile: string,
  options: Pick<DemandInputs, "utilStamp" | "cores" | "value">,
  findings: Finding[],
): Promise<{ data: DemandData; stamp: "start" | "end" }> {
  const perClass: ClassRequests[] = [];
  for (const each of requests) perClass.push(await loadRequests(each, findings));
  const series = await loadSeries(
    utilisationFile,
    options.value === undefined ? { likely: utilisationNames } : { value: options.value },
  );
  findings.push(...seriesFindings(series, utilisationFile));
  const scale = utilisationScale(series.values, series.metric, utilisationFile, findings);
  const windowsAt = (stamp: "start" | "end"): UtilisationWindows => ({
    file: utilisationFile,
    startMs: series.timesMs.map((at) => (stamp === "end" ? at - series.periodSec * 1000 : at)),
    windowSeconds: series.periodSec,
    utilisation: series.values.map((value) => value * scale),
  });
  if (options.utilStamp !== undefined) {
    return { data: alignDemand(perClass, windowsAt(options.utilStamp)), stamp: options.utilStamp };
  }
  return betterStamp(perClass, windowsAt, findings, utilisationFile);
}

/** Files do not say whether a stamp begins or ends its window: the reading under which load explains more wins. */
function betterStamp(
  perClass: readonly ClassRequests[],
  windowsAt: (stamp: "start" | "end") => UtilisationWindows,
  findings: Finding[],
  file: string,
): { data: DemandData; stamp: "start" | "end" } {
  const asEnd = alignDemand(perClass, windowsAt("end"));
  const asStart = alignDemand(perClass, windowsAt("start"));
  const fitOf = (data: DemandData) => {
    const work = data.rates.map((rates, c) =>
      rates.map((rate, i) => rate * (data.responses[c]![i] || 0)),
    );
    return correlationOf(work, data.utilisation);
  };
  const [end, start] = [fitOf(asEnd), fitOf(asStart)];
  const stamp = end >= start ? "end" : "start";
  findings.push({
    severity: "note",
    what: `stamps of utilisation are read as the ${stamp} of their window: load follows it better so (correlation ${number(Math.max(end, start), 2)} against ${number(Math.min(end, start), 2)}). --util-stamp says otherwise`,
    at: file,
  });
  return { data: stamp === "end" ? asEnd : asStart, stamp };
}

function correlationOf(work: readonly Float64Array[], utilisation: Float64Array): number {
  const total = utilisation.map((_, i) => work.reduce((sum, each) => sum + each[i]!, 0));
  const [a, b] = [meanOf(total), meanOf(utilisation)];
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (const [i, u] of utilisation.entries()) {
    ab += (total[i]! - a) * (u - b);
    aa += (total[i]! - a) ** 2;
    bb += (u - b) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

function meanOf(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function utilisationScale(
  values: Float64Array,
  metric: string,
  file: string,
  findings: Finding[],
): number {
  const most = greatest(values);
  const isPercent = /%|percent|pct/i.test(metric) || most > 1.5;
  if (most > 100.5 || least(values) < 0) {
    throw new TwinError({
      code: "fit.utilisation-out-of-range",
      problem: `Utilisation runs from ${number(least(values))} to ${number(most)}`,
      remedy: "Give the share of all cores that is busy, as 0 to 1 or 0 to 100 %",
      at: file,
    });
  }
  if (isPercent)
    findings.push({ severity: "note", what: "utilisation was read as percent", at: file });
  return isPercent ? 0.01 : 1;
}

async function loadRequests(
  { name, file }: ClassFile,
  findings: Finding[],
): Promise<ClassRequests> {
  const table = await readTable(file);
  const time = requireTimeColumn(table);
  const response = responseColumn(table, time);
  const perUnit = secondsPerUnitOf(response.name);
  if (perUnit === undefined) {
    findings.push({
      severity: "note",
      what: `column ${response.name} does not say its unit: read as seconds. Call it response_time_ms if it is not`,
      at: file,
    });
  }
  const timesMs = timesOf(table, time);
  const values = numbersOf(table, response);
  const rows = Array.from(timesMs, (_, row) => row).filter((row) => values[row]! >= 0);
  const dropped = table.rowCount - rows.length;
  if (dropped > 0) {
    findings.push({
      severity: "rejected",
      what: `${dropped} requests without a response time of 0 or more`,
      at: file,
    });
  }
  if (rows.length === 0) {
    throw new TwinError({
      code: "fit.demand-no-requests",
      problem: "No request has a response time",
      remedy: "Give one row a request: when it ended, and its response time",
      at: file,
    });
  }
  rows.sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  return {
    name,
    endMs: Float64Array.from(rows, (row) => timesMs[row]!),
    responseSeconds: Float64Array.from(rows, (row) => values[row]! * (perUnit ?? 1)),
  };
}

function responseColumn(table: Table, time: Column): Column {
  const named = findColumn(table, {
    what: "a response time",
    names: [
      /^(response_?time|rt|latency|duration|elapsed|response|r)(_(s|ms|us|ns|sec|seconds))?$/,
      /response_?time|latency|duration/,
    ],
  });
  if (named !== undefined) return named;
  const other = table.headers
    .map((_, i) => columnAt(table, i))
    .find((each) => each.index !== time.index && isNumeric(each));
  if (other !== undefined) return other;
  throw new TwinError({
    code: "table.column-missing",
    problem: `No column looks like a response time; the file has ${table.headers.join(", ")}`,
    remedy: "Call the column response_time_s or response_time_ms",
    at: `${table.file}:1`,
  });
}

function methodTable(data: DemandData, fit: DemandFit) {
  return {
    title: "Methods, by error on held-out time",
    rows: [
      [
        "method",
        ...data.classes.map((name) => `${name} ms`),
        "background",
        "U R2",
        "held-out error",
        "",
      ],
      ...[...fit.candidates]
        .sort((a, b) => a.heldOut.score - b.heldOut.score)
        .map((each) => [
          each.method,
          ...each.demands.seconds.map((value) => number(value * 1000)),
          number(each.demands.background, 3),
          number(each.r2Utilisation, 2),
          percent(each.heldOut.score),
          each === fit.chosen ? "chosen" : each.impossible.length > 0 ? "impossible" : "",
        ]),
    ],
  };
}

function heldOutTable(title: string, { utilisation, responseTime }: DemandHeldOut) {
  const row = (name: string, each: DemandHeldOut["utilisation"]) => [
    name,
    number(each.observedMean),
    number(each.predictedMean),
    percent(each.mape),
    percent(each.coverage90, 2),
  ];
  return {
    title,
    rows: [
      ["quantity", "observed mean", "predicted mean", "MAPE", "inside 90 % band"],
      row("utilisation", utilisation),
      ...Object.entries(responseTime).map(([name, each]) => row(`${name} response s`, each)),
    ],
  };
}

function verdictOf(data: DemandData, judged: DemandHeldOut, cores: number, fit: DemandFit) {
  const most = greatest(data.utilisation);
  const utilisationError = judged.utilisation.mape ?? 1;
  const responseError = Math.max(
    ...Object.values(judged.responseTime).map((each) => each.mape ?? 1),
  );
  const usableFor: string[] = [];
  const notUsableFor: string[] = [];
  (utilisationError <= 0.2 ? usableFor : notUsableFor).push(
    `utilisation from request rates (error ${percent(utilisationError)} on time not fitted)`,
  );
  (responseError <= 0.3 ? usableFor : notUsableFor).push(
    `mean response times by class (largest error ${percent(responseError)})`,
  );
  if (fit.chosen.impossible.length > 0) notUsableFor.push("anything: the demands are impossible");
  notUsableFor.push(
    `utilisation above ${number(Math.min(1, most * extrapolationMax), 3)} (${extrapolationMax} x the greatest seen)`,
    "percentiles of response time: these are means",
  );
  return {
    usableFor: fit.chosen.impossible.length > 0 ? [] : usableFor,
    notUsableFor,
    rangeSeen: `utilisation ${number(least(data.utilisation), 3)} to ${number(most, 3)} of ${cores} core${cores === 1 ? "" : "s"}, ${data.startMs.length} windows of ${number(data.windowSeconds)} s`,
  };
}

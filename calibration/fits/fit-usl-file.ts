/** `fit usl`: a table of load and throughput. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { fitUsl } from "../estimators/usl/fit-usl.ts";
import { uslThroughput } from "../estimators/usl/usl-curve.ts";
import { extrapolationMax, type Finding, type FitReport } from "../fit-report.ts";
import { distinct } from "../statistics/descriptive.ts";
import { numbersOf, requireColumn } from "../tables/columns.ts";
import { number } from "../tables/format.ts";
import { readTable, type Table } from "../tables/read-table.ts";
import { loadColumn } from "./load-columns.ts";
import { throughputOf } from "./throughput.ts";

export async function fitUslFile(
  file: string,
  options: { readonly pinScale: boolean },
): Promise<FitReport> {
  const table = await readTable(file);
  const findings: Finding[] = [];
  const { load, throughput, unit } = loadAndThroughput(table, findings);
  const data = { load, throughput, throughputUnit: unit };
  const fit = fitUsl(data, options);
  const levels = distinct(load);
  const [nMin, nMax] = [levels[0]!, levels.at(-1)!];
  const isUsable =
    fit.estimates.sigma.state === "identified" || fit.estimates.kappa.state === "identified";
  if (fit.shape === "flat")
    findings.push({
      severity: "warning",
      what: "throughput does not change with the load: the law has nothing to say of it",
    });
  if (!fit.converged) findings.push({ severity: "warning", what: "The fit did not converge" });
  const points = Array.from(load, (n, i) => ({
    load: n,
    throughput: throughput[i]!,
    fitted: uslThroughput(fit.parameters, n),
  }));
  return {
    kind: "usl",
    files: [file],
    estimates: fit.estimates,
    findings,
    details: {
      model: "X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))",
      shape: fit.shape,
      pinnedScale: fit.isPinned,
      standardErrors: fit.standardErrors,
      fit: fit.errors,
      points,
    },
    tables: [
      {
        title: "Fit",
        rows: [
          ["load", "measured", "fitted"],
          ...points.map((each) => [
            number(each.load),
            number(each.throughput),
            number(each.fitted),
          ]),
        ],
      },
    ],
    verdict: {
      usableFor:
        fit.shape === "flat"
          ? [`the plateau of throughput at loads from ${number(nMin)} to ${number(nMax)}`]
          : isUsable
            ? [`throughput at loads from ${number(nMin)} to ${number(nMax * extrapolationMax)}`]
            : [],
      notUsableFor: [
        `loads above ${number(nMax * extrapolationMax)} (${extrapolationMax} x the greatest load measured)`,
        "response times of single requests: the law speaks of means",
        ...(fit.estimates.peakLoad.state === "identified"
          ? []
          : ["the peak: it is not inside the data"]),
      ],
      rangeSeen: `load ${number(nMin)} to ${number(nMax)}, ${levels.length} levels; R2 ${number(fit.errors.r2 ?? Number.NaN)}`,
    },
  };
}

function loadAndThroughput(table: Table, findings: Finding[]) {
  const loadName = requireColumn(table, loadColumn);
  const rawLoad = numbersOf(table, loadName);
  const { values: rawThroughput, unit } = throughputOf(table, loadName, findings);
  const kept: number[] = [];
  for (let row = 0; row < table.rowCount; row += 1) {
    if (rawLoad[row]! > 0 && rawThroughput[row]! > 0) kept.push(row);
    else {
      findings.push({
        severity: "rejected",
        what: `load ${rawLoad[row]} with throughput ${rawThroughput[row]}: both must be above 0`,
        at: `${table.file}:${table.lines[row]}`,
      });
    }
  }
  if (kept.length < 3) {
    throw new TwinError({
      code: "fit.usl-too-few-rows",
      problem: `${kept.length} rows have a load and a throughput above 0; three parameters need more than 3`,
      remedy: "Measure at 6 or more loads, from 1 to beyond the peak",
      at: table.file,
    });
  }
  return {
    load: kept.map((row) => rawLoad[row]!),
    throughput: kept.map((row) => rawThroughput[row]!),
    unit,
  };
}

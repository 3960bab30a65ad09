/** `fit demand --y --x`: busy time explained by counted work in one table. */

import { TwinError } from "../../sim/errors/twin-error.ts";
import {
  type DriverData,
  fitDriverDemand,
  judgeDrivers,
  withBackground,
} from "../estimators/demand/fit-driver-demand.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { timeColumn } from "../series/table-series.ts";
import { greatest, least } from "../statistics/descriptive.ts";
import { namedColumn, numbersOf } from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import { isoTime, parseTime } from "../tables/parse-time.ts";
import { readTable, type Table } from "../tables/read-table.ts";

export interface DriverInputs {
  readonly file: string;
  readonly busy: string;
  readonly drivers: readonly string[];
  readonly predict?: string;
  readonly holdout: number;
  readonly seed: string;
}

export async function fitDriverDemandFile(inputs: DriverInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  const table = await readTable(inputs.file);
  const given = driverData(table, inputs, findings);
  const fit = fitDriverDemand(given, { ...inputs, period: periodOfTable(table) });
  const prediction =
    inputs.predict === undefined
      ? undefined
      : judgeDrivers(
          fit.data,
          asFitted(fit.data, driverData(await readTable(inputs.predict), inputs, findings)),
          fit.weights,
        );
  const judged = prediction ?? fit.heldOut;
  const isUsable = (judged.mape ?? 1) <= 0.2;
  const what = `${inputs.busy} from ${inputs.drivers.join(", ")} (error ${percent(judged.mape)}, R2 ${number(judged.r2, 2)} on rows not fitted)`;
  return {
    kind: "demand",
    files: [inputs.file],
    estimates: fit.estimates,
    findings: [...fit.findings, ...findings],
    details: {
      method: "nonnegative-least-squares",
      y: inputs.busy,
      x: inputs.drivers,
      weights: Object.fromEntries(fit.data.driverNames.map((name, k) => [name, fit.weights[k]])),
      rows: given.busy.length,
      fitted: fit.fitted,
      heldOut: { share: inputs.holdout, ...fit.heldOut },
      ranking: fit.ranking,
      ...(prediction === undefined ? {} : { prediction: { file: inputs.predict, ...prediction } }),
    },
    tables: [
      {
        title: "Drivers, by error on held-out rows",
        rows: [
          ["drivers", "R2", "held-out error", "held-out R2"],
          ...fit.ranking.map((each) => [
            each.drivers.join(" + "),
            number(each.r2, 2),
            percent(each.heldOut.wape),
            number(each.heldOut.r2, 2),
          ]),
        ],
      },
      {
        title: prediction === undefined ? "Held-out rows" : `Predicted: ${inputs.predict}`,
        rows: [
          ["rows", "MAPE", "R2", "inside 90 % band"],
          [
            String(judged.n),
            percent(judged.mape),
            number(judged.r2, 3),
            percent(judged.coverage90, 2),
          ],
        ],
      },
    ],
    verdict: {
      usableFor: isUsable ? [what] : [],
      notUsableFor: [...(isUsable ? [] : [what]), "other mixes of work than were seen"],
      rangeSeen: `${inputs.busy} ${number(least(given.busy))} to ${number(greatest(given.busy))}, ${given.busy.length} rows; R2 ${number(fit.fitted.r2, 3)}`,
    },
  };
}

/** Other rows with the drivers of a fit. */
function asFitted(fitted: DriverData, rows: DriverData): DriverData {
  return fitted.drivers.length > rows.drivers.length ? withBackground(rows) : rows;
}

function driverData(
  table: Table,
  { busy, drivers }: DriverInputs,
  findings: Finding[],
): DriverData {
  const y = numbersOf(table, namedColumn(table, busy, "--y"));
  const x = drivers.map((name) => numbersOf(table, namedColumn(table, name, "--x")));
  refuseNegative(table, [busy, ...drivers], [y, ...x]);
  const rows = inTime(table).filter(
    (row) => !Number.isNaN(y[row]!) && x.every((each) => !Number.isNaN(each[row]!)),
  );
  if (rows.length < y.length) {
    findings.push({
      severity: "rejected",
      what: `${y.length - rows.length} rows lack a value`,
      at: table.file,
    });
  }
  if (rows.length < 2 * drivers.length + 2) {
    throw new TwinError({
      code: "fit.demand-too-few-rows",
      problem: `${rows.length} complete rows are too few for ${drivers.length} drivers`,
      remedy: `Give at least ${2 * drivers.length + 2} rows, or fewer drivers`,
      at: table.file,
    });
  }
  return {
    busyName: busy,
    busy: Float64Array.from(rows, (row) => y[row]!),
    driverNames: drivers,
    drivers: x.map((each) => Float64Array.from(rows, (row) => each[row]!)),
  };
}

/** Rows by time where there are times: the last ones judge the fit. */
function inTime(table: Table): readonly number[] {
  const rows = Array.from({ length: table.rowCount }, (_, row) => row);
  const stamps = timeColumn(table)?.cells.map(parseTime);
  if (stamps === undefined || stamps.some(Number.isNaN)) return rows;
  return rows.sort((a, b) => stamps[a]! - stamps[b]! || a - b);
}

function refuseNegative(
  table: Table,
  names: readonly string[],
  columns: readonly Float64Array[],
): void {
  for (const [i, values] of columns.entries()) {
    const row = values.findIndex((each) => each < 0);
    if (row < 0) continue;
    throw new TwinError({
      code: "fit.demand-negative",
      problem: `${values[row]} in column ${names[i]}: neither busy time nor counted work is below 0`,
      remedy:
        "Leave the cell empty where nothing was measured; turn growing counters into differences",
      at: `${table.file}:${table.lines[row]}`,
    });
  }
}

function periodOfTable(table: Table) {
  const time = timeColumn(table);
  if (time === undefined) return null;
  const stamps = time.cells.map(parseTime).filter((each) => !Number.isNaN(each));
  if (stamps.length === 0) return null;
  return { from: isoTime(least(stamps)), to: isoTime(greatest(stamps)) };
}

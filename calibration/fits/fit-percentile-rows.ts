/** `fit service` of a table that has percentiles of many durations in each row. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { quantile as quantileOf } from "../../sim/kernel/distributions/quantile.ts";
import { type Evidence, identified, unsettled } from "../estimate.ts";
import { fitQuantiles, type GivenQuantile } from "../estimators/service/fit-quantiles.ts";
import type { FitReport } from "../fit-report.ts";
import { quantile } from "../statistics/descriptive.ts";
import { type Column, columnAt, findColumn, numbersOf } from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import type { Table } from "../tables/read-table.ts";
import { unitOf } from "./service-durations.ts";

export interface QuantileColumn {
  readonly p: number;
  readonly column: Column;
}

/** Columns called p50_ms, P99(s), p99_9 and the like. */
export function quantileColumns(table: Table): readonly QuantileColumn[] {
  return table.headers.flatMap((header, index) => {
    const found = /(?:^|[^a-z])p(\d{1,2})(?:[._](\d+))?(?![\d])/i.exec(
      header.replaceAll(/([a-z])(P\d)/g, "$1 $2"),
    );
    if (found === null) return [];
    const p = Number(`${found[1]}.${found[2] ?? 0}`) / 100;
    return p > 0 && p < 1 ? [{ p, column: columnAt(table, index) }] : [];
  });
}

/** Fewest rows of percentiles whose range says how the median varies. */
const quantileRowsMin = 5;

function medianEstimate(medians: readonly number[], about: Evidence & { readonly unit: string }) {
  const why =
    "median over rows of fits to their percentiles; interval is the 5..95 % range of rows";
  const value = quantile(medians, 0.5);
  if (medians.length >= quantileRowsMin)
    return identified(value, [quantile(medians, 0.05), quantile(medians, 0.95)], { ...about, why });
  return unsettled(
    "not-identified",
    { value },
    {
      ...about,
      why: `${why}; ${medians.length} rows have no such range`,
      settledBy: `Export at least ${quantileRowsMin} rows of percentiles`,
    },
  );
}

/** Fits every row of percentiles by itself. */
export function quantileReport(table: Table, columns: readonly QuantileColumn[]): FitReport {
  const unit = unitOf(columns[0]!.column.name);
  const meanColumn = findColumn(table, {
    what: "a mean",
    names: [/^(mean|avg|average)(_|$)/, /_(mean|avg|average)(_|$)/],
  });
  const values = columns.map(({ p, column }) => ({ p, values: numbersOf(table, column) }));
  const ascending = [...values].sort((a, b) => a.p - b.p).map((each) => each.values);
  const means = meanColumn && numbersOf(table, meanColumn);
  const all = Array.from({ length: table.rowCount }, (_, row) => row);
  const rows = all.filter(
    (row) =>
      ascending.every(
        (each, i) => each[row]! > 0 && !(i > 0 && ascending[i - 1]![row]! > each[row]!),
      ) && !(means !== undefined && means[row]! <= 0),
  );
  if (rows.length === 0) {
    throw new TwinError({
      code: "fit.service-no-quantiles",
      problem:
        "No row has all its percentiles (and its mean) above 0, and the higher ones above the lower ones",
      remedy: "Export percentiles of a time with traffic, each in a column of its own name",
      at: table.file,
    });
  }
  const fits = rows.map((row) => {
    const given: readonly GivenQuantile[] = values.map(({ p, values: column }) => ({
      p,
      value: column[row]!,
    }));
    const givenMean = Number.isNaN(means?.[row] ?? Number.NaN) ? undefined : means?.[row];
    const [best] = fitQuantiles(given, givenMean);
    return { line: table.lines[row]!, best: best!, given };
  });
  const errors = fits.map(({ best }) => best.errorMax);
  const typical = quantile(errors, 0.5);
  const families = new Map<string, number>();
  for (const { best } of fits) families.set(best.family, (families.get(best.family) ?? 0) + 1);
  const [family] = [...families].sort((a, b) => b[1] - a[1])[0]!;
  const medianFit = fits.map(({ best }) => quantileOf(best.distribution, 0.5));
  const about = { n: fits.length, period: null, unit };
  return {
    kind: "service",
    files: [table.file],
    estimates: {
      median: medianEstimate(medianFit, about),
      serviceTime: unsettled(
        "only-a-bound",
        { interval: [null, quantile(medianFit, 0)] },
        {
          ...about,
          why: "percentiles of response times hold waiting; only rows at low load come near service times",
          settledBy: "Give spans, or durations recorded at utilisation below 0.2",
        },
      ),
    },
    findings: [
      {
        severity: "note",
        what: `percentiles only (${columns.map(({ p }) => `p${number(p * 100)}`).join(", ")}): at most two parameters can be fitted, and rows were not averaged, since percentiles cannot be`,
      },
      ...(typical > 0.2
        ? [
            {
              severity: "warning" as const,
              what: `no two-parameter family meets the percentiles: the best is off by ${percent(typical)} at its worst percentile in half of the rows`,
            },
          ]
        : []),
    ],
    details: {
      input: "quantiles",
      family,
      unit,
      rows: fits.map(({ line, best, given }) => ({
        line,
        family: best.family,
        distribution: best.distribution,
        errorMax: best.errorMax,
        given,
      })),
    },
    tables: [
      {
        title: "Fits by row",
        rows: [
          ["line", "family", "median", "worst percentile off by"],
          ...fits.map(({ line, best }, i) => [
            String(line),
            best.family,
            `${number(medianFit[i])} ${unit}`,
            percent(best.errorMax),
          ]),
        ],
      },
    ],
    verdict: {
      usableFor:
        typical <= 0.2 ? ["the body of the response-time distribution at the loads seen"] : [],
      notUsableFor: [
        "service time: waiting is inside response times",
        "tails beyond the highest percentile given",
      ],
      rangeSeen: `${fits.length} rows of ${columns.length} percentiles`,
    },
  };
}

/** `fit service`: durations one a row, or percentiles only. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { quantile as quantileOf } from "../../sim/kernel/distributions/quantile.ts";
import { type Estimate, type Evidence, identified, unsettled } from "../estimate.ts";
import {
  fitLadder,
  type LadderFit,
  type Rung,
  rungMean,
} from "../estimators/service/fit-ladder.ts";
import { fitQuantiles, type GivenQuantile } from "../estimators/service/fit-quantiles.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { isAccessLog, noteDamage, readAccessLog } from "../importers/access-log.ts";
import { headOf } from "../importers/sniff.ts";
import { timeColumn } from "../series/table-series.ts";
import { blockLength, bootstrapIntervals } from "../statistics/bootstrap.ts";
import { mean, quantile, standardDeviation } from "../statistics/descriptive.ts";
import {
  type Column,
  columnAt,
  findColumn,
  isMissing,
  isNumeric,
  namedColumn,
  numbersOf,
  plainName,
  secondsPerUnitOf,
  styleOf,
} from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import { numberOf } from "../tables/number-style.ts";
import { isoTime, parseTime } from "../tables/parse-time.ts";
import { readTable, type Table } from "../tables/read-table.ts";
import { headTable, isLargeTable, streamRows } from "../tables/stream-table.ts";

export interface ServiceInputs {
  readonly file: string;
  readonly value?: string;
  readonly holdout: number;
  readonly seed: string;
  readonly rounding: "nearest" | "floor";
}

export async function fitServiceFile(inputs: ServiceInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  if (isAccessLog((await headOf(inputs.file)).split("\n").slice(0, 20))) {
    const durations = await targetTimes(inputs.file, findings);
    return ladderReport(inputs.file, durations, { ...inputs, rounding: "floor" }, findings);
  }
  if (await isLargeTable(inputs.file)) {
    const durations = await streamedDurations(inputs, findings);
    return ladderReport(inputs.file, durations, inputs, findings);
  }
  const table = await readTable(inputs.file);
  const quantiles = inputs.value === undefined ? quantileColumns(table) : [];
  return quantiles.length >= 2
    ? quantileReport(table, quantiles)
    : ladderReport(table.file, durationsOf(table, inputs, findings), inputs, findings);
}

/** Durations in the order of time. */
interface Durations {
  readonly values: Float64Array;
  readonly unit: string;
  readonly period: Estimate["period"];
}

/** Requests kept of a long log: every so-manieth, since more would change no answer. */
const requestsMax = 200_000;

/** Time that targets took, from an access log: what was not served, and WebSocket connections, are left out. */
async function targetTimes(file: string, findings: Finding[]): Promise<Durations> {
  const damaged = { count: 0, firstLine: 0 };
  let kept: { readonly atMs: number; readonly seconds: number }[] = [];
  let every = 1;
  let served = 0;
  let left = 0;
  for await (const entries of readAccessLog(file, damaged)) {
    for (const { type, startMs, targetSeconds } of entries) {
      if (targetSeconds < 0 || type === "ws" || type === "wss") {
        left += 1;
        continue;
      }
      if (served % every === 0) kept.push({ atMs: startMs, seconds: targetSeconds });
      served += 1;
    }
    if (kept.length > requestsMax) {
      kept = kept.filter((_, i) => i % 2 === 0);
      every *= 2;
    }
  }
  noteDamage(damaged, file, findings);
  if (left > 0)
    findings.push({
      severity: "rejected",
      what: `${left} requests that no target served, or WebSocket connections: they have no service time`,
      at: file,
    });
  if (every > 1)
    findings.push({
      severity: "note",
      what: `one request of ${every} was kept of ${number(served, 12)}`,
      at: file,
    });
  if (kept.length < 10) throw tooFew(kept.length, "target_processing_time", file);
  kept.sort((a, b) => a.atMs - b.atMs);
  return {
    values: Float64Array.from(kept, (each) => each.seconds),
    unit: "s",
    period: { from: isoTime(kept[0]!.atMs), to: isoTime(kept.at(-1)!.atMs) },
  };
}

/** Durations of a table of any size: as many as matter are kept, evenly over the file. */
async function streamedDurations(inputs: ServiceInputs, findings: Finding[]): Promise<Durations> {
  const head = await headTable(inputs.file);
  const time = timeColumn(head);
  const column =
    inputs.value === undefined
      ? durationColumn(head, time)
      : namedColumn(head, inputs.value, "--value");
  const style = styleOf(head, column);
  let kept: { readonly atMs: number; readonly value: number }[] = [];
  let [every, seen, left] = [1, 0, 0];
  for await (const { cells, line } of streamRows(inputs.file, head)) {
    const value = isMissing(cells[column.index]!) ? -1 : numberOf(cells[column.index]!, style);
    if (Number.isNaN(value)) throw notANumber(cells[column.index]!, column.name, inputs.file, line);
    if (value < 0) {
      left += 1;
      continue;
    }
    if (seen % every === 0)
      kept.push({ atMs: time === undefined ? seen : parseTime(cells[time.index]!), value });
    seen += 1;
    if (kept.length > requestsMax) {
      kept = kept.filter((_, i) => i % 2 === 0);
      every *= 2;
    }
  }
  if (left > 0)
    findings.push({
      severity: "rejected",
      what: `${left} rows without a duration of 0 or more in ${column.name}`,
      at: inputs.file,
    });
  findings.push({
    severity: "note",
    what: `a large file, read as a stream: one duration of ${every} was kept of ${number(seen, 12)}`,
    at: inputs.file,
  });
  if (kept.length < 10) throw tooFew(kept.length, column.name, inputs.file);
  if (time !== undefined) kept.sort((a, b) => a.atMs - b.atMs);
  return {
    values: Float64Array.from(kept, (each) => each.value),
    unit: unitOf(column.name),
    period:
      time === undefined ? null : { from: isoTime(kept[0]!.atMs), to: isoTime(kept.at(-1)!.atMs) },
  };
}

function notANumber(cell: string, column: string, file: string, line: number): TwinError {
  return new TwinError({
    code: "table.not-a-number",
    problem: `"${cell}" in column ${column} is not a number`,
    remedy: "Give a plain number, or leave the cell empty where nothing was measured",
    at: `${file}:${line}`,
  });
}

function ladderReport(
  file: string,
  { values, unit, period }: Durations,
  inputs: ServiceInputs,
  findings: Finding[],
): FitReport {
  const fit = fitLadder(values, inputs);
  if (fit.rounding !== null) {
    findings.push({
      severity: "note",
      what: `values are whole multiples of ${number(fit.rounding)} ${unit}: fitted as intervals (${inputs.rounding === "floor" ? "rounded down" : "rounded to the nearest"})`,
    });
  }
  if (fit.fellBack) findings.push({ severity: "warning", what: fallBackText(fit) });
  return {
    kind: "service",
    files: [file],
    estimates: serviceEstimates(values, unit, period, inputs.seed),
    findings,
    details: {
      family: fit.chosen.family,
      unit,
      distribution: fit.chosen.distribution ?? { kind: "empirical", values: thinned(values) },
      n: fit.n,
      rounding: fit.rounding,
      ladder: fit.rungs.map(({ distribution, ...rest }) => ({
        ...rest,
        parametersFitted: distribution,
      })),
    },
    tables: [ladderTable(fit, unit)],
    verdict: {
      usableFor: [
        `drawing durations as ${fit.chosen.family} (mean ${number(rungMean(fit.chosen, values))} ${unit})`,
      ],
      notUsableFor: [
        "service time, if these are response times measured under load: waiting is inside them. Fit at utilisation below 0.2",
        `quantiles beyond the ${percent(1 - 10 / Math.max(20, fit.n), 4)} point: fewer than ten values lie there`,
      ],
      rangeSeen: `${number(fit.n, 12)} durations, ${number(quantile(values, 0))} to ${number(quantile(values, 1))} ${unit}`,
    },
  };
}

export function fallBackText(fit: LadderFit): string {
  const best =
    fit.rungs.find((rung) => rung.ksPValue !== null) ??
    fit.rungs
      .filter((rung) => rung.distribution !== null)
      .reduce<Rung | undefined>(
        (a, b) => (a === undefined || b.crpsHeldOut < a.crpsHeldOut ? b : a),
        undefined,
      );
  if (best === undefined)
    return "too few values for any family: the observed values themselves are used";
  const tested =
    best.ksPValue === null ? "" : `, p ${number(best.ksPValue, 2)} by parametric bootstrap`;
  return `no family fits: the best (${best.family}) is ${number(best.ks, 2)} away at its farthest${tested}. The observed values themselves are used`;
}

export function ladderTable(fit: LadderFit, unit: string) {
  const row = (rung: Rung) => [
    rung.family,
    number(rung.crpsHeldOut),
    rung.distribution === null ? "-" : number(rung.ks, 2),
    rung.distribution === null ? "-" : percent(rung.quantileErrors.p99, 2),
    rung.ksPValue === null ? "-" : number(rung.ksPValue, 2),
    rung.distribution === null ? "-" : number(rung.bic, 6),
    rung.family === fit.chosen.family ? "chosen" : "",
  ];
  return {
    title: "Ladder of families, by CRPS on held-out values",
    rows: [
      ["family", `CRPS ${unit}`, "distance", "p99 off by", "p", "BIC", ""],
      ...[...fit.rungs].sort((a, b) => a.crpsHeldOut - b.crpsHeldOut).map(row),
    ],
  };
}

function serviceEstimates(
  values: Float64Array,
  unit: string,
  period: Estimate["period"],
  seed: string,
) {
  const n = values.length;
  const ps = [0.5, 0.95, 0.99] as const;
  const sampleStep = Math.max(1, Math.floor(n / 20_000));
  const sample = values.filter((_, i) => i % sampleStep === 0);
  // A duration of 0, which rounding makes of short ones, has no logarithm.
  const isPositive = values.every((each) => each > 0);
  const intervals = bootstrapIntervals(
    {
      rows: sample.length,
      block: blockLength(sample.length > 2000 ? sample.subarray(0, 2000) : sample),
      replicates: 200,
      seed,
    },
    (rows) => {
      const drawn = Float64Array.from(rows, (row) => sample[row]!).sort();
      return [
        mean(drawn),
        ...ps.map((p) => quantile(drawn, p)),
        ...(isPositive ? [logDeviationOf(drawn)] : []),
      ];
    },
  );
  const about = { n, period, unit };
  const estimates: Record<string, Estimate> = {
    mean: identified(mean(values), intervals[0] ?? null, {
      ...about,
      why: "sample mean; interval by block bootstrap",
    }),
  };
  for (const [i, p] of ps.entries()) {
    const name = `p${p * 100}`;
    const value = quantile(values, p);
    estimates[name] =
      n * (1 - p) >= 5
        ? identified(value, intervals[i + 1] ?? null, {
            ...about,
            why: "sample quantile; interval by block bootstrap",
          })
        : unsettled(
            "only-a-bound",
            { interval: [value, null] },
            {
              ...about,
              why: `fewer than five of ${n} values lie beyond it`,
              settledBy: `Record at least ${Math.ceil(5 / (1 - p))} durations`,
            },
          );
  }
  if (isPositive) {
    estimates["logDeviation"] = identified(logDeviationOf(values), intervals.at(-1) ?? null, {
      ...about,
      unit: "sigma of the logarithm",
      why: "spread as a lognormal has it; interval by block bootstrap",
    });
  }
  return estimates;
}

/** Deviation of the logarithms; values of 0 are left to the caller. */
function logDeviationOf(values: Float64Array): number {
  return standardDeviation(values.map((each) => Math.log(each)));
}

function thinned(values: Float64Array): readonly number[] {
  const ascending = Float64Array.from(values).sort();
  const kept = Math.min(1000, ascending.length);
  return Array.from(
    { length: kept },
    (_, i) => ascending[Math.round((i * (ascending.length - 1)) / Math.max(1, kept - 1))]!,
  );
}

function tooFew(count: number, column: string, file: string): TwinError {
  return new TwinError({
    code: "fit.service-too-few",
    problem: `${count} durations of 0 or more in column ${column} are too few for a distribution`,
    remedy: "Give at least 10, better 200; or name another column with --value COLUMN",
    at: file,
  });
}

function durationsOf(table: Table, inputs: ServiceInputs, findings: Finding[]) {
  const time = timeColumn(table);
  const column =
    inputs.value === undefined
      ? durationColumn(table, time)
      : namedColumn(table, inputs.value, "--value");
  const raw = numbersOf(table, column);
  const rows = Array.from(raw, (_, row) => row).filter((row) => raw[row]! >= 0);
  const negative = raw.filter((each) => each < 0).length;
  if (negative > 0) {
    findings.push({
      severity: "rejected",
      what: `${negative} negative durations: -1 marks requests that were not served, never a time of 0`,
      at: table.file,
    });
  }
  const empty = table.rowCount - rows.length - negative;
  if (empty > 0)
    findings.push({
      severity: "rejected",
      what: `${empty} rows without a value in ${column.name}`,
      at: table.file,
    });
  if (rows.length < 10) {
    throw tooFew(rows.length, column.name, table.file);
  }
  const stamps = time === undefined ? undefined : time.cells.map(parseTime);
  if (stamps !== undefined) rows.sort((a, b) => stamps[a]! - stamps[b]! || a - b);
  const known = stamps?.filter((each) => !Number.isNaN(each)) ?? [];
  return {
    values: Float64Array.from(rows, (row) => raw[row]!),
    unit: unitOf(column.name),
    period:
      known.length > 0
        ? {
            from: isoTime(known.reduce((a, b) => Math.min(a, b))),
            to: isoTime(known.reduce((a, b) => Math.max(a, b))),
          }
        : null,
  };
}

function unitOf(header: string): string {
  const seconds = secondsPerUnitOf(header);
  const names: Readonly<Record<string, string>> = {
    "1e-9": "ns",
    "0.000001": "us",
    "0.001": "ms",
    "1": "s",
    "60": "min",
    "3600": "h",
  };
  return seconds === undefined ? header : (names[String(seconds)] ?? header);
}

function durationColumn(table: Table, time: Column | undefined): Column {
  const named = findColumn(table, {
    what: "a duration",
    names: [
      /^(duration|service_?time|response_?time|latency|elapsed)(_(s|ms|us|ns|sec|seconds|micros|millis))?$/,
      /(duration|service_?time|response_?time|latency|elapsed|processing_time)/,
    ],
  });
  if (named !== undefined && isNumeric(named)) return named;
  const numeric = table.headers
    .map((_, i) => columnAt(table, i))
    .filter((each) => each.index !== time?.index && isNumeric(each));
  const only =
    numeric.find((each) => /^values?$/.test(plainName(each.name))) ??
    (numeric.length === 1 ? numeric[0] : undefined);
  if (only !== undefined) return only;
  throw new TwinError({
    code: "table.column-missing",
    problem: `No column looks like a duration; the file has ${table.headers.join(", ")}`,
    remedy: "Name it with --value COLUMN",
    at: `${table.file}:1`,
  });
}

interface QuantileColumn {
  readonly p: number;
  readonly column: Column;
}

/** Columns called p50_ms, P99(s), p99_9 and the like. */
function quantileColumns(table: Table): readonly QuantileColumn[] {
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

function quantileReport(table: Table, columns: readonly QuantileColumn[]): FitReport {
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

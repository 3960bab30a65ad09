/** `fit service`: durations one a row, or percentiles only. */
import { type Estimate, identified, unsettled } from "../estimate.ts";
import { fitLadder, rungMean } from "../estimators/service/fit-ladder.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { isAccessLog } from "../importers/access-log.ts";
import { headOf } from "../importers/sniff.ts";
import { blockLength, bootstrapIntervals } from "../statistics/bootstrap.ts";
import { mean, quantile, standardDeviation } from "../statistics/descriptive.ts";
import { number, percent } from "../tables/format.ts";
import { readTable } from "../tables/read-table.ts";
import { isLargeTable } from "../tables/stream-table.ts";
import { quantileColumns, quantileReport } from "./fit-percentile-rows.ts";
import { fallBackText, ladderTable } from "./ladder-table.ts";
import {
  type Durations,
  durationsOf,
  streamedDurations,
  targetTimes,
} from "./service-durations.ts";

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

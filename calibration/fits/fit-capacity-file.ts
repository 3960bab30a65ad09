/** `fit capacity`: one benchmark repeated on several hosts. */

import { TwinError } from "../../sim/errors/twin-error.ts";
import { studentQuantile } from "../../sim/kernel/math/student.ts";
import { type Estimate, identified, isNarrow, unsettled } from "../estimate.ts";
import {
  betweenInterval,
  componentIntervals,
  meanInterval,
  varianceComponents,
} from "../estimators/capacity/variance-components.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { timeColumn, valueColumn } from "../series/table-series.ts";
import {
  mean,
  median,
  quantile,
  robustDeviation,
  standardDeviation,
} from "../statistics/descriptive.ts";
import { type Column, findColumn, namedColumn, numbersOf, timesOf } from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import { groupBy } from "../tables/group-by.ts";
import { isoTime } from "../tables/parse-time.ts";
import { readTable, type Table } from "../tables/read-table.ts";

export interface CapacityInputs {
  readonly file: string;
  readonly value?: string;
  readonly by?: string;
  readonly holdout: number;
  readonly seed: string;
}

interface Host {
  readonly name: string;
  readonly values: Float64Array;
}

const outlierDeviations = 8;
const hostsMin = 3;
/** Coverage of the 90 % band on held-out runs below which the spread is said not to hold. */
const coverageMin = 0.75;
const stableSpread = "the spread of capacity over time on one host of this type";

export async function fitCapacityFile(inputs: CapacityInputs): Promise<FitReport> {
  const table = await readTable(inputs.file);
  const findings: Finding[] = [];
  const { hosts, period, unit } = hostsOf(table, inputs, findings);
  const series = hosts.map((each) => each.values);
  const found = varianceComponents(series);
  const intervals = componentIntervals(series, inputs.seed);
  const n = series.reduce((sum, each) => sum + each.length, 0);
  const about = { n, period };
  const next = nextHost(found, hosts.length, n);
  const heldOut = judgeHosts(hosts, inputs.holdout);
  const isStable = heldOut.coverage90 >= coverageMin;
  if (!isStable)
    findings.push({
      severity: "warning",
      what: `only ${percent(heldOut.coverage90)} of the held-out runs fall inside the 90 % band of the earlier ones: hosts change over time, and the spread of runs is wider than it was`,
      at: inputs.file,
    });
  return {
    kind: "capacity",
    files: [inputs.file],
    estimates: {
      mean: identified(found.mean, meanInterval(series, intervals.mean), {
        ...about,
        unit,
        why: `mean of the hosts' means; interval ${hosts.length > 1 ? "by Student's t over the hosts" : "by bootstrap over blocks of time, for this host alone"}`,
      }),
      withinHostDeviation: identified(found.withinDeviation, intervals.withinDeviation, {
        ...about,
        unit,
        why: "one host over time, one-way random effects",
      }),
      withinHostVariation: identified(
        found.withinDeviation / found.mean,
        scaled(intervals.withinDeviation, found.mean),
        { ...about, unit: "share of the mean", why: "deviation within hosts over the mean" },
      ),
      ...betweenEstimates(found, hosts.length, unit, about),
      nextHost: nextHostEstimate(next, hosts.length, found.mean, unit, about),
    },
    findings,
    details: {
      hosts: hosts.map(({ name, values }) => ({
        host: name,
        n: values.length,
        mean: mean(values),
        median: median(values),
        deviation: standardDeviation(values),
        p05: quantile(values, 0.05),
        p95: quantile(values, 0.95),
      })),
      intraclassCorrelation: found.intraclass,
      heldOut,
    },
    tables: [
      {
        title: "Hosts",
        rows: [
          ["host", "n", "mean", "deviation", "p05", "p95"],
          ...hosts.map(({ name, values }) => [
            name,
            String(values.length),
            number(mean(values)),
            number(standardDeviation(values)),
            number(quantile(values, 0.05)),
            number(quantile(values, 0.95)),
          ]),
        ],
      },
      {
        title: `Held-out time (last ${percent(inputs.holdout)} of each host)`,
        rows: [
          ["MAPE of single runs", "inside 90 % band", "MAPE of host means"],
          [percent(heldOut.mape), percent(heldOut.coverage90), percent(heldOut.hostMeanMape)],
        ],
      },
    ],
    verdict: {
      usableFor: [
        ...(isStable ? [stableSpread] : []),
        ...(hosts.length >= hostsMin
          ? ["the capacity of a further host of this type, as an interval"]
          : []),
      ],
      notUsableFor: [
        ...(isStable ? [] : [`${stableSpread}: it did not hold on held-out time`]),
        ...(hosts.length < hostsMin ? ["differences between hosts: too few of them"] : []),
        "other host types, and other benchmarks on this one",
      ],
      rangeSeen: `${hosts.length} hosts, ${number(n, 12)} runs${period === null ? "" : ` from ${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`}`,
    },
  };
}

function scaled([low, high]: readonly [number, number], by: number): readonly [number, number] {
  return [low / by, high / by];
}

function betweenEstimates(
  found: ReturnType<typeof varianceComponents>,
  hostCount: number,
  unit: string,
  about: { n: number; period: Estimate["period"] },
): Readonly<Record<string, Estimate>> {
  const value = found.betweenDeviation;
  const settledBy = "Run the benchmark on more hosts: five at least, a dozen for a narrow interval";
  const make = (by: number, name: string): Estimate => {
    const base = { ...about, n: hostCount, unit: name };
    if (hostCount < 2) {
      return unsettled("not-identified", {}, { ...base, why: "only one host", settledBy });
    }
    const bounds = scaled(betweenInterval(value, hostCount), by);
    const noise = chanceBetween(found, hostCount, about.n);
    if (value <= noise) {
      const high = Math.max(bounds[1], noise / by);
      return unsettled(
        "only-a-bound",
        { value: value / by, interval: [null, high] },
        {
          ...base,
          why: "hosts differ no more than runs on one host would make them differ by chance",
          settledBy,
        },
      );
    }
    if (isNarrow(value / by, bounds)) {
      return identified(value / by, bounds, {
        ...base,
        why: "between hosts after what varies within them, one-way random effects; interval by chi-square",
      });
    }
    return unsettled(
      "not-identified",
      { value: value / by, interval: bounds },
      {
        ...base,
        why: `hosts do differ, but ${hostCount} hosts leave the size of it open by more than a factor of 3`,
        settledBy,
      },
    );
  };
  return {
    betweenHostDeviation: make(1, unit),
    betweenHostVariation: make(found.mean, "share of the mean"),
  };
}

/** Differences as large as chance within hosts makes between their means say nothing of the hosts. */
function chanceBetween(
  { withinDeviation }: ReturnType<typeof varianceComponents>,
  hosts: number,
  runs: number,
): number {
  return (withinDeviation / Math.sqrt(runs / hosts)) * 2;
}

/** Where the long-run mean of one more host falls; hosts that seem alike may differ by what chance would hide. */
function nextHost(
  found: ReturnType<typeof varianceComponents>,
  hosts: number,
  runs: number,
): readonly [number, number] {
  const between = Math.max(found.betweenDeviation, chanceBetween(found, hosts, runs));
  const half =
    hosts > 1 ? studentQuantile(0.95, hosts - 1) * between * Math.sqrt(1 + 1 / hosts) : Number.NaN;
  return [found.mean - half, found.mean + half];
}

function nextHostEstimate(
  interval: readonly [number, number],
  hosts: number,
  value: number,
  unit: string,
  about: { n: number; period: Estimate["period"] },
): Estimate {
  if (hosts >= hostsMin) {
    return identified(value, interval, {
      ...about,
      n: hosts,
      unit,
      why: "predictive interval for the long-run mean of one more host (Student's t)",
    });
  }
  return unsettled(
    "not-identified",
    {},
    {
      ...about,
      n: hosts,
      unit,
      why: "too few hosts to say how another would do",
      settledBy: "Run the benchmark on more hosts",
    },
  );
}

/** Each host's early runs predict its late ones. */
function judgeHosts(hosts: readonly Host[], holdout: number) {
  let relative = 0;
  let inside = 0;
  let count = 0;
  let hostError = 0;
  for (const { values } of hosts) {
    const cut = Math.max(1, Math.min(values.length - 1, Math.round(values.length * (1 - holdout))));
    const early = values.subarray(0, cut);
    const late = values.subarray(cut);
    const [low, high] = [quantile(early, 0.05), quantile(early, 0.95)];
    const centre = mean(early);
    for (const value of late) {
      relative += Math.abs(value - centre) / Math.abs(value);
      if (value >= low && value <= high) inside += 1;
      count += 1;
    }
    hostError += Math.abs(mean(late) - centre) / Math.abs(mean(late));
  }
  return {
    share: holdout,
    mape: relative / count,
    coverage90: inside / count,
    hostMeanMape: hostError / hosts.length,
    n: count,
  };
}

function hostsOf(table: Table, inputs: CapacityInputs, findings: Finding[]) {
  const time = timeColumn(table);
  const host = hostColumn(table, inputs.by);
  const value =
    inputs.value === undefined
      ? capacityColumn(table, time, host)
      : namedColumn(table, inputs.value, "--value");
  const values = numbersOf(table, value);
  const times = time === undefined ? undefined : timesOf(table, time);
  const rows = Array.from(values, (_, row) => row).filter((row) => Number.isFinite(values[row]!));
  if (rows.length < values.length) {
    findings.push({
      severity: "rejected",
      what: `${values.length - rows.length} runs without a value`,
      at: table.file,
    });
  }
  if (times !== undefined) rows.sort((a, b) => times[a]! - times[b]! || a - b);
  const groups = groupBy(rows, (row) => host?.cells[row] ?? "all");
  const hosts: Host[] = [];
  for (const [name, group] of groups) {
    if (group.length < 5) {
      findings.push({
        severity: "rejected",
        what: `host ${name} has only ${group.length} runs`,
        at: table.file,
      });
      continue;
    }
    hosts.push({ name, values: Float64Array.from(group, (row) => values[row]!) });
  }
  if (hosts.length === 0) {
    throw new TwinError({
      code: "fit.capacity-too-few-runs",
      problem: "No host has five runs or more",
      remedy: "Give more runs, or say which column names the host with --by COLUMN",
      at: table.file,
    });
  }
  hosts.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  noteOutliers(hosts, table.file, findings);
  const stamps = times === undefined ? [] : rows.map((row) => times[row]!);
  const period =
    stamps.length > 0 ? { from: isoTime(stamps[0]!), to: isoTime(stamps.at(-1)!) } : null;
  return { hosts, period, unit: value.name };
}

function noteOutliers(hosts: readonly Host[], file: string, findings: Finding[]): void {
  for (const { name, values } of hosts) {
    const centre = median(values);
    const spread = robustDeviation(values);
    const far = values.filter(
      (each) => spread > 0 && Math.abs(each - centre) > outlierDeviations * spread,
    );
    if (far.length === 0) continue;
    findings.push({
      severity: "warning",
      what: `host ${name}: ${far.length} of ${values.length} runs lie more than ${outlierDeviations} robust deviations from its median, as far as ${number((Math.abs(far[0]! - centre) / centre) * 100, 3)} %; they were kept`,
      at: file,
    });
  }
}

function hostColumn(table: Table, name: string | undefined): Column | undefined {
  if (name !== undefined) return namedColumn(table, name, "--by");
  return findColumn(table, {
    what: "a host",
    names: [
      /^(vm|host|instance|node|machine|server|worker|pod)(_?(id|name))?$/,
      /(vm|host|instance|node|machine|server)_?(id|name)/,
    ],
  });
}

function capacityColumn(table: Table, time: Column | undefined, host: Column | undefined): Column {
  const named = findColumn(table, {
    what: "a value",
    names: [/^(value|score|result|throughput|tps|rps|ops|mean|latency)$/, /throughput|per_sec/],
  });
  if (named !== undefined && named.index !== host?.index) return named;
  return valueColumn(table, time, undefined);
}

/** `fit failover`: measured detection times against their configuration, or measured failover durations. */
import { type Estimate, identified, unsettled } from "../estimate.ts";
import {
  type DetectionFit,
  type DetectionRow,
  fitDetectionLaw,
} from "../estimators/failover/detection-law.ts";
import { auroraPromotionPrior, fitPromotion } from "../estimators/failover/promotion.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { looksLikeTable } from "../importers/sniff.ts";
import { type Column, findColumn, numbersOf, secondsPerUnitOf } from "../tables/columns.ts";
import { number } from "../tables/format.ts";
import { groupBy } from "../tables/group-by.ts";
import { readTable, type Table } from "../tables/read-table.ts";
import { durationsOf, noDurations } from "./failover-durations.ts";
import { eventDurations } from "./failover-events.ts";

/** Residual at which a law still counts as found: 25 ms, or 1 % of the time measured. */
const residualMaxMs = 25;
const residualMaxShare = 0.01;
/** Fewest rows that show a law. */
const rowsMin = 3;

export async function fitFailoverFile(file: string): Promise<FitReport> {
  if (!(await looksLikeTable(file))) {
    const findings: Finding[] = [];
    return promotionReport(file, await eventDurations(file, findings), findings);
  }
  const table = await readTable(file);
  const measured = findColumn(table, {
    what: "a detection time",
    names: [
      /^(avg|average|mean)_.*(detection|failover|reconnect|recovery|total).*time/,
      /(detection|failover|reconnect).*time/,
      /^((avg|average|mean|measured)_)?(failure_)?(detection|detected|reconnect)(_(s|ms|sec|seconds|millis|milliseconds))?$/,
    ],
  });
  const settings = settingsOf(table);
  const isDetection =
    measured !== undefined &&
    (settings.grace ?? settings.timeout ?? settings.interval ?? settings.elapsed) !== undefined;
  return isDetection
    ? detectionReport(table, measured, settings)
    : promotionReport(table.file, durationsOf(table), []);
}

type Settings = Readonly<
  Partial<Record<"grace" | "interval" | "count" | "timeout" | "elapsed", Column>>
>;

function settingsOf(table: Table): Settings {
  const named = {
    grace: findColumn(table, { what: "grace", names: [/grace/] }),
    interval: findColumn(table, {
      what: "interval",
      names: [/detection_interval|check_interval|^interval/],
    }),
    count: findColumn(table, {
      what: "count",
      names: [/detection_count|failure_count|threshold|^count/],
    }),
    timeout: findColumn(table, { what: "timeout", names: [/socket_timeout|^timeout|_timeout/] }),
    elapsed: findColumn(table, { what: "elapsed", names: [/outage_delay|delay|elapsed/] }),
  };
  return Object.fromEntries(
    Object.entries(named).filter(([, column]) => column !== undefined),
  ) as Settings;
}

function detectionReport(table: Table, measured: Column, settings: Settings): FitReport {
  const findings: Finding[] = [];
  const rows = detectionRows(table, measured, settings, findings);
  const groups = byConfiguration(rows);
  const fits = [...groups].map(([name, group]) => ({
    name,
    rows: group,
    fit: fitDetectionLaw(group),
  }));
  const estimates = Object.fromEntries(
    fits.map(({ name, rows: group, fit }) => [
      `constant (${name || "all rows"})`,
      constantEstimate(group, fit),
    ]),
  );
  const good = fits.filter(({ rows: group, fit }) => isFound(group, fit));
  return {
    kind: "failover",
    files: [table.file],
    estimates,
    findings,
    details: {
      laws: fits.map(({ name, rows: group, fit }) => ({
        configuration: name,
        formula: fit.formula,
        constantMs: fit.constantMs,
        residualMaxMs: fit.residualMaxMs,
        residualsMs: fit.residualsMs,
        rows: group.length,
        otherLaws: fit.others,
      })),
    },
    tables: [
      {
        title: "Detection law by configuration",
        rows: [
          ["configuration", "rows", "constant ms", "largest residual ms", "detection time ="],
          ...fits.map(({ name, rows: group, fit }) => [
            name || "all rows",
            String(group.length),
            number(fit.constantMs),
            number(fit.residualMaxMs, 3),
            fit.formula,
          ]),
        ],
      },
    ],
    verdict: {
      usableFor: good.map(
        ({ name }) =>
          `detection time at ${name || "any configuration"}, and at other waits before the failure`,
      ),
      notUsableFor: [
        ...fits
          .filter((each) => !good.includes(each))
          .map(({ name, rows: group }) =>
            group.length < rowsMin
              ? `${name}: ${group.length} rows are too few to tell a law`
              : `${name}: no law of detection fits`,
          ),
        "the time that the database takes to promote a standby: it is not in these data",
        "other numbers of probes than measured: the law changed between them before",
      ],
      rangeSeen: `${rows.length} measurements, ${fits.length} configurations, waits of ${number(Math.min(...rows.map((row) => row.elapsedMs)) / 1000)} to ${number(Math.max(...rows.map((row) => row.elapsedMs)) / 1000)} s before the failure`,
    },
  };
}

/** Rows of one configuration; where they are too few, those of all with as many probes, which obey one law. */
function byConfiguration(
  rows: readonly DetectionRow[],
): ReadonlyMap<string, readonly DetectionRow[]> {
  const single = groupBy(rows, (row) =>
    [
      row.graceMs === undefined ? "" : `grace ${row.graceMs} ms`,
      row.intervalMs === undefined ? "" : `interval ${row.intervalMs} ms`,
      row.count === undefined ? "" : `count ${row.count}`,
      row.timeoutMs === undefined ? "" : `timeout ${row.timeoutMs} ms`,
    ]
      .filter((part) => part !== "")
      .join(", "),
  );
  if ([...single.values()].every((group) => group.length >= rowsMin)) return single;
  return groupBy(rows, ({ count }) =>
    count === undefined ? "several settings" : `count ${count}, several settings`,
  );
}

function isFound(rows: readonly DetectionRow[], fit: DetectionFit): boolean {
  const longest = Math.max(...rows.map((row) => row.measuredMs));
  return (
    fit.residualMaxMs <= Math.max(residualMaxMs, residualMaxShare * longest) &&
    rows.length >= rowsMin
  );
}

function constantEstimate(rows: readonly DetectionRow[], fit: DetectionFit): Estimate {
  const about = { n: rows.length, period: null, unit: "ms" };
  const interval = [
    fit.constantMs + Math.min(...fit.residualsMs),
    fit.constantMs + Math.max(...fit.residualsMs),
  ] as const;
  if (isFound(rows, fit)) {
    return identified(fit.constantMs, interval, {
      ...about,
      why: `median excess over ${fit.formula.replace(" + constant", "")}, which the configuration decides; interval is the range of all ${rows.length} rows`,
    });
  }
  return unsettled(
    "not-identified",
    { value: fit.constantMs, interval },
    {
      ...about,
      why:
        rows.length < rowsMin
          ? `only ${rows.length} rows of this configuration`
          : `the best law (${fit.formula}) is off by up to ${number(fit.residualMaxMs, 3)} ms`,
      settledBy:
        "Measure at five or more waits before the failure, on both sides of the grace time, and give every setting a column",
    },
  );
}

function detectionRows(
  table: Table,
  measured: Column,
  settings: Settings,
  findings: Finding[],
): DetectionRow[] {
  const inMs = (column: Column | undefined) => {
    if (column === undefined) return undefined;
    const values = numbersOf(table, column);
    const said = secondsPerUnitOf(column.name);
    if (said !== undefined) return values.map((each) => each * said * 1000);
    // A time-out of less than a second would be 1000 or less in ms; settings in whole seconds stay far below.
    const isSeconds = Math.max(...values) < 1000;
    if (isSeconds) {
      findings.push({
        severity: "note",
        what: `column ${column.name} does not say its unit: read as seconds`,
        at: table.file,
      });
    }
    return isSeconds ? values.map((each) => each * 1000) : values;
  };
  const times = inMs(measured)!;
  const [grace, interval, timeout, elapsed] = [
    settings.grace,
    settings.interval,
    settings.timeout,
    settings.elapsed,
  ].map(inMs);
  const count = settings.count === undefined ? undefined : numbersOf(table, settings.count);
  const rows: DetectionRow[] = [];
  for (const [row, measuredMs] of times.entries()) {
    const wait = elapsed?.[row] ?? 0;
    if (!(measuredMs >= 0) || Number.isNaN(wait)) {
      findings.push({
        severity: "rejected",
        what: "the row has no measured time",
        at: `${table.file}:${table.lines[row]}`,
      });
      continue;
    }
    rows.push({
      measuredMs,
      elapsedMs: wait,
      ...(grace === undefined ? {} : { graceMs: grace[row]! }),
      ...(interval === undefined ? {} : { intervalMs: interval[row]! }),
      ...(count === undefined ? {} : { count: count[row]! }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout[row]! }),
    });
  }
  if (rows.length === 0) throw noDurations(table);
  return rows;
}

function promotionReport(
  file: string,
  seconds: readonly number[],
  findings: readonly Finding[],
): FitReport {
  const fit = fitPromotion(seconds, auroraPromotionPrior);
  const about = { n: seconds.length, period: null, unit: "s" };
  return {
    kind: "failover",
    files: [file],
    estimates: {
      promotionMean: identified(fit.meanSeconds, fit.meanInterval, {
        ...about,
        why: "Gamma times, conjugate update of a prior that weighs one run (mean 12.4 s)",
      }),
      nextPromotion: unsettled(
        "only-a-bound",
        { interval: fit.predictiveInterval },
        {
          ...about,
          why: `a single failover is only known by its predictive interval: ${seconds.length} runs are too few for a distribution`,
          settledBy: "Record at least 30 failovers, with client-side outage windows",
        },
      ),
    },
    findings: [
      ...findings,
      {
        severity: "note",
        what: "these durations run from the first to the last event of the service; what clients see adds detection, DNS and reconnecting",
      },
    ],
    details: {
      durationsSeconds: seconds,
      predictiveIntervalSeconds: fit.predictiveInterval,
      gammaShape: fit.shape,
      prior: auroraPromotionPrior,
    },
    tables: [],
    verdict: {
      usableFor: [
        `the promotion part of a failover, drawn between ${number(fit.predictiveInterval[0], 3)} and ${number(fit.predictiveInterval[1], 3)} s`,
      ],
      notUsableFor: ["a single number for failover time", "the outage that clients see"],
      rangeSeen: `${seconds.length} failovers of ${number(Math.min(...seconds))} to ${number(Math.max(...seconds))} s`,
    },
  };
}

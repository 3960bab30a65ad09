/** `fit cache`: a trace of keys replayed at several sizes, or the hit ratio of counted hits and misses. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { type Estimate, identified, unsettled } from "../estimate.ts";
import { fitHitRatio, type HitRatioFit } from "../estimators/cache/hit-ratio.ts";
import {
  type CachePolicy,
  type KeyTrace,
  type ReplayResult,
  replayCache,
} from "../estimators/cache/replay-cache.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { timeColumn } from "../series/table-series.ts";
import { bootstrapIntervals } from "../statistics/bootstrap.ts";
import { type Column, findColumn, namedColumn, numbersOf } from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import { parseTime } from "../tables/parse-time.ts";
import { readTable, type Table } from "../tables/read-table.ts";

export interface CacheSize {
  /** As the user wrote it. */
  readonly text: string;
  readonly amount: number;
  readonly isBytes: boolean;
}

export interface CacheInputs {
  readonly file: string;
  readonly sizes: readonly CacheSize[];
  readonly policy: CachePolicy;
  readonly key?: string;
  readonly objectSize?: string;
  readonly seed: string;
}

export async function fitCacheFile(inputs: CacheInputs): Promise<FitReport> {
  const table = await readTable(inputs.file);
  const hits = findColumn(table, {
    what: "hits",
    names: [/^(cache_?|keyspace_?)?hits?(_count|_total)?$/, /cache_?hits/],
  });
  const misses = findColumn(table, {
    what: "misses",
    names: [/^(cache_?|keyspace_?)?miss(es)?(_count|_total)?$/, /cache_?miss/],
  });
  const all = findColumn(table, {
    what: "requests",
    names: [/^(cache_?)?(requests|lookups|gets|reads|accesses|total)(_count)?$/],
  });
  if (inputs.key === undefined) {
    if (hits !== undefined && misses !== undefined)
      return hitRatioReport(table, [hits, misses], ([hit, miss]) => [hit, hit + miss]);
    if (hits !== undefined && all !== undefined)
      return hitRatioReport(table, [hits, all], ([hit, requests]) => [hit, requests]);
    if (misses !== undefined && all !== undefined)
      return hitRatioReport(table, [misses, all], ([miss, requests]) => [
        requests - miss,
        requests,
      ]);
    if (inputs.sizes.length === 0) refuseRatios(table);
  }
  return replayReport(table, inputs);
}

/** A share says nothing of how many requests it is of, so no interval can be told. */
function refuseRatios(table: Table): void {
  const ratio = findColumn(table, {
    what: "a ratio",
    names: [/(hit|miss)_?(ratio|rate|percent|share|%)/],
  });
  if (ratio === undefined) return;
  throw new TwinError({
    code: "fit.cache-ratio-only",
    problem: `Column ${ratio.name} holds shares, and how many requests they are of is not told`,
    remedy: "Export the counts: hits and misses, or hits and requests, of each interval",
    at: `${table.file}:1`,
  });
}

function replayReport(table: Table, inputs: CacheInputs): FitReport {
  if (inputs.sizes.length === 0) {
    throw new TwinError({
      code: "fit.cache-sizes-missing",
      problem: "A trace is replayed at sizes, and none was given",
      remedy: "Add --sizes, such as --sizes 128MiB,1GiB or --sizes 10000objects",
      at: "--sizes",
    });
  }
  const findings: Finding[] = [];
  const { trace, hasSizes } = traceOf(table, inputs, findings);
  const results = inputs.sizes.map((size) => ({
    size,
    result: replayAt(trace, hasSizes, size, inputs.policy, table.file),
  }));
  const estimates = Object.fromEntries(
    results.map(({ size, result }) => [
      `missRatio ${size.text}`,
      missEstimate(result, size, inputs),
    ]),
  );
  const largest = results.reduce((a, b) => (b.size.amount > a.size.amount ? b : a));
  const everEvicted = results.some(({ result }) => result.firstEvictionAt !== null);
  return {
    kind: "cache",
    files: [table.file],
    estimates,
    findings,
    details: {
      policy: inputs.policy,
      requests: trace.keys.length,
      keys: trace.keyCount,
      compulsoryMisses: largest.result.compulsory,
      sizes: results.map(({ size, result }) => ({
        size: size.text,
        bytes: size.isBytes ? size.amount : null,
        objects: size.isBytes ? null : size.amount,
        misses: result.misses,
        missRatio: result.misses / result.requests,
        byteMissRatio: hasSizes ? result.bytesMissed / result.bytesRequested : null,
        firstEvictionAtRequest: result.firstEvictionAt,
      })),
    },
    tables: [
      {
        title: `Replay of ${number(trace.keys.length, 9)} requests, policy ${inputs.policy}`,
        rows: [
          ["size", "misses", "miss ratio", "of bytes", "first eviction at request"],
          ...results.map(({ size, result }) => [
            size.text,
            number(result.misses, 12),
            percent(result.misses / result.requests),
            hasSizes ? percent(result.bytesMissed / result.bytesRequested) : "-",
            result.firstEvictionAt === null ? "never" : number(result.firstEvictionAt, 12),
          ]),
        ],
      },
    ],
    verdict: {
      usableFor: everEvicted
        ? [`miss ratios of a ${inputs.policy} cache at these sizes, for traffic like this trace`]
        : [],
      notUsableFor: [
        "sizes outside those replayed, and other policies: replay them too",
        ...(everEvicted
          ? []
          : ["any size: no size replayed was ever full, so all misses are first sights"]),
        "a cache with expiry: the trace was replayed without time-to-live",
      ],
      rangeSeen: `${number(trace.keys.length, 12)} requests of ${number(trace.keyCount, 12)} keys; ${percent(largest.result.compulsory / trace.keys.length)} are first sights`,
    },
  };
}

function replayAt(
  trace: KeyTrace,
  hasSizes: boolean,
  size: CacheSize,
  policy: CachePolicy,
  file: string,
): ReplayResult {
  if (size.isBytes && !hasSizes) {
    throw new TwinError({
      code: "fit.cache-no-object-sizes",
      problem: `--sizes ${size.text} is in bytes, and the trace has no column of object sizes`,
      remedy: "Give sizes in objects (10000objects), or name the column with --object-size COLUMN",
      at: file,
    });
  }
  if (size.isBytes || !hasSizes) return replayCache(trace, size.amount, policy);
  const ones = { ...trace, sizes: new Float64Array(trace.sizes.length).fill(1) };
  return replayCache(ones, size.amount, policy);
}

/** Batches of neighbouring requests are drawn whole: misses come in runs. */
function missEstimate(
  result: ReplayResult,
  size: CacheSize,
  { policy, seed }: CacheInputs,
): Estimate {
  const value = result.misses / result.requests;
  const batches = Math.min(200, Math.max(1, Math.floor(result.requests / 50)));
  const length = Math.ceil(result.requests / batches);
  const perBatch = Float64Array.from({ length: batches }, (_, b) => {
    const part = result.missed.subarray(b * length, (b + 1) * length);
    return part.length === 0 ? value : part.reduce((sum, each) => sum + each, 0) / part.length;
  });
  const block = Math.max(1, Math.round(batches / 20));
  const [interval] = bootstrapIntervals({ rows: batches, block, replicates: 300, seed }, (rows) => [
    rows.reduce((sum, row) => sum + perBatch[row]!, 0) / rows.length,
  ]);
  const about = { n: result.requests, period: null, unit: "share of requests" };
  if (result.firstEvictionAt !== null) {
    return identified(value, interval ?? null, {
      ...about,
      why: `replayed under ${policy} at ${size.text}, cold start included; interval by block bootstrap over the trace`,
    });
  }
  return unsettled(
    "only-a-bound",
    { value, interval: [null, value] },
    {
      ...about,
      why: `a cache of ${size.text} was never full in this trace: every miss is a first sight, and a longer trace would have a smaller share of them`,
      settledBy: "Record a longer trace, until the working set no longer fits",
    },
  );
}

function traceOf(
  table: Table,
  inputs: CacheInputs,
  findings: Finding[],
): { trace: KeyTrace; hasSizes: boolean } {
  const keyColumn = keyOf(table, inputs.key);
  const sizeColumn =
    inputs.objectSize === undefined
      ? findColumn(table, {
          what: "size",
          names: [/^(obj(ect)?_?)?size(_bytes)?$/, /^(bytes|length|len)$/, /(object|value)_size/],
        })
      : namedColumn(table, inputs.objectSize, "--object-size");
  const order = timeOrder(table, findings);
  const numbers = new Map<string, number>();
  const keys = new Int32Array(table.rowCount);
  for (const [i, row] of order.entries()) {
    const text = keyColumn.cells[row]!;
    let key = numbers.get(text);
    if (key === undefined) {
      key = numbers.size;
      numbers.set(text, key);
    }
    keys[i] = key;
  }
  const raw = sizeColumn === undefined ? undefined : numbersOf(table, sizeColumn);
  const sizes = Float64Array.from(order, (row) => raw?.[row] ?? 1);
  const bad = sizes.findIndex((size) => !(size > 0));
  if (bad >= 0) {
    throw new TwinError({
      code: "fit.cache-object-size",
      problem: `An object has no size above 0 in column ${sizeColumn?.name}`,
      remedy: "Give every request the size of its object in bytes",
      at: `${table.file}:${table.lines[order[bad]!]}`,
    });
  }
  return { trace: { keys, sizes, keyCount: numbers.size }, hasSizes: sizeColumn !== undefined };
}

function keyOf(table: Table, name: string | undefined): Column {
  if (name !== undefined) return namedColumn(table, name, "--key");
  const found = findColumn(table, {
    what: "a key",
    names: [
      /^(key|lbn|lba|obj(ect)?_?id|block|block_id|item|url|address|offset|id|k)$/,
      /key|object|block/,
    ],
  });
  if (found !== undefined) return found;
  const only = table.headers.length === 1 ? 0 : -1;
  if (only === 0) return { name: table.headers[0]!, index: 0, cells: table.columns[0]! };
  throw new TwinError({
    code: "fit.cache-no-key",
    problem: `No column looks like a key; the file has ${table.headers.join(", ")}`,
    remedy: "Name the column of keys with --key COLUMN",
    at: `${table.file}:1`,
  });
}

/** Rows by time where a column tells it in plain numbers or stamps; the order of the file otherwise. */
function timeOrder(table: Table, findings: Finding[]): readonly number[] {
  const rows = Array.from({ length: table.rowCount }, (_, row) => row);
  const time =
    timeColumn(table) ?? findColumn(table, { what: "time", names: [/^(time|ts|timestamp)$/] });
  if (time === undefined) return rows;
  const plain = time.cells.map(Number);
  const stamps = plain.some(Number.isNaN) ? time.cells.map(parseTime) : plain;
  if (stamps.some(Number.isNaN)) return rows;
  let isSorted = true;
  for (let i = 1; i < stamps.length && isSorted; i += 1) isSorted = stamps[i]! >= stamps[i - 1]!;
  if (isSorted) return rows;
  findings.push({
    severity: "note",
    what: "requests were not in the order of time: sorted",
    at: table.file,
  });
  return rows.sort((a, b) => stamps[a]! - stamps[b]! || a - b);
}

/** Fewest intervals that show how the ratio varies. */
const intervalsMin = 4;
const moreIntervals = `Export at least ${intervalsMin} intervals with traffic`;

/** A ratio of 0 or 1 is on its bound, and one interval says nothing of the next. */
function hitRatioEstimate(
  { ratio, interval }: HitRatioFit,
  requests: number,
  about: { readonly n: number; readonly period: null },
): Estimate {
  const base = { ...about, unit: "share of requests" };
  // Nothing seen of one kind in so many requests: its share is below 3 / n (rule of three, 95 %).
  const unseen = Math.min(1, 3 / requests);
  if (ratio < 1e-5 || ratio > 1 - 1e-5) {
    const kind = ratio > 0.5 ? "miss" : "hit";
    return unsettled(
      "only-a-bound",
      { interval: ratio > 0.5 ? [1 - unseen, null] : [null, unseen] },
      {
        ...base,
        why: `not one ${kind} was seen in ${number(requests, 12)} requests`,
        settledBy: "Export a longer time, or check that both counters are exported",
      },
    );
  }
  if (about.n >= intervalsMin)
    return identified(ratio, interval, { ...base, why: "Beta-binomial over the intervals" });
  return unsettled(
    "not-identified",
    { value: ratio, interval },
    {
      ...base,
      why: `${about.n} intervals do not show how much the ratio varies`,
      settledBy: moreIntervals,
    },
  );
}

function refuseNegative(
  table: Table,
  columns: readonly Column[],
  values: readonly Float64Array[],
): void {
  for (const [i, column] of columns.entries()) {
    const row = values[i]!.findIndex((each) => each < 0);
    if (row < 0) continue;
    throw new TwinError({
      code: "fit.cache-negative",
      problem: `${values[i]![row]} in column ${column.name} is no count`,
      remedy: "Give counts of 0 or more; a counter that only grows must be turned into differences",
      at: `${table.file}:${table.lines[row]}`,
    });
  }
}

/** Rows that only grow by which running totals are told from counts that happen to rise. */
const totalRowsMin = 20;

/** Counts of each row; what only grows, as `keyspace_hits` of Redis does, counts from the start of the server. */
function countsOf(table: Table, column: Column, findings: Finding[]): Float64Array {
  const values = numbersOf(table, column);
  const steps = values.subarray(1).map((value, i) => value - values[i]!);
  const isTotal =
    values.length >= totalRowsMin &&
    steps.every((step) => !(step < 0)) &&
    steps.filter((step) => step > 0).length * 2 > steps.length;
  if (!isTotal) return values;
  findings.push({
    severity: "note",
    what: `column ${column.name} only grows: turned into what it grew by from row to row`,
    at: table.file,
  });
  return Float64Array.from(values, (value, row) =>
    row === 0 ? Number.NaN : value - values[row - 1]!,
  );
}

function moreThanAll(table: Table, [first, second]: readonly [Column, Column], row: number) {
  return new TwinError({
    code: "fit.cache-more-than-all",
    problem: `${first.name} is ${first.cells[row]} where ${second.name} is ${second.cells[row]}: more than there were requests`,
    remedy: "Give hits (or misses) and requests of the same cache and interval",
    at: `${table.file}:${table.lines[row]}`,
  });
}

/** Hits and requests of a row, from the two counts that it has. */
type HitsOf = (counts: readonly [number, number]) => readonly [hits: number, requests: number];

function hitRatioReport(
  table: Table,
  columns: readonly [Column, Column],
  hitsOf: HitsOf,
): FitReport {
  const findings: Finding[] = [];
  const [first, second] = columns.map((column) => countsOf(table, column, findings)) as [
    Float64Array,
    Float64Array,
  ];
  refuseNegative(table, columns, [first, second]);
  const counts = Array.from(first, (count, row) => hitsOf([count, second[row]!]));
  const odd = counts.findIndex(([hits, requests]) => hits < 0 || hits > requests);
  if (odd >= 0) throw moreThanAll(table, columns, odd);
  const rows = timeOrder(table, []).filter((row) => counts[row]![1] > 0);
  if (rows.length === 0) {
    throw new TwinError({
      code: "fit.cache-no-requests",
      problem: "No row has hits or misses",
      remedy: "Export a time range with traffic",
      at: table.file,
    });
  }
  const fit = fitHitRatio(
    rows.map((row) => counts[row]![0]),
    rows.map((row) => counts[row]![1]),
  );
  const about = { n: rows.length, period: null };
  const isDrifting = fit.driftInterval[0] > 0 || fit.driftInterval[1] < 0;
  return {
    kind: "cache",
    files: [table.file],
    estimates: {
      hitRatio: hitRatioEstimate(
        fit,
        rows.reduce((sum, row) => sum + counts[row]![1], 0),
        about,
      ),
      driftOverPeriod:
        rows.length >= intervalsMin
          ? identified(fit.drift, fit.driftInterval, {
              ...about,
              unit: "change of the share",
              why: "straight line through the intervals",
            })
          : unsettled(
              "not-identified",
              {},
              {
                ...about,
                unit: "change of the share",
                why: `${rows.length} intervals are too few for a line`,
                settledBy: moreIntervals,
              },
            ),
      otherSizes: unsettled(
        "not-identified",
        {},
        {
          ...about,
          unit: "share of requests",
          why: "hits and misses at one size cannot tell what another size would do",
          settledBy: "Give a trace of keys",
        },
      ),
    },
    findings: [
      ...findings,
      ...(isDrifting
        ? [{ severity: "warning" as const, what: "the hit ratio drifts over the time covered" }]
        : []),
    ],
    details: { overdispersion: fit.overdispersion, intervals: fit.intervals },
    tables: [],
    verdict: {
      usableFor: isDrifting ? [] : ["the hit ratio at this size and traffic"],
      notUsableFor: [
        "another cache size or policy",
        ...(isDrifting ? ["a constant hit ratio: it drifts"] : []),
      ],
      rangeSeen: `${fit.intervals} intervals`,
    },
  };
}

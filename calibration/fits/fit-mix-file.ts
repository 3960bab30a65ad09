/** Shares of the kinds of request, from the paths of an access log. */
import type { RequestName } from "../../sim/twin/topology-types.ts";
import { type Estimate, identified, unsettled } from "../estimate.ts";
import {
  type NamedPath,
  pathOf,
  requestKind,
  requestNames,
} from "../estimators/mix/request-kind.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { noRequests, noteDamage, readAccessLog } from "../importers/access-log.ts";
import { blockLength, bootstrapIntervals } from "../statistics/bootstrap.ts";
import { number, percent } from "../tables/format.ts";
import { isoTime } from "../tables/parse-time.ts";

export interface MixInputs {
  readonly file: string;
  readonly seed: string;
  /** Paths whose kind the user says. */
  readonly named: readonly NamedPath[];
}

/** Parts of the time that shares are counted in, for the interval; fewer show no variation. */
const partsMax = 60;
const partsMin = 4;
/** Paths that are listed. */
const pathsShown = 40;

interface PathCount {
  readonly path: string;
  readonly kind: RequestName | undefined;
  count: number;
}

/** Throws `access-log.no-requests`, and what the reading of the log throws. */
export async function fitMixFile({ file, seed, named }: MixInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  const { paths, byMinute, fromMs, toMs } = await countPaths(file, named, findings);
  const parts = inParts(byMinute, fromMs, toMs);
  const known = [...paths.values()].filter(({ kind }) => kind !== undefined);
  const total = known.reduce((sum, { count }) => sum + count, 0);
  const all = [...paths.values()].reduce((sum, { count }) => sum + count, 0);
  noteUnknown([...paths.values()], all, findings, file);
  const shares = sharesOf(parts, seed);
  const about = { n: total, period: { from: isoTime(fromMs), to: isoTime(toMs) } };
  const seen = requestNames.filter((kind) => known.some((each) => each.kind === kind));
  return {
    kind: "mix",
    files: [file],
    estimates: Object.fromEntries(
      seen.map((kind) => [kind, shareEstimate(kind, shares, total / all, about)]),
    ),
    findings,
    details: {
      requests: all,
      told: total,
      paths: [...paths.values()]
        .sort((a, b) => b.count - a.count)
        .slice(0, pathsShown)
        .map(({ path, kind, count }) => ({ path, request: kind ?? null, count })),
    },
    tables: [
      {
        title: "Paths",
        rows: [
          ["path", "kind", "requests"],
          ...[...paths.values()]
            .sort((a, b) => b.count - a.count)
            .slice(0, pathsShown)
            .map(({ path, kind, count }) => [path, kind ?? "unknown", number(count, 12)]),
        ],
      },
    ],
    verdict: {
      usableFor: ["the mix of a load at hours like these"],
      notUsableFor: ["hours and days that the log does not cover"],
      rangeSeen: `${number(all, 12)} requests on ${paths.size} paths, ${percent(total / all)} of them of a known kind`,
    },
  };
}

async function countPaths(file: string, named: readonly NamedPath[], findings: Finding[]) {
  const paths = new Map<string, PathCount>();
  const byMinute = new Map<number, Map<RequestName, number>>();
  const damaged = { count: 0, firstLine: 0 };
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for await (const entries of readAccessLog(file, damaged)) {
    for (const { method, url, startMs } of entries) {
      const path = pathOf(method, url);
      const known = paths.get(path) ?? { path, kind: requestKind(path, named), count: 0 };
      paths.set(path, known);
      known.count += 1;
      fromMs = Math.min(fromMs, startMs);
      toMs = Math.max(toMs, startMs);
      if (known.kind === undefined) continue;
      const minute = Math.floor(startMs / 60_000);
      const counts = byMinute.get(minute) ?? new Map<RequestName, number>();
      byMinute.set(minute, counts);
      counts.set(known.kind, (counts.get(known.kind) ?? 0) + 1);
    }
  }
  noteDamage(damaged, file, findings);
  if (paths.size === 0) throw noRequests(file);
  return { paths, byMinute, fromMs, toMs };
}

type KindCounts = Readonly<Record<RequestName, number>>;

/** Counts by kind in parts of equal length, whole minutes each. */
function inParts(
  byMinute: ReadonlyMap<number, ReadonlyMap<RequestName, number>>,
  fromMs: number,
  toMs: number,
): readonly KindCounts[] {
  const first = Math.floor(fromMs / 60_000);
  const minutes = Math.floor(toMs / 60_000) - first + 1;
  const length = Math.ceil(minutes / partsMax);
  const parts = Array.from(
    { length: Math.ceil(minutes / length) },
    () => Object.fromEntries(requestNames.map((kind) => [kind, 0])) as Record<RequestName, number>,
  );
  for (const [minute, counts] of byMinute) {
    const part = parts[Math.floor((minute - first) / length)]!;
    for (const [kind, count] of counts) part[kind] += count;
  }
  return parts;
}

interface Shares {
  readonly value: KindCounts;
  readonly interval: Readonly<Record<RequestName, readonly [number, number]>> | undefined;
}

function sharesOf(parts: readonly KindCounts[], seed: string): Shares {
  const shares = (rows: Iterable<number>) => {
    const totals = requestNames.map(() => 0);
    for (const row of rows)
      for (const [k, kind] of requestNames.entries()) totals[k]! += parts[row]![kind];
    const all = totals.reduce((a, b) => a + b, 0);
    return totals.map((each) => each / all);
  };
  const byName = <Value>(values: readonly Value[]) =>
    Object.fromEntries(requestNames.map((kind, k) => [kind, values[k]!])) as Record<
      RequestName,
      Value
    >;
  const value = byName(shares(parts.keys()));
  if (parts.length < partsMin) return { value, interval: undefined };
  const largest = requestNames.reduce((a, b) => (value[b] > value[a] ? b : a));
  const series = parts.map((part) => {
    const all = requestNames.reduce((sum, kind) => sum + part[kind], 0);
    return all > 0 ? part[largest] / all : value[largest];
  });
  const intervals = bootstrapIntervals(
    { rows: parts.length, block: blockLength(series), replicates: 300, seed },
    shares,
  );
  return { value, interval: byName(intervals) };
}

/** Requests of a known kind, at least, for shares of kinds to be those of all. */
const knownMin = 0.9;

function shareEstimate(
  kind: RequestName,
  { value, interval }: Shares,
  known: number,
  evidence: Pick<Estimate, "n" | "period">,
): Estimate {
  const about = { ...evidence, unit: "share of requests" };
  const how = "paths of the access log; interval by block bootstrap over its minutes";
  if (known < knownMin)
    return unsettled(
      "not-identified",
      { value: value[kind] },
      {
        ...about,
        why: `${percent(1 - known)} of the requests are on paths of no known kind`,
        settledBy: "Say the kinds of those paths under `requests` of the mapping",
      },
    );
  if (interval === undefined)
    return unsettled(
      "not-identified",
      { value: value[kind] },
      {
        ...about,
        why: "a few minutes do not show how the mix varies",
        settledBy: "An access log of an hour",
      },
    );
  return identified(value[kind], interval[kind], { ...about, why: how });
}

function noteUnknown(
  paths: readonly PathCount[],
  all: number,
  findings: Finding[],
  file: string,
): void {
  const unknown = paths.filter(({ kind }) => kind === undefined);
  if (unknown.length === 0) return;
  const count = unknown.reduce((sum, each) => sum + each.count, 0);
  const listed = [...unknown].sort((a, b) => b.count - a.count).slice(0, 5);
  findings.push({
    severity: count > (1 - knownMin) * all ? "warning" : "note",
    what: `${number(count, 12)} requests are on ${unknown.length} paths of no known kind: ${listed.map(({ path }) => path).join(", ")}. Say what they are in the mapping, such as \`requests: [{ path: "${listed[0]!.path}", request: place }]\``,
    at: file,
  });
}

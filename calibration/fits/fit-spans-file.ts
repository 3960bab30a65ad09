/** `fit spans`: traces as a graph of calls, and the time of each operation in service and in waiting. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { type Estimate, type Evidence, identified, isNarrow, unsettled } from "../estimate.ts";
import { type CallEdge, callGraph } from "../estimators/spans/call-graph.ts";
import { aloneMin, type ClassTimes, classTimes } from "../estimators/spans/class-times.ts";
import { requestsOf, type SpanNode, spanTree } from "../estimators/spans/span-tree.ts";
import type { Finding, FitReport, ReportTable } from "../fit-report.ts";
import { importSpans } from "../importers/import-spans.ts";
import { number, percent } from "../tables/format.ts";
import { durationText, isoTime } from "../tables/parse-time.ts";

export interface SpanInputs {
  readonly files: readonly string[];
  readonly seed: string;
}

/** Rows of a table for people; the document has all. */
const rowsMax = 25;

export async function fitSpanFiles(inputs: SpanInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  const imported = [];
  for (const file of inputs.files) imported.push(await importSpans(file, findings));
  const spans = uniqueSpans(imported.flatMap((each) => each.spans));
  const nodes = spanTree(spans);
  const classes = classTimes(nodes, inputs.seed);
  const edges = callGraph(nodes);
  const requests = requestsOf(spans);
  if (classes.length === 0) {
    throw new TwinError({
      code: "spans.no-execution",
      problem: "The spans are calls and inner steps only: no service tells of its own work",
      remedy: "Export whole traces, with the spans of the services that were called",
      at: inputs.files.join(", "),
    });
  }
  noteSkew(nodes, findings);
  findings.push({
    severity: "note",
    what: "traces are usually a sample of the requests: take rates from metrics, and times from here",
  });
  const fromMs = spans[0]!.startMs;
  const toMs = spans.reduce((latest, { endMs }) => Math.max(latest, endMs), fromMs);
  return {
    kind: "spans",
    files: inputs.files,
    estimates: Object.assign({}, ...classes.map(estimatesOf)) as Record<string, Estimate>,
    findings,
    details: {
      forms: imported.map(({ form }) => form),
      traces: new Set(spans.map(({ traceId }) => traceId)).size,
      spans: spans.length,
      requests: requests.length,
      classes: classes.map(({ fromMs: from, toMs: to, ...rest }) => ({
        ...rest,
        period: { from: isoTime(from), to: isoTime(to) },
      })),
      calls: edges,
    },
    tables: [classTable(classes), callTable(edges)],
    verdict: {
      usableFor: [
        "the graph of calls, and the time that each operation adds to a request at the loads seen",
      ],
      notUsableFor: [
        "arrival rates: sampling hides requests",
        "processor seconds: a span's own time holds whatever it waited for without a span (locks, garbage collection, a full processor)",
      ],
      rangeSeen: `${number(requests.length, 12)} requests in ${durationText((toMs - fromMs) / 1000)}, from ${isoTime(fromMs)}`,
    },
  };
}

/** Files may overlap; the last of a repeated span wins. */
function uniqueSpans<Each extends { traceId: string; spanId: string; startMs: number }>(
  spans: readonly Each[],
): readonly Each[] {
  const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
  return [...byId.values()].sort((a, b) => a.startMs - b.startMs);
}

function noteSkew(nodes: readonly SpanNode[], findings: Finding[]): void {
  const skewed = nodes.filter(({ hasSkew }) => hasSkew).length;
  if (skewed === 0) return;
  findings.push({
    severity: "warning",
    what: `${skewed} of ${nodes.length} spans have a child that sticks out of them (clocks that disagree, or a child nobody waited for): clipped to the parent`,
  });
}

const traceMore = "Record more traces of it: at least 30, some of them while its service is idle";

function estimatesOf(each: ClassTimes): Record<string, Estimate> {
  const name = `${each.service} ${each.operation}`;
  const about = {
    n: each.n,
    unit: "ms",
    period: { from: isoTime(each.fromMs), to: isoTime(each.toMs) },
  };
  const isKnown = each.n >= 10 && isNarrow(each.selfMs.mean, each.selfInterval);
  const self = isKnown
    ? identified(each.selfMs.mean, each.selfInterval, {
        ...about,
        why: "span minus the union of the calls it waited for; mean, interval by block bootstrap",
      })
    : unsettled(
        "not-identified",
        { value: each.selfMs.mean, interval: each.selfInterval },
        {
          ...about,
          why:
            each.n < 10
              ? `${each.n} executions are too few for a mean`
              : "the interval spans more than a factor of 3 either way",
          settledBy: traceMore,
        },
      );
  return {
    [`${name} self time`]: self,
    [`${name} service time`]: serviceTime(each, about),
    ...spreadOf(name, each, about),
  };
}

function spreadOf(
  name: string,
  { alone, spread, spreadInterval }: ClassTimes,
  about: Evidence,
): Record<string, Estimate> {
  if (spread === null || spreadInterval === null || !isNarrow(spread, spreadInterval)) return {};
  const why =
    "deviation of the logarithms of the executions that began while no other ran, as a lognormal has it; interval by block bootstrap";
  return {
    [`${name} spread`]: identified(spread, spreadInterval, {
      ...about,
      n: alone,
      unit: "sigma of the logarithm",
      why,
    }),
  };
}

function serviceTime(
  each: ClassTimes,
  about: { readonly n: number; readonly unit: string; readonly period: Estimate["period"] },
): Estimate {
  const { serviceMs, serviceInterval } = each;
  if (serviceMs === null || serviceInterval === null) {
    return unsettled(
      each.n >= 10 ? "only-a-combination" : "not-identified",
      {},
      {
        ...about,
        why: `only ${each.alone} executions began while the service did nothing else (${aloneMin} are needed): service and waiting are known together, as self time`,
        settledBy: traceMore,
      },
    );
  }
  const n = each.alone;
  if (!isNarrow(serviceMs, serviceInterval)) {
    return unsettled(
      "not-identified",
      { value: serviceMs, interval: serviceInterval },
      {
        ...about,
        n,
        why: "the interval spans more than a factor of 3 either way",
        settledBy: traceMore,
      },
    );
  }
  return identified(serviceMs, serviceInterval, {
    ...about,
    n,
    why: `mean self time of the executions that began while no other traced one of the service ran; the others waited ${number(each.waitingMs)} ms more in the mean of all. Requests that were not traced may have been there`,
  });
}

function classTable(classes: readonly ClassTimes[]): ReportTable {
  return {
    title: `Operations by total time of their own, ms${moreThan(classes.length)}`,
    rows: [
      ["service", "operation", "n", "own mean", "own p95", "alone", "waiting", "others at start"],
      ...classes
        .slice(0, rowsMax)
        .map((each) => [
          each.service,
          each.operation,
          number(each.n, 12),
          number(each.selfMs.mean),
          number(each.selfMs.p95),
          number(each.serviceMs),
          number(each.waitingMs),
          number(each.meanOthers, 2),
        ]),
    ],
  };
}

function callTable(edges: readonly CallEdge[]): ReportTable {
  return {
    title: `Calls, ms${moreThan(edges.length)}`,
    rows: [
      ["caller", "callee", "calls", "each time", "mean", "between", "failed"],
      ...edges
        .slice(0, rowsMax)
        .map((each) => [
          each.caller,
          each.callee,
          number(each.calls, 12),
          number(each.callsPerExecution, 3),
          number(each.meanMs),
          number(each.betweenMs),
          percent(each.failed / each.calls, 2),
        ]),
    ],
  };
}

function moreThan(count: number): string {
  return count > rowsMax ? ` (the first ${rowsMax} of ${count}; --json has all)` : "";
}

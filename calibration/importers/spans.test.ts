import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { callGraph } from "../estimators/spans/call-graph.ts";
import { classTimes } from "../estimators/spans/class-times.ts";
import { spanTree } from "../estimators/spans/span-tree.ts";
import type { Finding } from "../fit-report.ts";
import { loadCounts } from "../series/load-counts.ts";
import { importSeries } from "./import-series.ts";
import { importSpans } from "./import-spans.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-spans-"));
const startMs = Date.UTC(2026, 2, 2, 14, 30);

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

/** Requests of 100 ms: 30 ms in a database, of which 20 together with 40 ms in risk-check, so 50 ms of their own. */
const requests = Array.from({ length: 240 }, (_, i) => ({
  atMs: startMs + i * 700 + (i > 100 ? 180_000 : 0),
  id: i.toString(16).padStart(8, "0"),
}));
const us = (ms: number) => Math.round(ms * 1000);

/** The three parts of a request, in milliseconds after its start. */
const parts = [
  { id: "1", parent: "", service: "orders", name: "POST /v1/order", kind: 2, from: 0, to: 100 },
  { id: "2", parent: "1", service: "orders", name: "PutItem", kind: 3, from: 10, to: 40 },
  { id: "3", parent: "1", service: "orders", name: "risk-check", kind: 3, from: 20, to: 60 },
  { id: "4", parent: "3", service: "risk-check", name: "check", kind: 2, from: 22, to: 57 },
] as const;

function otlpLine({ atMs, id }: (typeof requests)[number]): string {
  const spansOf = (service: string) =>
    parts
      .filter((part) => part.service === service)
      .map((part) => ({
        traceId: `trace${id}`,
        spanId: `${id}${part.id}`,
        parentSpanId: part.parent === "" ? "" : `${id}${part.parent}`,
        name: part.name,
        kind: part.kind,
        startTimeUnixNano: `${us(atMs + part.from)}000`,
        endTimeUnixNano: `${us(atMs + part.to)}000`,
        attributes: [],
        status: {},
      }));
  return JSON.stringify({
    resourceSpans: ["orders", "risk-check"].map((service) => ({
      resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
      scopeSpans: [{ spans: spansOf(service) }],
    })),
  });
}

function xrayTrace({ atMs, id }: (typeof requests)[number]) {
  const at = (ms: number) => us(atMs + ms) / 1e6;
  const documents = [
    {
      id: `${id}1`,
      name: "orders",
      trace_id: `trace${id}`,
      start_time: at(0),
      end_time: at(100),
      http: { request: { method: "POST", url: "https://orders.example/v1/order" } },
      subsegments: [
        {
          id: `${id}2`,
          name: "PutItem",
          namespace: "aws",
          start_time: at(10),
          end_time: at(40),
        },
      ],
    },
    {
      id: `${id}3`,
      name: "risk-check",
      trace_id: `trace${id}`,
      parent_id: `${id}1`,
      type: "subsegment",
      namespace: "remote",
      start_time: at(20),
      end_time: at(60),
    },
    {
      id: `${id}4`,
      name: "risk-check",
      origin: "check",
      trace_id: `trace${id}`,
      parent_id: `${id}3`,
      start_time: at(22),
      end_time: at(57),
    },
    {
      id: `${id}5`,
      name: "risk-check",
      trace_id: `trace${id}`,
      inferred: true,
      start_time: at(20),
    },
  ];
  return {
    Id: `trace${id}`,
    LimitExceeded: false,
    Segments: documents.map((each) => ({ Id: each.id, Document: JSON.stringify(each) })),
  };
}

function jaegerTrace({ atMs, id }: (typeof requests)[number]) {
  return {
    traceID: `trace${id}`,
    spans: parts.map((part) => ({
      traceID: `trace${id}`,
      spanID: `${id}${part.id}`,
      operationName: part.name,
      references:
        part.parent === ""
          ? []
          : [{ refType: "CHILD_OF", traceID: `trace${id}`, spanID: `${id}${part.parent}` }],
      startTime: us(atMs + part.from),
      duration: us(part.to - part.from),
      tags: [{ key: "span.kind", type: "string", value: part.kind === 2 ? "server" : "client" }],
      processID: part.service === "orders" ? "p1" : "p2",
    })),
    processes: { p1: { serviceName: "orders" }, p2: { serviceName: "risk-check" } },
  };
}

const forms: readonly (readonly [name: string, text: string])[] = [
  ["otlp.jsonl", requests.map(otlpLine).join("\n")],
  ["otlp.jsonl.gz", [...requests].reverse().map(otlpLine).join("\n")],
  [
    "xray.json",
    JSON.stringify({ Traces: requests.map(xrayTrace), UnprocessedTraceIds: [] }, undefined, 1),
  ],
  ["jaeger.json", JSON.stringify({ data: requests.map(jaegerTrace) })],
  [
    "table.csv",
    `TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano\n${requests
      .flatMap(({ atMs, id }) =>
        parts.map((part) =>
          [
            `trace${id}`,
            `${id}${part.id}`,
            part.parent === "" ? "root" : `${id}${part.parent}`,
            `${part.service}-579b9bff58-t2dbm`,
            part.name,
            `${us(atMs + part.from)}000`,
            `${us(atMs + part.to)}000`,
          ].join(","),
        ),
      )
      .join("\n")}\n`,
  ],
];

test.each(forms)("%s gives who calls whom, and the time of each by itself", async (name, text) => {
  const findings: Finding[] = [];
  const { spans } = await importSpans(write(name, text), findings);
  expect(spans).toHaveLength(960);
  const nodes = spanTree(spans);
  const classes = classTimes(nodes, "1");
  const service = (wanted: string) => classes.find((each) => each.service === wanted);
  // A table without kinds cannot tell a call without an answer (PutItem) from a step inside.
  expect(service("orders")?.selfMs.mean).toBeCloseTo(name === "table.csv" ? 60 : 50, 2);
  expect(service("risk-check")?.selfMs.mean).toBeCloseTo(35, 2);
  expect(service("orders")).toMatchObject({ n: 240, alone: 240, waitingMs: 0 });
  const edges = callGraph(nodes);
  const toRisk = edges.find(({ callee }) => callee === "risk-check check");
  expect(toRisk).toMatchObject({
    caller: "orders POST /v1/order",
    calls: 240,
    callsPerExecution: 1,
    betweenMs: expect.closeTo(5, 2),
  });
  if (name !== "table.csv")
    expect(edges.find(({ callee }) => callee.startsWith("PutItem"))?.meanMs).toBeCloseTo(30, 2);
});

/** What CloudWatch would have said of the same requests; minutes without one have no point. */
const minutes = new Map<number, number>();
for (const { atMs } of requests) {
  const minute = Math.floor(atMs / 60_000) * 60_000;
  minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
}
const metricData = JSON.stringify({
  MetricDataResults: [
    {
      Id: "req",
      Label: "RequestCount",
      StatusCode: "Complete",
      Timestamps: [...minutes.keys()].map((ms) => new Date(ms).toISOString()),
      Values: [...minutes.values()],
    },
  ],
});
const accessLog = requests
  .map(({ atMs }) => {
    const stamp = (ms: number) => new Date(ms).toISOString().replace("Z", "000Z");
    return `https ${stamp(atMs + 100)} app/orders/1 203.0.113.7:51022 10.0.3.17:8080 0.000 0.100 0.000 201 201 812 344 "POST https://orders.example:443/v1/order HTTP/2.0" "desk" T TLSv1.3 arn:x "Root=1-1" "orders.example" "session-reused" 0 ${stamp(atMs)} "forward"`;
  })
  .reverse()
  .join("\n");

test.each([...forms, ["alb.log", accessLog] as const])(
  "counts rebuilt from the requests of %s are the series that CloudWatch has",
  async (name, text) => {
    const request = {
      MetricDataQueries: [
        {
          Id: "req",
          MetricStat: {
            Metric: { MetricName: "RequestCount" },
            Period: 60,
            Stat: "Sum",
            Unit: "Count",
          },
        },
      ],
    };
    const published = await importSeries(write("count.json", metricData), [], request);
    const rebuilt = await importSeries(write(name, text), []);
    const [expected] = published.series;
    const found = rebuilt.series.find(({ metric }) => metric === "RequestCount");
    const { id: _, component: __, wasSorted: ___, ...plain } = expected!;
    expect(found).toMatchObject(plain);
    const counts = await loadCounts(write(name, text), { period: 60 }, []);
    const first = Math.min(...minutes.keys());
    expect([...counts.values]).toEqual(
      Array.from({ length: counts.values.length }, (_, i) => minutes.get(first + i * 60_000) ?? 0),
    );
  },
);

const one = [requests[0]!];
const damaged: readonly (readonly [name: string, text: string, code: string, at: string])[] = [
  [
    "cut-otlp.jsonl",
    `${otlpLine(one[0]!)}\n${otlpLine(requests[1]!).slice(0, 300)}`,
    "import.json-damaged",
    ":2",
  ],
  [
    "cut-xray.json",
    JSON.stringify({ Traces: one.map(xrayTrace) }).slice(0, 500),
    "import.json-damaged",
    ":1",
  ],
  [
    "cut-document.json",
    JSON.stringify({ Traces: [{ Id: "t", Segments: [{ Id: "s", Document: '{"id":"a",' }] }] }),
    "import.json-damaged",
    "/Traces/0/Segments/0/Document",
  ],
  [
    "summaries.json",
    JSON.stringify({ Traces: [{ Id: "t", Segments: [{ Id: "s" }] }] }),
    "import.xray-document",
    "/Traces/0/Segments/0",
  ],
  [
    "unprocessed.json",
    JSON.stringify({ Traces: one.map(xrayTrace), UnprocessedTraceIds: ["1-a"] }),
    "import.incomplete",
    "unprocessed.json",
  ],
  [
    "next-token.json",
    JSON.stringify({ Traces: one.map(xrayTrace), UnprocessedTraceIds: [], NextToken: "x" }),
    "import.incomplete",
    "next-token.json",
  ],
  [
    "milliseconds.json",
    JSON.stringify({ data: one.map(jaegerTrace) }).replaceAll(
      /"startTime":(\d+)000,/g,
      '"startTime":$1,',
    ),
    "spans.bad-time",
    "/data/0/spans/0",
  ],
  [
    "no-time.jsonl",
    otlpLine(one[0]!).replace(/"startTimeUnixNano":"\d+"/, '"startTimeUnixNano":"noon"'),
    "spans.bad-time",
    "/resourceSpans/0/scopeSpans/0/spans/0",
  ],
  [
    "backwards.csv",
    "TraceID,SpanID,ParentID,ServiceName,OperationName,StartTimeUnixNano,EndTimeUnixNano\na,b,root,s,o,1772461800000000000,1772461799000000000\n",
    "spans.ends-early",
    ":2",
  ],
  [
    "future.jsonl",
    otlpLine({ atMs: Date.UTC(2090, 1, 1), id: "ff" }),
    "spans.future-dated",
    "/spans/0",
  ],
  [
    "no-id.json",
    JSON.stringify({ data: one.map(jaegerTrace) }).replace(
      /"spanID":"[^"]+","op/,
      '"spanID":"","op',
    ),
    "spans.id-missing",
    "/data/0/spans/0",
  ],
  ["empty.json", '{"Traces":[],"UnprocessedTraceIds":[]}', "spans.none", "empty.json"],
  ["empty-otlp.json", '{"resourceSpans":[]}', "spans.none", "empty-otlp.json"],
  [
    "refused.json",
    '{"data":null,"errors":[{"code":500,"msg":"no \\"traceID\\""}]}',
    "import.jaeger-error",
    "refused.json",
  ],
  ["no-parent.csv", "TraceID,SpanID,ServiceName\na,b,s\n", "table.column-missing", ":1"],
];

test.each(damaged)("%s is refused with its place and a remedy", async (name, text, code, at) => {
  const error = await importSpans(write(name, text), []).then(
    () => undefined,
    (each: { code: string; at?: string; remedy: string }) => each,
  );
  expect(error).toMatchObject({ code, at: expect.stringContaining(at) });
  expect(error?.remedy.length).toBeGreaterThan(10);
});

test("children that overlap count once, clocks that disagree are clipped, and running spans are left out", async () => {
  const span = (
    id: string,
    parent: string,
    kind: number,
    from: number,
    to: number | undefined,
  ) => ({
    traceId: "t",
    spanId: id,
    parentSpanId: parent,
    name: id,
    kind,
    startTimeUnixNano: `${us(startMs + from)}000`,
    endTimeUnixNano: to === undefined ? "0" : `${us(startMs + to)}000`,
  });
  const file = write(
    "odd.json",
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [] },
          scopeSpans: [
            {
              spans: [
                span("a", "", 2, 0, 100),
                span("b", "a", 3, 80, 130),
                span("c", "a", 3, 70, 90),
                span("d", "a", 3, 0, undefined),
                span("e", "gone", 2, 0, 5),
                span("a", "", 2, 0, 100),
              ],
            },
          ],
        },
      ],
    }),
  );
  const findings: Finding[] = [];
  const { spans } = await importSpans(file, findings);
  const nodes = spanTree(spans);
  const a = nodes.find((node) => node.span.spanId === "a");
  expect(a?.selfMs).toBeCloseTo(70, 3);
  expect(a?.hasSkew).toBe(true);
  const told = findings.map(({ what }) => what).join("\n");
  expect(told).toContain("1 spans came more than once");
  expect(told).toContain("1 spans were still running");
  expect(told).toContain("1 spans name a parent that the export does not hold");
});

/** One sound file for every kind of fit and every importer, small, and the command that reads it. */
import { Stream } from "../../sim/kernel/random/stream.ts";

const draw = new Stream("good", "inputs");
const firstMs = Date.parse("2026-03-02T00:00:00Z");
const at = (seconds: number) => new Date(firstMs + seconds * 1000).toISOString();
const rows = <Row>(count: number, row: (i: number) => Row): Row[] =>
  Array.from({ length: count }, (_, i) => row(i));
const near = (value: number, share = 0.1) => value * (1 + share * (2 * draw.uniform() - 1));
const text = (lines: readonly string[]) => `${lines.join("\n")}\n`;

export interface GoodInput {
  readonly name: string;
  readonly extension: "csv" | "json" | "jsonl" | "log" | "txt";
  readonly text: string;
  /** Words after `stormbell`, with FILE where the file goes. */
  readonly command: readonly string[];
  /** Whether every row or document has a time that the file gives. */
  readonly isTimed: boolean;
  /** Damages that touch only what the command does not look at. */
  readonly exempt?: readonly string[];
}

const table = (
  name: string,
  header: string,
  lines: readonly string[],
  command: readonly string[],
  isTimed = false,
  exempt: readonly string[] = [],
): GoodInput => ({
  name,
  extension: "csv",
  text: text([header, ...lines]),
  command,
  isTimed,
  exempt,
});

/** An answer that names lines names others when a line stands before the table. */
const linesAreTold = ["the delimiter told as spreadsheets do"];

const responses = text([
  "timestamp_s,response_time_s",
  ...rows(600, (i) => `${(firstMs / 1000 + i * 3 + 1).toFixed(2)},${near(0.05, 0.5).toFixed(4)}`),
]);

const getMetricData = JSON.stringify({
  MetricDataQueries: [
    {
      Id: "a",
      MetricStat: {
        Metric: {
          Namespace: "AWS/ApplicationELB",
          MetricName: "RequestCount",
          Dimensions: [{ Name: "LoadBalancer", Value: "app/orders/1" }],
        },
        Period: 60,
        Stat: "Sum",
      },
    },
  ],
  MetricDataResults: [
    {
      Id: "a",
      Label: "RequestCount",
      Timestamps: rows(200, (i) => at(i * 60)),
      Values: rows(200, () => Math.round(near(500))),
      StatusCode: "Complete",
    },
  ],
});

const prometheus = JSON.stringify({
  status: "success",
  data: {
    resultType: "matrix",
    result: [
      {
        metric: { __name__: "queue_length", service: "orders" },
        values: rows(200, (i) => [firstMs / 1000 + i * 60, String(Math.round(near(50)))]),
      },
    ],
  },
});

const statistics = JSON.stringify({
  Label: "CPUUtilization",
  Datapoints: rows(200, (i) => ({ Timestamp: at(i * 60), Average: near(40), Unit: "Percent" })),
});

const metricStream = text(
  rows(200, (i) =>
    JSON.stringify({
      namespace: "AWS/Lambda",
      metric_name: "Duration",
      dimensions: { FunctionName: "risk-check" },
      timestamp: firstMs + i * 60_000,
      value: { count: 10, sum: near(500), max: 90, min: 3 },
      unit: "Milliseconds",
    }),
  ),
);

const otlpMetrics = JSON.stringify({
  resourceMetrics: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "orders" } }] },
      scopeMetrics: [
        {
          scope: {},
          metrics: [
            {
              name: "queue.length",
              unit: "1",
              gauge: {
                dataPoints: rows(200, (i) => ({
                  timeUnixNano: `${firstMs + i * 60_000}000000`,
                  asDouble: near(50),
                })),
              },
            },
          ],
        },
      ],
    },
  ],
});

const otlpSpans = text(
  rows(80, (i) =>
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "orders" } }] },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: String(i).padStart(32, "0"),
                  spanId: String(i).padStart(16, "a"),
                  name: "POST /order",
                  kind: 2,
                  startTimeUnixNano: `${firstMs + i * 1000}000000`,
                  endTimeUnixNano: `${Math.round(firstMs + i * 1000 + near(40))}000000`,
                },
              ],
            },
          ],
        },
      ],
    }),
  ),
);

const jaeger = JSON.stringify({
  data: rows(80, (i) => ({
    traceID: `t${i}`,
    spans: [
      {
        traceID: `t${i}`,
        spanID: `s${i}`,
        operationName: "order",
        references: [],
        startTime: (firstMs + i * 1000) * 1000,
        duration: Math.round(near(40_000)),
        tags: [],
        processID: "p1",
      },
    ],
    processes: { p1: { serviceName: "orders" } },
  })),
});

const xray = JSON.stringify({
  Traces: rows(80, (i) => ({
    Id: `1-69a59ee8-${String(i).padStart(24, "0")}`,
    Segments: [
      {
        Id: String(i).padStart(16, "0"),
        Document: JSON.stringify({
          id: String(i).padStart(16, "0"),
          name: "orders",
          trace_id: `1-69a59ee8-${String(i).padStart(24, "0")}`,
          start_time: firstMs / 1000 + i,
          end_time: firstMs / 1000 + i + near(0.04),
        }),
      },
    ],
  })),
});

const accessLog = text(
  rows(120, (i) => {
    const seconds = near(0.04);
    return `https ${at(i * 1.5 + seconds)} app/orders/0123 203.0.113.7:51022 10.0.3.17:8080 0.001 ${seconds.toFixed(3)} 0.000 201 201 812 344 "POST https://orders.example:443/v1/order HTTP/2.0" "desk/4.2" TLS_AES TLSv1.3 arn:aws:x:targetgroup/orders/1 "Root=1-69a5" "orders.example" "-" 0 ${at(i * 1.5)} "forward" "-" "-" "10.0.3.17:8080" "201" "-" "-" TID_1`;
  }),
);

export const goodInputs: readonly GoodInput[] = [
  table(
    "usl",
    "load,throughput",
    [1, 2, 4, 8, 16, 32, 64, 128].map(
      (n) => `${n},${near((90 * n) / (1 + 0.03 * (n - 1) + 1e-4 * n * (n - 1)), 0.01).toFixed(1)}`,
    ),
    ["fit", "usl", "FILE"],
  ),
  table(
    "load",
    "connections,throughput_rps,latency_mean_ms",
    [8, 16, 32, 64, 128, 256].map((n) => {
      const x = Math.min(58_000, 1000 * n);
      return `${n},${x},${((1000 * n) / x).toFixed(3)}`;
    }),
    ["fit", "load", "FILE"],
    false,
    linesAreTold,
  ),
  table(
    "counts",
    "timestamp,value",
    rows(400, (i) => `${at(i * 300)},${Math.round(near(200))}`),
    ["fit", "arrivals", "FILE"],
    true,
  ),
  {
    name: "count-list",
    extension: "txt",
    text: text(rows(1200, () => String(Math.round(near(20))))),
    command: ["fit", "arrivals", "FILE", "--period", "1s"],
    isTimed: false,
  },
  table(
    "events",
    "arrived,amount",
    rows(80, (i) => `${at(i * 1.3 + draw.uniform())},${i}`),
    ["fit", "arrivals", "FILE", "--timestamps", "arrived"],
    true,
    ["units in some cells"],
  ),
  {
    name: "access-log",
    extension: "log",
    text: accessLog,
    command: ["fit", "arrivals", "FILE"],
    isTimed: true,
  },
  {
    name: "access-log-service",
    extension: "log",
    text: accessLog,
    command: ["fit", "service", "FILE"],
    isTimed: true,
  },
  {
    name: "responses",
    extension: "csv",
    text: responses,
    command: ["fit", "demand", "--rt", "place=FILE", "--util", "UTIL"],
    isTimed: false,
  },
  table(
    "utilisation",
    "timestamp_s,host1_CPU_UTILIZATION",
    rows(60, (i) => `${firstMs / 1000 + (i + 1) * 30},${near(0.02).toFixed(4)}`),
    ["fit", "demand", "--rt", "place=RESPONSES", "--util", "FILE"],
  ),
  table(
    "drivers",
    "timestamp,cpu_time,call_rate,txn_rate",
    rows(120, (i) => {
      const [calls, transactions] = [near(900, 0.5), near(30, 0.5)];
      return `${at(i * 120)},${(calls * 3e-4 + transactions * 0.03).toFixed(4)},${calls.toFixed(1)},${transactions.toFixed(2)}`;
    }),
    ["fit", "demand", "--util", "FILE", "--y", "cpu_time", "--x", "call_rate,txn_rate"],
    true,
  ),
  table(
    "durations",
    "timestamp,duration_ms",
    rows(60, (i) => `${at(i)},${near(40, 0.6).toFixed(3)}`),
    ["fit", "service", "FILE"],
    true,
  ),
  table(
    "percentiles",
    "timestamp,p50_ms,p90_ms,p99_ms,mean_ms",
    rows(
      12,
      (i) =>
        `${at(i * 60)},${near(40).toFixed(2)},${near(80).toFixed(2)},${near(160).toFixed(2)},${near(48).toFixed(2)}`,
    ),
    ["fit", "service", "FILE"],
    true,
    linesAreTold,
  ),
  table(
    "span-table",
    "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano",
    rows(
      80,
      (i) =>
        `t${i},s${i},root,orders,order,${firstMs + i * 1000}000000,${Math.round(firstMs + i * 1000 + near(40))}000000`,
    ),
    ["fit", "spans", "FILE"],
    true,
  ),
  {
    name: "otlp-spans",
    extension: "jsonl",
    text: otlpSpans,
    command: ["fit", "spans", "FILE"],
    isTimed: true,
  },
  {
    name: "jaeger",
    extension: "json",
    text: jaeger,
    command: ["fit", "spans", "FILE"],
    isTimed: true,
  },
  { name: "xray", extension: "json", text: xray, command: ["fit", "spans", "FILE"], isTimed: true },
  table(
    "hits",
    "timestamp,hits,misses",
    rows(60, (i) => `${at(i * 60)},${Math.round(near(900))},${Math.round(near(100))}`),
    ["fit", "cache", "FILE"],
    true,
  ),
  table(
    "keys",
    "time,key,size",
    rows(600, (i) => `${i},k${Math.floor(40 * draw.uniform() ** 2)},${512 * (1 + (i % 3))}`),
    ["fit", "cache", "FILE", "--sizes", "8KiB"],
  ),
  table(
    "invocations",
    "timestamp,function,memorySize,duration,initDuration",
    rows(
      40,
      (i) =>
        `${firstMs + i * 60_000},f,${i % 2 ? 512 : 1024},${near(40).toFixed(2)},${i % 3 ? "" : near(400, 0.3).toFixed(2)}`,
    ),
    ["fit", "coldstart", "FILE"],
    true,
  ),
  {
    name: "report-lines",
    extension: "log",
    text: text(
      rows(
        40,
        (i) =>
          `${at(i * 60)} REPORT RequestId: r${i}\tDuration: ${near(3).toFixed(2)} ms\tBilled Duration: 4 ms\tMemory Size: 512 MB\tMax Memory Used: 81 MB${i % 2 ? `\tInit Duration: ${near(180).toFixed(2)} ms` : ""}`,
      ),
    ),
    command: ["fit", "coldstart", "FILE"],
    isTimed: true,
  },
  table(
    "failovers",
    "start,end,duration_s",
    rows(5, (i) => `${at(i * 1e5)},${at(i * 1e5 + 12)},${near(12).toFixed(1)}`),
    ["fit", "failover", "FILE"],
    true,
  ),
  table(
    "detections",
    "failure_detection_grace_ms,failure_detection_interval_ms,failure_detection_count,network_outage_delay_ms,avg_failure_detection_time_ms",
    rows(12, (i) => `30000,5000,3,${i * 5000},${Math.max(30_000 - i * 5000, 0) + 15_000 + 1110}`),
    ["fit", "failover", "FILE"],
  ),
  table(
    "hosts",
    "value,starttime,VM_id",
    rows(300, (i) => `${near(1000 + 30 * (i % 6), 0.02).toFixed(1)},${at(i * 3600)},vm${i % 6}`),
    ["fit", "capacity", "FILE"],
    true,
    ["units in some cells"],
  ),
  table(
    "series",
    "timestamp,value",
    rows(400, (i) => `${at(i * 300)},${near(i < 250 ? 40 : 60).toFixed(3)}`),
    ["fit", "drift", "FILE"],
    true,
  ),
  {
    name: "get-metric-data",
    extension: "json",
    text: getMetricData,
    command: ["fit", "arrivals", "FILE"],
    isTimed: true,
  },
  {
    name: "get-metric-statistics",
    extension: "json",
    text: statistics,
    command: ["fit", "drift", "FILE"],
    isTimed: true,
  },
  {
    name: "metric-stream",
    extension: "jsonl",
    text: metricStream,
    command: ["fit", "drift", "FILE", "--value", "Duration Sum"],
    isTimed: true,
  },
  {
    name: "otlp-metrics",
    extension: "json",
    text: otlpMetrics,
    command: ["fit", "drift", "FILE"],
    isTimed: true,
  },
  {
    name: "prometheus",
    extension: "json",
    text: prometheus,
    command: ["fit", "drift", "FILE"],
    isTimed: true,
  },
  {
    name: "console",
    extension: "csv",
    text: text([
      "Full label,orders RequestCount",
      "Label,RequestCount",
      "Statistic,Sum",
      "Period,60",
      ...rows(
        200,
        (i) =>
          `${at(i * 60)
            .slice(0, 19)
            .replace("T", " ")
            .replaceAll("-", "/")},${Math.round(near(500))}`,
      ),
    ]),
    command: ["fit", "drift", "FILE"],
    isTimed: true,
    // The console writes commas; its first rows are names, not cells.
    exempt: ["semicolons", "one column name twice", "a row short of a cell"],
  },
  {
    name: "quality",
    extension: "json",
    text: getMetricData,
    command: ["calibrate", "quality", "FILE"],
    isTimed: true,
  },
  {
    name: "calibrate",
    extension: "json",
    text: getMetricData,
    command: ["calibrate", "current", "--metrics", "FILE"],
    isTimed: true,
  },
];

/** Files that some commands need beside the one that is tried. */
export const companions = {
  RESPONSES: responses,
  UTIL: goodInputs.find(({ name }) => name === "utilisation")?.text ?? "",
};

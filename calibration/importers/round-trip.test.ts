import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Finding } from "../fit-report.ts";
import { importSeries } from "./import-series.ts";
import { withoutRequests } from "./request-beside.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-import-"));
const startMs = Date.UTC(2026, 2, 2, 14, 30);
/** A minute series with a gap of two points. */
const points = Array.from(
  { length: 50 },
  (_, i) => [startMs + i * 60_000, 40 + ((i * 37) % 11) / 10] as const,
).filter((_, i) => i !== 20 && i !== 21);
const iso = (ms: number) => new Date(ms).toISOString();

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

const request = {
  MetricDataQueries: [
    {
      Id: "cpu",
      MetricStat: {
        Metric: {
          Namespace: "AWS/ECS",
          MetricName: "CPUUtilization",
          Dimensions: [{ Name: "ServiceName", Value: "orders" }],
        },
        Period: 60,
        Stat: "Average",
        Unit: "Percent",
      },
    },
  ],
};

/** Points of one metric, a request a line, as a collector's file exporter writes them. */
function otlpPoints(
  kind: "gauge" | "sum",
  all: readonly object[],
  more: Readonly<Record<string, unknown>> = {},
): string {
  return all
    .map((point) =>
      JSON.stringify({
        resourceMetrics: [
          {
            resource: { attributes: [{ key: "service.name", value: { stringValue: "orders" } }] },
            scopeMetrics: [
              { metrics: [{ name: "m", unit: "1", [kind]: { ...more, dataPoints: [point] } }] },
            ],
          },
        ],
      }),
    )
    .join("\n");
}

/** The same series in each form; each gives the index of the series that carries the values. */
const forms: readonly (readonly [name: string, text: string])[] = [
  ["plain.csv", `timestamp,value\n${points.map(([at, v]) => `${iso(at)},${v}`).join("\n")}\n`],
  [
    "plain.csv.gz",
    `timestamp,value\r\n${points.map(([at, v]) => `${at / 1000},${v}`).join("\r\n")}\r\n`,
  ],
  [
    "get-metric-data.json",
    JSON.stringify({
      MetricDataResults: [
        {
          Id: "cpu",
          Label: "CPUUtilization",
          StatusCode: "Complete",
          Timestamps: [...points].reverse().map(([at]) => iso(at)),
          Values: [...points].reverse().map(([, v]) => v),
        },
      ],
      NextToken: "",
    }),
  ],
  [
    "get-metric-data-epoch.json",
    JSON.stringify({
      MetricDataResults: [
        {
          Id: "cpu",
          Label: "CPUUtilization",
          StatusCode: "Complete",
          Timestamps: points.map(([at]) => at / 1000),
          Values: points.map(([, v]) => v),
        },
      ],
    }),
  ],
  [
    "get-metric-statistics.json",
    JSON.stringify({
      Label: "CPUUtilization",
      Datapoints: [...points]
        .sort((a, b) => a[1] - b[1])
        .map(([at, v]) => ({ Timestamp: iso(at), Average: v, Unit: "Percent" })),
    }),
  ],
  [
    "console.csv",
    `\uFEFFFull label,"orders, CPUUtilization"\r\nLabel,CPUUtilization\r\nStatistic,Average\r\nPeriod,60\r\n${points.map(([at, v]) => `${iso(at).slice(0, 19).replace("T", " ").replaceAll("-", "/")},${v}`).join("\r\n")}\r\n`,
  ],
  [
    "stream.jsonl.gz",
    points
      .map(([at, v]) =>
        JSON.stringify({
          metric_stream_name: "twin",
          namespace: "AWS/ECS",
          metric_name: "CPUUtilization",
          dimensions: { ServiceName: "orders" },
          timestamp: at,
          value: { p50: v },
          unit: "Percent",
        }),
      )
      .join("\n"),
  ],
  [
    "otlp.json",
    points
      .map(([at, v]) =>
        JSON.stringify({
          resourceMetrics: [
            {
              resource: { attributes: [] },
              scopeMetrics: [
                {
                  metrics: [
                    {
                      name: "amazonaws.com/AWS/ECS/CPUUtilization",
                      unit: "%",
                      gauge: {
                        dataPoints: [
                          {
                            attributes: [
                              { key: "MetricName", value: { stringValue: "CPUUtilization" } },
                            ],
                            startTimeUnixNano: `${at}000000`,
                            timeUnixNano: `${at + 60_000}000000`,
                            asDouble: v,
                          },
                        ],
                      },
                    },
                  ],
                },
              ],
            },
          ],
        }),
      )
      .join("\n"),
  ],
  [
    "get-metric-data-pages.json",
    JSON.stringify(
      [points.slice(30), points.slice(0, 30)].map((page, i) => ({
        MetricDataResults: [
          {
            Id: "cpu",
            Label: "CPUUtilization",
            StatusCode: i === 0 ? "PartialData" : "Complete",
            Timestamps: [...page].reverse().map(([at]) => iso(at).replace(".000Z", "+00:00")),
            Values: [...page].reverse().map(([, v]) => v),
          },
        ],
        NextToken: i === 0 ? "more" : "",
      })),
    ),
  ],
  [
    "get-metric-statistics-parts.jsonl.gz",
    [points.slice(0, 25), points.slice(25)]
      .map((part) =>
        JSON.stringify({
          Label: "CPUUtilization",
          Datapoints: part.map(([at, v]) => ({
            Timestamp: at / 1000,
            Average: v,
            Unit: "Percent",
          })),
        }),
      )
      .join("\n"),
  ],
  [
    "stream-with-late-and-repeated-lines.jsonl",
    [...points.slice(5), [points[7]![0], points[7]![1]] as const, ...points.slice(0, 5)]
      .map(([at, v]) =>
        JSON.stringify({
          metric_stream_name: "twin",
          namespace: "AWS/ECS",
          metric_name: "CPUUtilization",
          dimensions: {},
          timestamp: at,
          value: { "TM(10%:90%)": v },
          unit: "Percent",
        }),
      )
      .join("\n"),
  ],
  [
    "otlp-gauge-since-the-start.json",
    otlpPoints(
      "gauge",
      points.map(([at, v]) => ({
        startTimeUnixNano: `${startMs - 3_600_000}000000`,
        timeUnixNano: `${at}000000`,
        asDouble: v,
      })),
    ),
  ],
  [
    "prometheus-with-gaps-told-as-nan.json.gz",
    JSON.stringify({
      status: "success",
      data: {
        resultType: "matrix",
        result: [
          {
            metric: { service: "orders" },
            values: [
              ...points.map(([at, v]) => [at / 1000, String(v)] as const),
              [startMs / 1000 + 20 * 60, "NaN"] as const,
              [startMs / 1000 + 21 * 60, "+Inf"] as const,
            ],
          },
        ],
      },
    }),
  ],
  [
    "prometheus.json",
    JSON.stringify({
      status: "success",
      data: {
        resultType: "matrix",
        result: [
          {
            metric: { __name__: "cpu", service: "orders" },
            values: points.map(([at, v]) => [at / 1000, String(v)]),
          },
        ],
      },
    }),
  ],
];

test.each(forms)("one series comes out of %s as it went in", async (name, text) => {
  const findings: Finding[] = [];
  const { series } = await importSeries(write(name, text), findings, request);
  expect(series).toHaveLength(1);
  const [only] = series;
  expect(only?.periodSec).toBe(60);
  expect([...(only?.timesMs ?? [])]).toEqual(points.map(([at]) => at));
  expect([...(only?.values ?? [])]).toEqual(points.map(([, v]) => v));
  expect(only?.gaps).toEqual([
    { fromMs: startMs + 19 * 60_000, toMs: startMs + 22 * 60_000, missing: 2 },
  ]);
});

/** A counter of 5 a minute, then 7, started anew before the fifth point. */
const counted = [100, 105, 110, 117, 3, 10];

test("a counter that only grows comes out as what it grew by, a request a line and in any order", async () => {
  const cumulative = counted.map((value, i) => ({
    startTimeUnixNano: `${startMs - 86_400_000}000000`,
    timeUnixNano: `${startMs + i * 60_000}000000`,
    asInt: String(value),
  }));
  const text = otlpPoints("sum", cumulative.reverse(), {
    aggregationTemporality: 2,
    isMonotonic: true,
  });
  const { series } = await importSeries(write("cumulative.jsonl", text), []);
  expect([...series[0]!.values]).toEqual([5, 5, 7, 3, 7]);
  expect(series[0]).toMatchObject({ periodSec: 60, stat: "Sum" });
  expect(series[0]!.timesMs[0]).toBe(startMs);
});

test("a level that goes up and down is a level, however it is summed", async () => {
  const text = otlpPoints(
    "sum",
    [4, 6, 5].map((value, i) => ({
      startTimeUnixNano: `${startMs - 86_400_000}000000`,
      timeUnixNano: `${startMs + i * 60_000}000000`,
      asInt: value,
    })),
    { aggregationTemporality: 2, isMonotonic: false },
  );
  const { series } = await importSeries(write("level.jsonl", text), []);
  expect([...series[0]!.values]).toEqual([4, 6, 5]);
});

test("series of one name with other attributes are series of their own", async () => {
  const text = ["/a", "/b"]
    .map((route) =>
      otlpPoints("gauge", [
        {
          attributes: [{ key: "http.route", value: { stringValue: route } }],
          timeUnixNano: `${startMs}000000`,
          asDouble: 1,
        },
      ]),
    )
    .join("\n");
  const { series } = await importSeries(write("routes.jsonl", text), []);
  expect(series.map(({ component }) => component)).toEqual([
    "orders, http.route=/a",
    "orders, http.route=/b",
  ]);
});

test("a counter of Prometheus is turned into increases and told; one that has been through rate is not", async () => {
  const matrix = (metric: object) =>
    JSON.stringify({
      status: "success",
      data: {
        resultType: "matrix",
        result: [{ metric, values: counted.map((v, i) => [startMs / 1000 + i * 60, String(v)]) }],
      },
    });
  const findings: Finding[] = [];
  const raw = await importSeries(
    write("counter.json", matrix({ __name__: "requests_total" })),
    findings,
  );
  expect([...raw.series[0]!.values]).toEqual([5, 5, 7, 3, 7]);
  expect(findings[0]?.what).toContain("requests_total");
  const rated = await importSeries(write("rated.json", matrix({})), []);
  expect([...rated.series[0]!.values]).toEqual(counted);
});

test("the series of a search share an id and stay apart, and what CloudWatch remarks is told", async () => {
  const result = (label: string, value: number) => ({
    Id: "e1",
    Label: label,
    StatusCode: "Complete",
    Timestamps: [iso(startMs)],
    Values: [value],
  });
  const findings: Finding[] = [];
  const { series } = await importSeries(
    write(
      "search.json",
      JSON.stringify({
        MetricDataResults: [result("a CPUUtilization", 1), result("b CPUUtilization", 2)],
        Messages: [{ Code: "MaxMetricsExceeded", Value: "the search found more" }],
      }),
    ),
    findings,
  );
  expect(series.map(({ id, metric, values }) => [id, metric, ...values])).toEqual([
    ["e1 a CPUUtilization", "CPUUtilization", 1],
    ["e1 b CPUUtilization", "CPUUtilization", 2],
  ]);
  expect(findings.map(({ what }) => what).join("\n")).toContain("MaxMetricsExceeded");
});

test("several statistics of a metric are series of their own, and so are several results of a range query", async () => {
  const text = JSON.stringify({
    Label: "Latency",
    Datapoints: [
      {
        Timestamp: iso(startMs),
        Average: 1,
        SampleCount: 5,
        ExtendedStatistics: { p99: 3 },
        Unit: "Seconds",
      },
    ],
  });
  const { series } = await importSeries(write("statistics.json", text), []);
  expect(series.map(({ id, values }) => [id, ...values])).toEqual([
    ["Latency Average", 1],
    ["Latency SampleCount", 5],
    ["Latency p99", 3],
  ]);
  const answers = ["a", "b"]
    .map((service) =>
      JSON.stringify({
        status: "success",
        data: {
          resultType: "matrix",
          result: [{ metric: { __name__: "up", service }, values: [[startMs / 1000, "1"]] }],
        },
      }),
    )
    .join("\n");
  const several = await importSeries(write("answers.jsonl", answers), []);
  expect(several.series.map(({ id }) => id)).toEqual(["up{service=a}", "up{service=b}"]);
});

test("the request beside an answer gives metric, statistic, unit and component", async () => {
  const { series } = await importSeries(join(folder, "get-metric-data.json"), [], request);
  expect(series[0]).toMatchObject({
    id: "cpu",
    metric: "CPUUtilization",
    stat: "Average",
    unit: "Percent",
    component: "ServiceName=orders",
  });
  const findings: Finding[] = [];
  await importSeries(join(folder, "get-metric-data.json"), findings);
  expect(findings[0]?.what).toContain("no request beside them");
});

test("of a stream the wanted series is kept, and a name that none has is told with those there are", async () => {
  const line = (fn: string, at: number) =>
    JSON.stringify({
      metric_stream_name: "t",
      metric_name: "Duration",
      dimensions: { FunctionName: fn },
      timestamp: at,
      value: { sum: 1, p99: 2 },
      unit: "Milliseconds",
    });
  const file = write("two.jsonl", [line("a", startMs), line("b", startMs)].join("\n"));
  const one = "Duration FunctionName=a p99";
  const { series } = await importSeries(file, [], undefined, ({ id }) => id === one);
  expect(series.map(({ id }) => id)).toEqual([one]);
  await expect(importSeries(file, [], undefined, () => false)).rejects.toMatchObject({
    code: "import.series-unclear",
    problem: expect.stringContaining("Duration FunctionName=b Sum"),
  });
});

test("a request is found beside its answer, and told from exports when it is given among them", async () => {
  const answer = write("week.json", forms[2]![1]);
  const given = write("queries.json", JSON.stringify(request.MetricDataQueries));
  expect(await withoutRequests([answer, given])).toEqual({
    exports: [answer],
    request: { MetricDataQueries: request.MetricDataQueries },
  });
  const other = write("other-queries.json", JSON.stringify([{ Id: "cpu", Expression: "a + b" }]));
  await expect(withoutRequests([answer, given, other])).rejects.toMatchObject({
    code: "import.request-unclear",
    at: other,
  });
  await expect(withoutRequests([given])).rejects.toMatchObject({ code: "import.only-requests" });
  write("week.request.json", JSON.stringify(request));
  const { series } = await importSeries(answer, []);
  expect(series[0]).toMatchObject({ component: "ServiceName=orders", unit: "Percent" });
});

const damaged: readonly (readonly [name: string, text: string, code: string, where: string])[] = [
  ["cut.json", forms[2]![1].slice(0, 200), "import.json-damaged", ":1"],
  [
    "partial.json",
    forms[2]![1].replace("Complete", "PartialData"),
    "import.incomplete",
    "/MetricDataResults/0",
  ],
  [
    "next.json",
    forms[2]![1].replace('"NextToken":""', '"NextToken":"abc"'),
    "import.incomplete",
    "next.json",
  ],
  [
    "uneven.json",
    '{"MetricDataResults":[{"Id":"a","Label":"a","StatusCode":"Complete","Timestamps":["2026-03-02T14:30:00Z"],"Values":[]}]}',
    "import.uneven-points",
    "/MetricDataResults/0",
  ],
  [
    "bad-time.json",
    '{"MetricDataResults":[{"Id":"a","Label":"a","StatusCode":"Complete","Timestamps":["yesterday"],"Values":[1]}]}',
    "import.bad-time",
    "/Timestamps/0",
  ],
  [
    "mixed.json",
    '{"Label":"L","Datapoints":[{"Timestamp":"2026-03-02T14:30:00Z","Average":1,"Unit":"Seconds"},{"Timestamp":"2026-03-02T14:31:00Z","Average":2,"Unit":"Milliseconds"}]}',
    "import.mixed-units",
    "mixed.json",
  ],
  ["empty.csv", "", "input.empty", "empty.csv"],
  ["header.csv", "timestamp,value\n", "table.empty", "header.csv"],
  [
    "cut.csv",
    "timestamp,value\n2026-03-02T14:30:00Z,1\n2026-03-02T14:31:00Z",
    "table.uneven",
    ":3",
  ],
  [
    "words.csv",
    "timestamp,value\n2026-03-02T14:30:00Z,1\n2026-03-02T14:31:00Z,oops\n",
    "table.not-a-number",
    ":3",
  ],
  [
    "future.csv",
    "timestamp,value\n2026-03-02T14:30:00Z,1\n2999-03-02T14:31:00Z,2\n",
    "series.future-dated",
    ":3",
  ],
  [
    "vector.json",
    '{"status":"success","data":{"resultType":"vector","result":[]}}',
    "import.prometheus-not-a-range",
    "vector.json",
  ],
  [
    "refused.json",
    '{"status":"error","errorType":"bad_data","error":"parse error"}',
    "import.prometheus-error",
    "refused.json",
  ],
  [
    "words-prometheus.json",
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1772461800,"abc"]]}]}}',
    "import.not-a-number",
    "/data/result/0/values/0",
  ],
  [
    "words-metric-data.json",
    '{"MetricDataResults":[{"Id":"a","Label":"a","StatusCode":"Complete","Timestamps":["2026-03-02T14:30:00Z"],"Values":["x"]}]}',
    "import.not-a-number",
    "/MetricDataResults/0/Values/0",
  ],
  [
    "words-console.csv",
    "Full label,a\nLabel,a\nPeriod,60\n2026/03/02 14:30:00,1\n2026/03/02 14:31:00,x\n",
    "import.not-a-number",
    ":5, column 2",
  ],
  [
    "stray-console.csv",
    "Full label,a\nLabel,a\nPeriod,60\n2026/03/02 14:30:00,1\nstray,5\n",
    "import.bad-time",
    ":5",
  ],
  [
    "seconds-stream.jsonl",
    '{"metric_stream_name":"t","metric_name":"CPU","dimensions":{},"timestamp":1772461800,"value":{"sum":1},"unit":"Percent"}',
    "import.bad-time",
    "seconds-stream.jsonl",
  ],
  [
    "words-stream.jsonl",
    '{"metric_stream_name":"t","metric_name":"CPU","dimensions":{},"timestamp":1772461800000,"value":{"sum":"x"},"unit":"Percent"}',
    "import.not-a-number",
    ":1",
  ],
  [
    "exchanged-otlp.json",
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"startTimeUnixNano":"1772461860000000000","timeUnixNano":"1772461800000000000","asDouble":1}]}}]}]}]}',
    "import.bad-time",
    "exchanged-otlp.json",
  ],
  [
    "native-histogram.json",
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"h"},"histograms":[[1772461800,{"count":"1","sum":"2"}]]}]}}',
    "import.prometheus-histograms",
    "/data/result/0",
  ],
  [
    "words-otlp.json",
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":"1772461800000000000","asDouble":"abc"}]}}]}]}]}',
    "import.not-a-number",
    "words-otlp.json",
  ],
  ["other.json", '{"hello":1}', "import.form-unknown", "other.json"],
  [
    "line.jsonl",
    `${forms[6]![1].split("\n")[0]}\n{"metric_stream_name":"x"\n`,
    "import.json-damaged",
    ":2",
  ],
];

test.each(damaged)("%s is refused with its place and a remedy", async (name, text, code, where) => {
  const error = await importSeries(write(name, text), []).then(
    () => undefined,
    (each: { code: string; at?: string; remedy: string }) => each,
  );
  expect(error?.code).toBe(code);
  expect(error?.at).toContain(where);
  expect(error?.remedy.length).toBeGreaterThan(10);
});

test("a gzip file that was cut short is named as such", async () => {
  const path = join(folder, "cut.csv.gz");
  writeFileSync(
    path,
    gzipSync(`timestamp,value\n${"2026-03-02T14:30:00Z,1\n".repeat(1000)}`).subarray(0, 60),
  );
  await expect(importSeries(path, [])).rejects.toMatchObject({
    code: "input.gzip-damaged",
    at: path,
  });
});

test("columns of one name are two series, not one that overwrites itself", async () => {
  const text = "Full label,a,a\nLabel,a,a\nPeriod,60,60\n2026/03/02 14:30:00,1,2\n";
  const { series } = await importSeries(write("twice.csv", text), []);
  expect(series.map(({ id, values }) => [id, ...values])).toEqual([
    ["a (column 2)", 1],
    ["a (column 3)", 2],
  ]);
});

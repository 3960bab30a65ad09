/** Binary metric streams against the same messages as JSON. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { fitArrivalsFile } from "../fits/fit-arrivals-file.ts";
import { importSeries } from "./import-series.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-otlp-"));
const startMs = Date.UTC(2026, 2, 2, 14, 30);
const minutes = Array.from({ length: 40 }, (_, i) => ({
  atMs: startMs + i * 60_000,
  count: 300 + ((i * 37) % 90),
  sum: 131.5 + i,
  p99: 6.75 + i / 8,
}));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

type Bytes = readonly number[];

function varint(value: number): Bytes {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

const message = (field: number, content: Bytes): Bytes => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string) => message(field, [...new TextEncoder().encode(value)]);
const fixed = (field: number, fill: (view: DataView) => void): Bytes => {
  const view = new DataView(new ArrayBuffer(8));
  fill(view);
  return [...varint(field * 8 + 1), ...new Uint8Array(view.buffer)];
};
const double = (field: number, value: number) =>
  fixed(field, (view) => view.setFloat64(0, value, true));
const whole = (field: number, value: bigint) =>
  fixed(field, (view) => view.setBigUint64(0, value, true));

const keyValue = (field: number, key: string, value: Bytes) =>
  message(field, [...text(1, key), ...message(2, value)]);

/** Attributes as 1.0 has them, or flat labels as 0.7 has. */
const names = {
  "1.0": [
    ...keyValue(7, "Namespace", text(1, "AWS/RDS")),
    ...keyValue(7, "MetricName", text(1, "CommitLatency")),
    ...keyValue(7, "Dimensions", message(6, keyValue(1, "DBClusterIdentifier", text(1, "ledger")))),
  ],
  "0.7": [
    ["Namespace", "AWS/RDS"],
    ["MetricName", "CommitLatency"],
    ["DBClusterIdentifier", "ledger"],
  ].flatMap(([key = "", value = ""]) => message(1, [...text(1, key), ...text(2, value)])),
};

function request(version: "1.0" | "0.7", part: typeof minutes): Bytes {
  const points = part.flatMap(({ atMs, count, sum, p99 }) =>
    message(1, [
      ...names[version],
      ...whole(2, BigInt(atMs) * 1_000_000n),
      ...whole(3, BigInt(atMs + 60_000) * 1_000_000n),
      ...whole(4, BigInt(count)),
      ...double(5, sum),
      // The quantile 0 is left out on the wire.
      ...message(6, double(2, 1.25)),
      ...message(6, [...double(1, 0.99), ...double(2, p99)]),
    ]),
  );
  const metric = [
    ...text(1, "amazonaws.com/AWS/RDS/CommitLatency"),
    ...text(3, "ms"),
    ...message(11, points),
  ];
  const resource = keyValue(1, "cloud.provider", text(1, "aws"));
  return message(1, [...message(1, resource), ...message(2, message(2, metric))]);
}

/** Several requests, each with its length before it, as Firehose puts them into one object. */
function stream(version: "1.0" | "0.7"): Uint8Array {
  return Uint8Array.from(
    [minutes.slice(0, 15), minutes.slice(15)].flatMap((part) => {
      const bytes = request(version, part);
      return [...varint(bytes.length), ...bytes];
    }),
  );
}

const json = JSON.stringify({
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            {
              name: "amazonaws.com/AWS/RDS/CommitLatency",
              unit: "ms",
              summary: {
                dataPoints: minutes.map(({ atMs, count, sum, p99 }) => ({
                  attributes: [
                    { key: "MetricName", value: { stringValue: "CommitLatency" } },
                    {
                      key: "Dimensions",
                      value: {
                        kvlistValue: {
                          values: [
                            { key: "DBClusterIdentifier", value: { stringValue: "ledger" } },
                          ],
                        },
                      },
                    },
                  ],
                  startTimeUnixNano: `${atMs}000000`,
                  timeUnixNano: `${atMs + 60_000}000000`,
                  count: String(count),
                  sum,
                  quantileValues: [
                    { quantile: 0, value: 1.25 },
                    { quantile: 0.99, value: p99 },
                  ],
                })),
              },
            },
          ],
        },
      ],
    },
  ],
});

test.each(["1.0", "0.7"] as const)(
  "a binary stream of OpenTelemetry %s gives the series of the same message as JSON",
  async (version) => {
    const { series: expected } = await importSeries(write("same.json", json), []);
    expect(expected.map(({ stat }) => stat)).toEqual(["SampleCount", "Sum", "Minimum", "p99"]);
    for (const [name, bytes] of [
      ["stream.bin", stream(version)],
      ["stream.bin.gz", gzipSync(stream(version))],
    ] as const) {
      const { series, form } = await importSeries(write(name, bytes), []);
      expect(form).toBe("OpenTelemetry metrics");
      expect(series).toEqual(expected);
    }
  },
);

test("a fit takes a series of a binary stream by its name", async () => {
  const file = write("fit.bin", stream("1.0"));
  const report = await fitArrivalsFile({
    file,
    value: "CommitLatency SampleCount",
    holdout: 0.3,
    seed: "1",
  });
  const mean = minutes.reduce((total, { count }) => total + count, 0) / minutes.length / 60;
  expect(report.estimates["meanRate"]?.value).toBeCloseTo(mean, 6);
});

test("a binary stream that is cut short anywhere is refused with its place, and none of it is imported", async () => {
  const whole = stream("1.0");
  for (const length of [20, 100, 999, whole.length - 1]) {
    const file = write("cut.bin", whole.subarray(0, length));
    const failure = await importSeries(file, []).catch((error: unknown) => error);
    expect(failure, String(length)).toMatchObject({
      mistakes: [{ code: "import.protobuf-damaged" }],
    });
    expect((failure as { mistakes: { at: string }[] }).mistakes[0]?.at).toContain(`${file} byte `);
  }
});

/** CloudWatch metric streams as JSON, one object a line. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readLines } from "../files/read-text.ts";
import type { Series } from "../series/series.ts";
import { dimensionText, missingMeansOf } from "./cloudwatch-metrics.ts";
import { isRecord, PointGatherer, parseJson, requireNumber, textOf } from "./imported.ts";

const statOfKey: Readonly<Record<string, string>> = {
  count: "SampleCount",
  sum: "Sum",
  max: "Maximum",
  min: "Minimum",
};

export async function importMetricStream(file: string): Promise<readonly Series[]> {
  const gatherer = new PointGatherer();
  let line = 0;
  for await (const batch of readLines(file)) {
    for (const text of batch) {
      line += 1;
      if (text.trim() !== "") addLine(parseJson(text, file, line), gatherer, file, line);
    }
  }
  return gatherer.finish(file);
}

function addLine(record: unknown, gatherer: PointGatherer, file: string, line: number): void {
  const values = isRecord(record) ? record["value"] : undefined;
  if (!isRecord(record) || !isRecord(values) || typeof record["timestamp"] !== "number") {
    throw new TwinError({
      code: "import.stream-line",
      problem: "The line is no record of a metric stream (metric_name, timestamp, value)",
      remedy:
        "Give the objects that the stream wrote to S3, one JSON object a line; nothing was imported",
      at: `${file}:${line}`,
    });
  }
  const metric = textOf(record["metric_name"]);
  const dimensions = isRecord(record["dimensions"])
    ? Object.fromEntries(
        Object.entries(record["dimensions"]).map(([name, each]) => [name, textOf(each)]),
      )
    : {};
  const component = dimensionText(dimensions);
  for (const [key, amount] of Object.entries(values)) {
    const value = requireNumber(amount, file, `:${line}`);
    const stat = statOfKey[key] ?? key;
    const id = [metric, component, stat].filter((part) => part !== "").join(" ");
    const points = gatherer.of(
      {
        id,
        component,
        metric,
        stat,
        unit: textOf(record["unit"]),
        missingMeans: missingMeansOf(metric, stat),
      },
      file,
      String(line),
    );
    points.timesMs.push(record["timestamp"]);
    points.values.push(value);
    points.periodSec = 60;
  }
}

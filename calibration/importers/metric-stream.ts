/** CloudWatch metric streams as JSON, one object a line. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readLines } from "../files/read-text.ts";
import type { Series, SeriesName } from "../series/series.ts";
import { dimensionText, missingMeansOf } from "./cloudwatch-metrics.ts";
import { isRecord, PointGatherer, parseJson, requireNumber, textOf } from "./imported.ts";

const statOfKey: Readonly<Record<string, string>> = {
  count: "SampleCount",
  sum: "Sum",
  max: "Maximum",
  min: "Minimum",
};

/** Whether a series is asked for by what a user calls it. */
export type IsWanted = (name: Pick<SeriesName, "id" | "metric" | "stat">) => boolean;

/** Of the series that are not wanted only the names are kept: a stream of a whole account may be larger than memory. */
export async function importMetricStream(
  file: string,
  isWanted: IsWanted = () => true,
): Promise<readonly Series[]> {
  const gatherer = new PointGatherer();
  let line = 0;
  for await (const batch of readLines(file)) {
    for (const text of batch) {
      line += 1;
      if (text.trim() !== "")
        addLine(parseJson(text, file, line), { gatherer, isWanted }, file, line);
    }
  }
  const names = gatherer.gathered;
  if (names.some(({ values }) => values.length > 0) || names.length === 0)
    return gatherer.finish(file);
  throw new TwinError({
    code: "import.series-unclear",
    problem: `None of the ${names.length} series of the stream is called so: ${names
      .slice(0, namesShown)
      .map(({ id }) => id)
      .join(", ")}${names.length > namesShown ? ", ..." : ""}`,
    remedy: "Say which one with --value ID",
    at: file,
  });
}

const namesShown = 30;

function addLine(
  record: unknown,
  { gatherer, isWanted }: { readonly gatherer: PointGatherer; readonly isWanted: IsWanted },
  file: string,
  line: number,
): void {
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
    if (!isWanted(points)) continue;
    points.timesMs.push(record["timestamp"]);
    points.values.push(value);
    points.periodSec = 60;
  }
}

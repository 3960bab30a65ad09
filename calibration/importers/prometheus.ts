/** Prometheus range queries. Stamps are the times of evaluation: the end of what a rate looks back on. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Series } from "../series/series.ts";
import { dimensionText } from "./cloudwatch-metrics.ts";
import { isRecord, listOf, PointGatherer, requireNumber, requireTime, textOf } from "./imported.ts";

export function importPrometheus(
  document: Record<string, unknown>,
  file: string,
): readonly Series[] {
  if (document["status"] !== "success") {
    throw new TwinError({
      code: "import.prometheus-error",
      problem: `Prometheus answered ${textOf(document["errorType"]) || "an error"}: ${textOf(document["error"])}`,
      remedy: "Correct the query and export again",
      at: file,
    });
  }
  const data = isRecord(document["data"]) ? document["data"] : {};
  if (data["resultType"] !== "matrix") {
    throw new TwinError({
      code: "import.prometheus-not-a-range",
      problem: `The answer is a ${textOf(data["resultType"]) || "document without result type"}: one instant, no series`,
      remedy: "Use the range query: /api/v1/query_range with start, end and step",
      at: file,
    });
  }
  const gatherer = new PointGatherer();
  for (const [i, result] of listOf(data["result"]).entries()) {
    if (!isRecord(result)) continue;
    const labels = isRecord(result["metric"]) ? result["metric"] : {};
    const { __name__: name, ...rest } = labels;
    const metric = textOf(name) || "value";
    const component = dimensionText(
      Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, textOf(value)])),
    );
    const points = gatherer.of(
      {
        id: component === "" ? metric : `${metric}{${component}}`,
        component,
        metric,
        stat: "",
        unit: unitOfName(metric),
        missingMeans: "unknown",
      },
      file,
    );
    for (const [k, sample] of listOf(result["values"]).entries()) {
      const [at, value] = listOf(sample);
      points.timesMs.push(
        requireTime(
          typeof at === "number" ? at * 1000 : Number.NaN,
          at,
          file,
          ` /data/result/${i}/values/${k}`,
        ),
      );
      points.values.push(requireNumber(value, file, ` /data/result/${i}/values/${k}`));
    }
  }
  return gatherer.finish(file);
}

/** `http_request_duration_seconds_sum` is in seconds; counts have no unit. */
function unitOfName(metric: string): string {
  if (/_(count|bucket|total)$/.test(metric)) return "";
  return /_(seconds|bytes|ratio|percent|milliseconds)(_sum)?$/.exec(metric)?.[1] ?? "";
}

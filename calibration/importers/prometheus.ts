/** Prometheus range queries. Stamps are the times of evaluation: the end of what a rate looks back on. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import type { Series } from "../series/series.ts";
import { dimensionText } from "./cloudwatch-metrics.ts";
import {
  type ImportedPoints,
  increasesOf,
  isRecord,
  listOf,
  PointGatherer,
  requireNumber,
  requireTime,
  textOf,
} from "./imported.ts";

export function importPrometheus(
  documents: readonly unknown[],
  file: string,
  findings: Finding[],
): readonly Series[] {
  const gatherer = new PointGatherer();
  for (const [d, document] of documents.filter(isRecord).entries())
    addAnswer(document, gatherer, file, documents.length > 1 ? ` document ${d + 1}` : "");
  turnCounters(gatherer, file, findings);
  return gatherer.finish(file);
}

function addAnswer(
  document: Record<string, unknown>,
  gatherer: PointGatherer,
  file: string,
  place: string,
): void {
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
  for (const [i, result] of listOf(data["result"]).entries()) {
    if (!isRecord(result)) continue;
    refuseHistograms(result, `${file}${place} /data/result/${i}`);
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
          `${place} /data/result/${i}/values/${k}`,
        ),
      );
      points.values.push(requireNumber(value, file, `${place} /data/result/${i}/values/${k}`));
    }
  }
}

function refuseHistograms(result: Record<string, unknown>, at: string): void {
  if (listOf(result["histograms"]).length === 0) return;
  throw new TwinError({
    code: "import.prometheus-histograms",
    problem: "The series is of native histograms, which are not read",
    remedy:
      "Ask for numbers: histogram_quantile(0.99, ...), histogram_count(...) or histogram_avg(...)",
    at,
  });
}

/** Names of counters that only grow, as the client libraries give them; what `rate` or `increase` makes of one has no name. */
const counterName = /_(count|sum|total|bucket)$/;

/** Largest share of steps that restarts of a process may be. */
const restartsMax = 0.25;

function turnCounters(gatherer: PointGatherer, file: string, findings: Finding[]): void {
  const counters = gatherer.gathered.filter(isCounter);
  for (const points of counters) Object.assign(points, increasesOf(points));
  const [first] = counters;
  if (first === undefined) return;
  findings.push({
    severity: "note",
    what: `${counters.length} counters that only grow, as ${first.id}, were turned into what they grew by from point to point`,
    at: file,
  });
}

function isCounter({ metric, timesMs, values }: ImportedPoints): boolean {
  if (!counterName.test(metric)) return false;
  const order = Array.from(timesMs, (_, i) => i)
    .filter((i) => !Number.isNaN(values[i]!))
    .sort((a, b) => timesMs[a]! - timesMs[b]!);
  const steps = order.slice(1).map((at, i) => [values[order[i]!]!, values[at]!] as const);
  const falls = steps.filter(([before, after]) => after < before);
  // What begins anew begins low; what goes down a little is a level, whatever it is called.
  return (
    steps.some(([before, after]) => after > before) &&
    falls.length <= restartsMax * steps.length &&
    falls.every(([before, after]) => after < before / 2)
  );
}

/** `http_request_duration_seconds_sum` is in seconds; counts have no unit. */
function unitOfName(metric: string): string {
  if (/_(count|bucket|total)$/.test(metric)) return "";
  return /_(seconds|bytes|ratio|percent|milliseconds)(_sum)?$/.exec(metric)?.[1] ?? "";
}

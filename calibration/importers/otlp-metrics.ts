/** OpenTelemetry metrics as JSON: CloudWatch's summaries, and gauges, sums and histograms of applications. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Series } from "../series/series.ts";
import { dimensionText, missingMeansOf } from "./cloudwatch-metrics.ts";
import { isRecord, listOf, PointGatherer, requireTime, textOf } from "./imported.ts";
import { attributesOf } from "./otlp-attributes.ts";

/** Units as CloudWatch names them, for UCUM's. */
const unitNames: Readonly<Record<string, string>> = {
  "{Count}": "Count",
  s: "Seconds",
  ms: "Milliseconds",
  us: "Microseconds",
  "%": "Percent",
  By: "Bytes",
};

export function importOtlpMetrics(documents: readonly unknown[], file: string): readonly Series[] {
  const gatherer = new PointGatherer();
  for (const document of documents) {
    for (const resource of listOf(isRecord(document) ? document["resourceMetrics"] : []).filter(
      isRecord,
    )) {
      const service = textOf(
        attributesOf(isRecord(resource["resource"]) ? resource["resource"]["attributes"] : [])[
          "service.name"
        ],
      );
      const scopes = [
        ...listOf(resource["scopeMetrics"]),
        ...listOf(resource["instrumentationLibraryMetrics"]),
      ];
      for (const metric of scopes
        .filter(isRecord)
        .flatMap((scope) => listOf(scope["metrics"]))
        .filter(isRecord)) {
        addMetric(metric, service, gatherer, file);
      }
    }
  }
  return gatherer.finish(file);
}

function addMetric(
  metric: Record<string, unknown>,
  service: string,
  gatherer: PointGatherer,
  file: string,
): void {
  const unit = unitNames[textOf(metric["unit"])] ?? textOf(metric["unit"]);
  for (const kind of ["summary", "gauge", "sum", "histogram"] as const) {
    const body = metric[kind];
    if (!isRecord(body)) continue;
    const isCumulative = Number(body["aggregationTemporality"]) === 2;
    const cumulative = new Map<string, number>();
    for (const point of listOf(body["dataPoints"]).filter(isRecord)) {
      const attributes = attributesOf(point["attributes"]);
      const name = textOf(attributes["MetricName"]) || textOf(metric["name"]);
      const component = componentOf(attributes, service);
      const { startMs, endMs } = timesOf(point, file, name);
      for (const [stat, raw] of statisticsOf(point, kind)) {
        const id = [name, component, stat].filter((part) => part !== "").join(" ");
        const points = gatherer.of(
          { id, component, metric: name, stat, unit, missingMeans: missingMeansOf(name, stat) },
          file,
        );
        if (startMs !== undefined && endMs < startMs) throw exchanged(name, file);
        const value = isCumulative && stat !== "" ? increase(cumulative, id, raw) : raw;
        // CloudWatch's stamps are the start of a period, and so are ours.
        points.timesMs.push(startMs ?? endMs);
        points.values.push(value);
        if (startMs !== undefined && !isCumulative) points.periodSec = (endMs - startMs) / 1000;
      }
    }
  }
}

function exchanged(name: string, file: string): TwinError {
  return new TwinError({
    code: "import.bad-time",
    problem: `A point of ${name} ends before it begins`,
    remedy: "startTimeUnixNano comes before timeUnixNano: export it again; nothing was imported",
    at: `${file} ${name}`,
  });
}

/** What a counter grew by since its last point; one that fell was started anew. */
function increase(before: Map<string, number>, id: string, value: number): number {
  const last = before.get(id);
  before.set(id, value);
  return last === undefined ? Number.NaN : value >= last ? value - last : value;
}

function timesOf(point: Record<string, unknown>, file: string, name: string) {
  const ms = (value: unknown) => Number(textOf(value)) / 1e6;
  const endMs = requireTime(
    textOf(point["timeUnixNano"]) === "" ? Number.NaN : ms(point["timeUnixNano"]),
    point["timeUnixNano"],
    file,
    ` ${name}`,
  );
  const start = textOf(point["startTimeUnixNano"]);
  return { endMs, startMs: start === "" || Number(start) === 0 ? undefined : ms(start) };
}

function statisticsOf(
  point: Record<string, unknown>,
  kind: "summary" | "gauge" | "sum" | "histogram",
): readonly (readonly [string, number])[] {
  if (kind === "gauge" || kind === "sum") {
    return [[kind === "sum" ? "Sum" : "", Number(point["asDouble"] ?? point["asInt"])]];
  }
  const quantiles = listOf(point["quantileValues"])
    .filter(isRecord)
    .map((each): readonly [string, number] => {
      const q = Number(each["quantile"]);
      return [
        q === 0 ? "Minimum" : q === 1 ? "Maximum" : `p${Number((q * 100).toPrecision(6))}`,
        Number(each["value"]),
      ];
    });
  return [["SampleCount", Number(point["count"])], ["Sum", Number(point["sum"])], ...quantiles];
}

function componentOf(attributes: Readonly<Record<string, unknown>>, service: string): string {
  const dimensions = attributes["Dimensions"];
  if (isRecord(dimensions))
    return dimensionText(
      Object.fromEntries(Object.entries(dimensions).map(([name, value]) => [name, textOf(value)])),
    );
  return service;
}

/** OpenTelemetry metrics as JSON: CloudWatch's summaries, and gauges, sums and histograms of applications. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Series } from "../series/series.ts";
import { dimensionText, missingMeansOf } from "./cloudwatch-metrics.ts";
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

/** Of histograms, count and sum are read. */
const kinds = ["summary", "gauge", "sum", "histogram", "exponentialHistogram"] as const;

export function importOtlpMetrics(documents: readonly unknown[], file: string): readonly Series[] {
  const gatherer = new PointGatherer();
  const counters = new Set<ImportedPoints>();
  const starts = new Map<ImportedPoints, (number | undefined)[]>();
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
        addMetric(metric, service, { gatherer, counters, starts }, file);
      }
    }
  }
  for (const points of gatherer.gathered) {
    if (counters.has(points)) Object.assign(points, increasesOf(points));
    else stampStarts(points, starts.get(points)!);
  }
  return gatherer.finish(file);
}

interface Gathered {
  readonly gatherer: PointGatherer;
  /** Those of sums and histograms that say what came since the process began. */
  readonly counters: Set<ImportedPoints>;
  /** Start of each point's period, where it says one. */
  readonly starts: Map<ImportedPoints, (number | undefined)[]>;
}

/**
 * CloudWatch's stamps are the start of a period, and so are ours; but a start that many points share is that of the process,
 * which says nothing of the point.
 */
function stampStarts(points: ImportedPoints, starts: readonly (number | undefined)[]): void {
  const isShared = new Set(starts).size * 2 <= new Set(points.timesMs).size;
  if (isShared || starts.some((start) => start === undefined)) return;
  const lengths = starts.map((start, i) => points.timesMs[i]! - start!);
  points.timesMs = starts as number[];
  points.periodSec = lengths[0]! > 0 ? lengths[0]! / 1000 : undefined;
}

function addMetric(
  metric: Record<string, unknown>,
  service: string,
  { gatherer, counters, starts }: Gathered,
  file: string,
): void {
  const unit = unitNames[textOf(metric["unit"])] ?? textOf(metric["unit"]);
  for (const kind of kinds) {
    const body = metric[kind];
    if (!isRecord(body)) continue;
    const isCumulative =
      /^(2|AGGREGATION_TEMPORALITY_CUMULATIVE)$/.test(textOf(body["aggregationTemporality"])) &&
      body["isMonotonic"] !== false;
    for (const point of listOf(body["dataPoints"]).filter(isRecord)) {
      const attributes = attributesOf(point["attributes"]);
      const name = textOf(attributes["MetricName"]) || textOf(metric["name"]);
      const component = componentOf(attributes, service);
      const { startMs, endMs } = timesOf(point, file, name);
      if (startMs !== undefined && endMs < startMs) throw exchanged(name, file);
      for (const [stat, amount] of statisticsOf(point, kind)) {
        const id = [name, component, stat].filter((part) => part !== "").join(" ");
        const points = gatherer.of(
          { id, component, metric: name, stat, unit, missingMeans: missingMeansOf(name, stat) },
          file,
        );
        if (isCumulative) counters.add(points);
        const known = starts.get(points);
        if (known === undefined) starts.set(points, [startMs]);
        else known.push(startMs);
        points.timesMs.push(endMs);
        points.values.push(
          amount === undefined ? Number.NaN : requireNumber(amount, file, ` ${name}`),
        );
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
  kind: (typeof kinds)[number],
): readonly (readonly [string, unknown])[] {
  if (kind === "gauge" || kind === "sum") {
    return [[kind === "sum" ? "Sum" : "", point["asDouble"] ?? point["asInt"]]];
  }
  const quantiles = listOf(point["quantileValues"])
    .filter(isRecord)
    .map((each): readonly [string, unknown] => {
      const q = Number(each["quantile"] ?? 0);
      return [
        q === 0 ? "Minimum" : q === 1 ? "Maximum" : `p${Number((q * 100).toPrecision(6))}`,
        each["value"] ?? 0,
      ];
    });
  return [["SampleCount", point["count"] ?? 0], ["Sum", point["sum"]], ...quantiles];
}

/** Attributes that CloudWatch gives beside the dimensions. */
const ownAttributes = ["Namespace", "MetricName", "Dimensions"];

function componentOf(attributes: Readonly<Record<string, unknown>>, service: string): string {
  const texts = (record: Readonly<Record<string, unknown>>) =>
    Object.entries(record).map(([name, value]) => [name, String(value)] as const);
  const dimensions = attributes["Dimensions"];
  if (isRecord(dimensions)) return dimensionText(Object.fromEntries(texts(dimensions)));
  const others = texts(attributes).filter(([name]) => !ownAttributes.includes(name));
  return [service, dimensionText(Object.fromEntries(others))]
    .filter((part) => part !== "")
    .join(", ");
}

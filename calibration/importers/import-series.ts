/** Every series of a file, whatever export it is. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readWholeText } from "../files/read-text.ts";
import type { Finding } from "../fit-report.ts";
import type { Series } from "../series/series.ts";
import { seriesOfTable } from "../series/table-series.ts";
import { spanForms } from "../spans/span.ts";
import { parseTable } from "../tables/read-table.ts";
import { isAccessLog } from "./access-log.ts";
import { importConsoleCsv, isConsoleCsv } from "./console-csv.ts";
import { importMetricData, importMetricStatistics } from "./get-metric-data.ts";
import { spanFormOf } from "./import-spans.ts";
import { isRecord, jsonDocuments } from "./imported.ts";
import { type IsWanted, importMetricStream } from "./metric-stream.ts";
import { importOtlpBinary, isOtlpBinary } from "./otlp-binary.ts";
import { importOtlpMetrics } from "./otlp-metrics.ts";
import { importPrometheus } from "./prometheus.ts";
import { requestBeside } from "./request-beside.ts";
import { accessLogSeries, spanSeries } from "./request-series.ts";
import { headOf } from "./sniff.ts";

export const exportForms = [
  "CloudWatch GetMetricData",
  "CloudWatch GetMetricStatistics",
  "CloudWatch console CSV",
  "CloudWatch metric stream",
  "OpenTelemetry metrics",
  "Prometheus range query",
  "CSV",
  "ALB access log",
  ...spanForms,
] as const;

export type ExportForm = (typeof exportForms)[number];

export interface ImportedFile {
  readonly file: string;
  readonly form: ExportForm;
  readonly series: readonly Series[];
}

/**
 * `request` is the parsed GetMetricData request that was given with the answer; one within or beside it stands before it.
 * Of a long stream only the wanted series are kept, by default all.
 */
export async function importSeries(
  file: string,
  findings: Finding[],
  request?: unknown,
  isWanted?: IsWanted,
): Promise<ImportedFile> {
  if (await isOtlpBinary(file))
    return { file, form: "OpenTelemetry metrics", series: await importOtlpBinary(file) };
  const head = (await headOf(file)).trimStart();
  if (
    /^\{"?[^\n]*"metric_stream_name"/.test(head) ||
    /^\{[^\n]*"metric_name"[^\n]*"timestamp"/.test(head)
  ) {
    return {
      file,
      form: "CloudWatch metric stream",
      series: await importMetricStream(file, isWanted),
    };
  }
  if (isAccessLog(head.split("\n").slice(0, 20)))
    return { file, form: "ALB access log", series: await accessLogSeries(file, findings) };
  const spanForm = spanFormOf(head);
  if (spanForm !== undefined)
    return { file, form: spanForm, series: await spanSeries(file, findings) };
  const text = await readWholeText(file);
  if (head.startsWith("{") || head.startsWith("["))
    return { file, ...(await importJson(text, file, findings, request)) };
  if (isConsoleCsv(head))
    return { file, form: "CloudWatch console CSV", series: importConsoleCsv(text, file, findings) };
  return { file, form: "CSV", series: seriesOfTable(parseTable(text, file)) };
}

async function importJson(
  text: string,
  file: string,
  findings: Finding[],
  request: unknown,
): Promise<Omit<ImportedFile, "file">> {
  const documents = jsonDocuments(text, file);
  const first = documents[0];
  if (isRecord(first)) {
    if ("MetricDataResults" in first)
      return {
        form: "CloudWatch GetMetricData",
        series: importMetricData(documents, await requestOf(first, file, request), file, findings),
      };
    if ("Datapoints" in first)
      return {
        form: "CloudWatch GetMetricStatistics",
        series: importMetricStatistics(documents, file),
      };
    if ("resourceMetrics" in first)
      return { form: "OpenTelemetry metrics", series: importOtlpMetrics(documents, file) };
    if ("status" in first && ("data" in first || "error" in first))
      return {
        form: "Prometheus range query",
        series: importPrometheus(documents, file, findings),
      };
  }
  throw unknownForm(file, "the JSON is no export that holds metrics");
}

/** What stands nearest to the answer: within it, beside it, or what was given for all. */
async function requestOf(
  answer: Record<string, unknown>,
  file: string,
  request: unknown,
): Promise<unknown> {
  if ("MetricDataQueries" in answer) return answer;
  return (await requestBeside(file)) ?? request;
}

function unknownForm(file: string, problem: string): TwinError {
  return new TwinError({
    code: "import.form-unknown",
    problem: `The file cannot be read as metrics: ${problem}`,
    remedy: `Give one of: ${exportForms.join(", ")}`,
    at: file,
  });
}

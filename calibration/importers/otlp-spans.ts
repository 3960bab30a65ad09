/** OpenTelemetry spans as JSON, as a collector's file exporter writes them. */
import { plainOperation, type SpanGatherer, type SpanKind } from "../spans/span.ts";
import { isRecord, listOf, textOf } from "./imported.ts";
import { attributesOf } from "./otlp-attributes.ts";

const kinds: Readonly<Record<string, SpanKind>> = {
  "1": "internal",
  "2": "server",
  "3": "client",
  "4": "client",
  "5": "server",
  SPAN_KIND_INTERNAL: "internal",
  SPAN_KIND_SERVER: "server",
  SPAN_KIND_CLIENT: "client",
  SPAN_KIND_PRODUCER: "client",
  SPAN_KIND_CONSUMER: "server",
};

/** Adds the spans of one request of an exporter; `at` is its place in the file. */
export function importOtlpSpans(document: unknown, gatherer: SpanGatherer, at: string): void {
  const resources = listOf(isRecord(document) ? document["resourceSpans"] : []);
  for (const [r, resource] of resources.entries()) {
    if (!isRecord(resource)) continue;
    const attributes = attributesOf(
      isRecord(resource["resource"]) ? resource["resource"]["attributes"] : [],
    );
    const service = textOf(attributes["service.name"]) || "unnamed service";
    const name = "scopeSpans" in resource ? "scopeSpans" : "instrumentationLibrarySpans";
    for (const [s, scope] of listOf(resource[name]).entries()) {
      for (const [i, span] of listOf(isRecord(scope) ? scope["spans"] : []).entries()) {
        if (isRecord(span))
          addSpan(span, service, gatherer, `${at} /resourceSpans/${r}/${name}/${s}/spans/${i}`);
      }
    }
  }
}

function addSpan(
  span: Record<string, unknown>,
  service: string,
  gatherer: SpanGatherer,
  at: string,
): void {
  const endNs = textOf(span["endTimeUnixNano"]);
  if (endNs === "" || endNs === "0") {
    gatherer.leaveUnfinished();
    return;
  }
  const kindText = textOf(span["kind"]);
  const status = isRecord(span["status"]) ? textOf(span["status"]["code"]) : "";
  const attributes = attributesOf(span["attributes"]);
  const httpStatus = Number(
    attributes["http.response.status_code"] ?? attributes["http.status_code"] ?? 0,
  );
  gatherer.add(
    {
      traceId: textOf(span["traceId"]),
      spanId: textOf(span["spanId"]),
      parentId: textOf(span["parentSpanId"]),
      service,
      operation: plainOperation(textOf(span["name"])),
      kind: kinds[kindText] ?? "",
      startMs: nanosecondsMs(span["startTimeUnixNano"]),
      endMs: nanosecondsMs(endNs),
      hasFailed: status === "2" || status === "STATUS_CODE_ERROR" || httpStatus >= 500,
      isAsync: kindText === "5" || kindText === "SPAN_KIND_CONSUMER",
    },
    at,
  );
}

function nanosecondsMs(value: unknown): number {
  const text = textOf(value);
  return /^\d+$/.test(text) ? Number(text) / 1e6 : Number.NaN;
}

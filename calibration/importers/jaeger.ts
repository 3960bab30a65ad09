/** Jaeger's JSON, as its page downloads it and its API answers. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { plainOperation, type SpanGatherer, type SpanKind } from "../spans/span.ts";
import { isRecord, listOf, textOf } from "./imported.ts";

/** Throws `import.jaeger-error` where the answer tells of errors, and what the gatherer throws. */
export function importJaeger(
  document: Record<string, unknown>,
  gatherer: SpanGatherer,
  file: string,
): void {
  const [error] = listOf(document["errors"]);
  if (error !== undefined) {
    throw new TwinError({
      code: "import.jaeger-error",
      problem: `Jaeger answered with an error: ${isRecord(error) ? textOf(error["msg"]) : String(error)}`,
      remedy: "Correct the query and export again; nothing was imported",
      at: file,
    });
  }
  for (const [t, trace] of listOf(document["data"]).entries()) {
    if (!isRecord(trace)) continue;
    const processes = isRecord(trace["processes"]) ? trace["processes"] : {};
    for (const [s, span] of listOf(trace["spans"]).entries()) {
      if (isRecord(span)) addSpan(span, processes, gatherer, ` /data/${t}/spans/${s}`);
    }
  }
}

function addSpan(
  span: Record<string, unknown>,
  processes: Record<string, unknown>,
  gatherer: SpanGatherer,
  at: string,
): void {
  const process = isRecord(span["process"])
    ? span["process"]
    : processes[textOf(span["processID"])];
  const tags = tagsOf(span["tags"]);
  const references = listOf(span["references"]).filter(isRecord);
  const parent =
    references.find((each) => each["refType"] === "CHILD_OF") ??
    references.find((each) => each["refType"] === "FOLLOWS_FROM");
  const startMs = typeof span["startTime"] === "number" ? span["startTime"] / 1e3 : Number.NaN;
  const durationMs = typeof span["duration"] === "number" ? span["duration"] / 1e3 : Number.NaN;
  gatherer.add(
    {
      traceId: textOf(span["traceID"]),
      spanId: textOf(span["spanID"]),
      parentId: textOf(parent?.["spanID"]) || textOf(span["parentSpanID"]),
      service: (isRecord(process) ? textOf(process["serviceName"]) : "") || "unnamed service",
      operation: plainOperation(textOf(span["operationName"])),
      kind: kindOf(textOf(tags["span.kind"])),
      startMs,
      endMs: startMs + durationMs,
      hasFailed:
        String(tags["error"]) === "true" ||
        tags["otel.status_code"] === "ERROR" ||
        Number(tags["http.response.status_code"] ?? tags["http.status_code"] ?? 0) >= 500,
      isAsync: parent?.["refType"] === "FOLLOWS_FROM",
    },
    at,
  );
}

function kindOf(text: string): SpanKind {
  if (text === "server" || text === "consumer") return "server";
  if (text === "client" || text === "producer") return "client";
  return text === "internal" ? "internal" : "";
}

function tagsOf(list: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    listOf(list)
      .filter(isRecord)
      .map((tag) => [textOf(tag["key"]), tag["value"]]),
  );
}

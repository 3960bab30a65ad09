/** X-Ray BatchGetTraces: traces of segments, each a JSON document inside a JSON string. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { operationOfPath, type SpanGatherer, type SpanKind } from "../spans/span.ts";
import { isRecord, listOf, parseJson, textOf } from "./imported.ts";

/** Adds every finished segment and sub-segment. Throws `import.incomplete`, `import.json-damaged` and the gatherer's. */
export function importXray(
  pages: readonly unknown[],
  gatherer: SpanGatherer,
  file: string,
): { readonly cutTraces: number } {
  let cutTraces = 0;
  const last = pages.at(-1);
  if (isRecord(last) && textOf(last["NextToken"]) !== "")
    throw incomplete("the answer ends with a NextToken", file);
  for (const [p, page] of pages.entries()) {
    if (!isRecord(page)) continue;
    const at = pages.length > 1 ? ` page ${p + 1}` : "";
    const unprocessed = listOf(page["UnprocessedTraceIds"]).length;
    if (unprocessed > 0) {
      throw incomplete(
        `${unprocessed} traces were not processed (UnprocessedTraceIds)`,
        `${file}${at}`,
      );
    }
    for (const [t, trace] of listOf(page["Traces"]).entries()) {
      if (!isRecord(trace)) continue;
      if (trace["LimitExceeded"] === true) cutTraces += 1;
      for (const [s, segment] of listOf(trace["Segments"]).entries()) {
        const place = `${at} /Traces/${t}/Segments/${s}`;
        addDocument(segment, textOf(trace["Id"]), gatherer, file, place);
      }
    }
  }
  return { cutTraces };
}

function addDocument(
  segment: unknown,
  traceId: string,
  gatherer: SpanGatherer,
  file: string,
  place: string,
): void {
  const text = isRecord(segment) ? segment["Document"] : undefined;
  if (typeof text !== "string") {
    throw new TwinError({
      code: "import.xray-document",
      problem: "The segment has no Document, the text that holds its times",
      remedy:
        "Export with `aws xray batch-get-traces`: summaries alone have no segments; nothing was imported",
      at: `${file}${place}`,
    });
  }
  let document: unknown;
  try {
    document = parseJson(text, file);
  } catch (cause) {
    throw new TwinError(
      {
        code: "import.json-damaged",
        problem: `The Document of the segment is no whole JSON: ${cause instanceof TwinError ? cause.problem : cause}`,
        remedy: "It seems cut short or edited: export it again; nothing was imported",
        at: `${file}${place}/Document`,
      },
      { cause },
    );
  }
  if (!isRecord(document)) return;
  // A separate document of type "subsegment" belongs to the service of its parent, which it does not name.
  const service = document["type"] === "subsegment" ? "" : textOf(document["name"]);
  addSegment(document, { traceId, service, parentId: "" }, gatherer, {
    at: `${place}/Document`,
    isTop: true,
  });
}

interface Above {
  readonly traceId: string;
  readonly service: string;
  readonly parentId: string;
}

function addSegment(
  segment: Record<string, unknown>,
  above: Above,
  gatherer: SpanGatherer,
  { at, isTop }: { readonly at: string; readonly isTop: boolean },
): void {
  const traceId = textOf(segment["trace_id"]) || above.traceId;
  const spanId = textOf(segment["id"]);
  const isOwnSegment = isTop && segment["type"] !== "subsegment";
  const nested = { traceId, service: above.service, parentId: spanId };
  if (segment["inferred"] === true) {
    gatherer.leaveInferred();
    return;
  }
  if (segment["in_progress"] === true || segment["end_time"] === undefined) {
    gatherer.leaveUnfinished();
  } else {
    gatherer.add(
      {
        traceId,
        spanId,
        parentId: textOf(segment["parent_id"]) || above.parentId,
        service: above.service,
        operation: operationOf(segment, isOwnSegment),
        kind: kindOf(segment, isOwnSegment),
        startMs: secondsMs(segment["start_time"]),
        endMs: secondsMs(segment["end_time"]),
        hasFailed: segment["error"] === true || segment["fault"] === true,
        isAsync: segment["trace_async"] === true,
      },
      at,
    );
  }
  for (const [i, child] of listOf(segment["subsegments"]).entries()) {
    if (isRecord(child))
      addSegment(child, nested, gatherer, { at: `${at}/subsegments/${i}`, isTop: false });
  }
}

/** Seconds with a fraction; whole microseconds, since a double of seconds holds no more. */
function secondsMs(value: unknown): number {
  return typeof value === "number" ? Math.round(value * 1e6) / 1e3 : Number.NaN;
}

function kindOf(segment: Record<string, unknown>, isOwnSegment: boolean): SpanKind {
  if (isOwnSegment) return "server";
  const namespace = segment["namespace"];
  return namespace === "aws" || namespace === "remote" ? "client" : "internal";
}

function operationOf(segment: Record<string, unknown>, isOwnSegment: boolean): string {
  const name = textOf(segment["name"]);
  const http = isRecord(segment["http"]) ? segment["http"] : {};
  const request = isRecord(http["request"]) ? http["request"] : {};
  if (isOwnSegment) {
    const url = textOf(request["url"]);
    if (url !== "") return operationOfPath(textOf(request["method"]), url);
    return textOf(segment["origin"]) || name;
  }
  const aws = isRecord(segment["aws"]) ? segment["aws"] : {};
  return [name, textOf(aws["operation"])].filter((part) => part !== "").join(" ");
}

function incomplete(what: string, at: string): TwinError {
  return new TwinError({
    code: "import.incomplete",
    problem: `The export is not complete: ${what}`,
    remedy:
      "Fetch the remaining traces and give them in one file or one after another; nothing was imported",
    at,
  });
}

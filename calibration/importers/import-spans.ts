/** Every span of a file, whatever export it is. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readLines, readWholeText } from "../files/read-text.ts";
import type { Finding } from "../fit-report.ts";
import { type SpanFile, type SpanForm, SpanGatherer, spanForms } from "../spans/span.ts";
import { parseTable } from "../tables/read-table.ts";
import { separatorLine } from "../tables/table-syntax.ts";
import { isRecord, jsonDocuments, parseJson } from "./imported.ts";
import { importJaeger } from "./jaeger.ts";
import { importOtlpSpans } from "./otlp-spans.ts";
import { headOf } from "./sniff.ts";
import { importSpanTable, isSpanHeader } from "./span-table.ts";
import { importXray } from "./xray.ts";

/** Which export of spans a file is by its first text; `undefined` where it is none. */
export function spanFormOf(head: string): SpanForm | undefined {
  const start = head.trimStart();
  if (/^[[{]/.test(start)) {
    if (/"resourceSpans"/.test(head)) return "OpenTelemetry spans";
    if (/"Traces"\s*:|"UnprocessedTraceIds"/.test(head) && !/"resultType"/.test(head))
      return "X-Ray BatchGetTraces";
    if (/"traceID"|"processes"\s*:/.test(head)) return "Jaeger traces";
    if (/"data"\s*:\s*null/.test(head) && /"errors"\s*:/.test(head)) return "Jaeger traces";
    return undefined;
  }
  return isSpanHeader(start.replace(separatorLine, "").split("\n", 1)[0] ?? "")
    ? "CSV of spans"
    : undefined;
}

/** Throws `import.form-unknown`, `import.json-damaged` and what the forms throw. */
export async function importSpans(file: string, findings: Finding[]): Promise<SpanFile> {
  const form = spanFormOf(await headOf(file));
  const gatherer = new SpanGatherer(file);
  if (form === undefined) {
    throw new TwinError({
      code: "import.form-unknown",
      problem: "The file cannot be read as spans",
      remedy: `Give one of: ${spanForms.join(", ")}`,
      at: file,
    });
  }
  if (form === "OpenTelemetry spans") await addOtlp(file, gatherer);
  else if (form === "CSV of spans")
    importSpanTable(parseTable(await readWholeText(file), file), gatherer);
  else {
    const documents = jsonDocuments(await readWholeText(file), file);
    if (form === "Jaeger traces") {
      for (const each of documents) if (isRecord(each)) importJaeger(each, gatherer, file);
    } else {
      const { cutTraces } = importXray(documents, gatherer, file);
      if (cutTraces > 0)
        findings.push({
          severity: "warning",
          what: `${cutTraces} traces were longer than X-Ray keeps (LimitExceeded): segments are missing`,
          at: file,
        });
    }
  }
  return { file, form, spans: gatherer.finish(findings) };
}

/** A request a line is read as a stream; one document over many lines is read whole. */
async function addOtlp(file: string, gatherer: SpanGatherer): Promise<void> {
  if (!(await isOneRequestALine(file))) {
    for (const each of jsonDocuments(await readWholeText(file), file))
      importOtlpSpans(each, gatherer, "");
    return;
  }
  let line = 0;
  for await (const batch of readLines(file)) {
    for (const text of batch) {
      line += 1;
      if (text.trim() !== "") importOtlpSpans(parseJson(text, file, line), gatherer, `:${line}`);
    }
  }
}

async function isOneRequestALine(file: string): Promise<boolean> {
  for await (const batch of readLines(file)) {
    const first = batch.find((text) => text.trim() !== "")?.trim();
    if (first !== undefined) return first.startsWith("{") && first.endsWith("}");
  }
  return false;
}

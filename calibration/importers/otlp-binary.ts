/**
 * CloudWatch's metric stream in OpenTelemetry 1.0 and 0.7: messages one after another, each with its length before it. They
 * are turned into what the same message is as JSON; every metric is a summary.
 */
import { headBytes, readWholeBytes } from "../files/read-text.ts";
import type { Series } from "../series/series.ts";
import { importOtlpMetrics } from "./otlp-metrics.ts";
import { type WireField, WireReader } from "./protobuf-wire.ts";

/** First fields of a resource's metrics: its resource, or the metrics of a scope. */
const firstTags = [0x0a, 0x12];

/** A length, the first field of a request, its length and the first field within; and bytes that no text has. */
export async function isOtlpBinary(file: string): Promise<boolean> {
  const head = await headBytes(file, 256);
  const at = skipNumber(head, 0);
  if (head[at] !== 0x0a || !firstTags.includes(head[skipNumber(head, at + 1)] ?? 0)) return false;
  return head.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20));
}

function skipNumber(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at]! >= 0x80) at += 1;
  return at + 1;
}

/** Throws `import.protobuf-damaged` and what the reading of the JSON form throws. */
export async function importOtlpBinary(file: string): Promise<readonly Series[]> {
  const reader = new WireReader(await readWholeBytes(file), file);
  const documents: unknown[] = [];
  while (!reader.isDone) {
    const request = reader.within(reader.take(reader.varint()));
    documents.push({ resourceMetrics: messages(request, 1, resourceMetrics) });
  }
  return importOtlpMetrics(documents, file);
}

/** Nested messages of one field number. */
function messages<Value>(
  reader: WireReader,
  number: number,
  read: (inner: WireReader) => Value,
): readonly Value[] {
  const found: Value[] = [];
  for (const field of reader.fields())
    if (field.number === number) found.push(read(reader.within(field.bytes)));
  return found;
}

function resourceMetrics(reader: WireReader) {
  const attributes: unknown[] = [];
  const scopeMetrics: unknown[] = [];
  for (const { number, bytes } of reader.fields()) {
    if (number === 1) attributes.push(...messages(reader.within(bytes), 1, keyValue));
    // Metrics of a scope in 1.0, of an instrumentation library in 0.7.
    else if (number === 2)
      scopeMetrics.push({ metrics: messages(reader.within(bytes), 2, metric) });
  }
  return { resource: { attributes }, scopeMetrics };
}

function metric(reader: WireReader) {
  const found = { name: "", unit: "" };
  let dataPoints: readonly unknown[] = [];
  for (const { number, bytes } of reader.fields()) {
    if (number === 1) found.name = textOf(bytes);
    else if (number === 3) found.unit = textOf(bytes);
    else if (number === 11) dataPoints = messages(reader.within(bytes), 1, summaryPoint);
  }
  return { ...found, summary: { dataPoints } };
}

function summaryPoint(reader: WireReader) {
  const attributes: unknown[] = [];
  const labels: [string, string][] = [];
  const quantileValues: unknown[] = [];
  const point = { startTimeUnixNano: "", timeUnixNano: "", count: 0, sum: Number.NaN };
  for (const field of reader.fields()) {
    const { number, bytes } = field;
    if (number === 1) labels.push(label(reader.within(bytes)));
    else if (number === 7) attributes.push(keyValue(reader.within(bytes)));
    else if (number === 2) point.startTimeUnixNano = wholeOf(field);
    else if (number === 3) point.timeUnixNano = wholeOf(field);
    else if (number === 4) point.count = Number(wholeOf(field));
    else if (number === 5) point.sum = doubleOf(field);
    else if (number === 6) quantileValues.push(quantileValue(reader.within(bytes)));
  }
  return {
    ...point,
    quantileValues,
    attributes: labels.length > 0 ? attributesOfLabels(labels) : attributes,
  };
}

/** In 0.7 the names of dimensions stand among the other labels. */
function attributesOfLabels(labels: readonly (readonly [string, string])[]) {
  const own = ["Namespace", "MetricName"];
  const text = ([key, value]: readonly [string, string]) => ({
    key,
    value: { stringValue: value },
  });
  return [
    ...labels.filter(([key]) => own.includes(key)).map(text),
    {
      key: "Dimensions",
      value: {
        kvlistValue: { values: labels.filter(([key]) => !own.includes(key)).map(text) },
      },
    },
  ];
}

function label(reader: WireReader): [string, string] {
  const found: [string, string] = ["", ""];
  for (const { number, bytes } of reader.fields()) {
    if (number === 1) found[0] = textOf(bytes);
    else if (number === 2) found[1] = textOf(bytes);
  }
  return found;
}

function keyValue(reader: WireReader): { readonly key: string; readonly value: unknown } {
  let key = "";
  let value: unknown;
  for (const { number, bytes } of reader.fields()) {
    if (number === 1) key = textOf(bytes);
    else if (number === 2) value = anyValue(reader.within(bytes));
  }
  return { key, value };
}

function anyValue(reader: WireReader): unknown {
  for (const field of reader.fields()) {
    if (field.number === 1) return { stringValue: textOf(field.bytes) };
    if (field.number === 2) return { boolValue: field.integer !== 0 };
    if (field.number === 3) return { intValue: String(field.integer) };
    if (field.number === 4) return { doubleValue: doubleOf(field) };
    if (field.number === 6)
      return { kvlistValue: { values: messages(reader.within(field.bytes), 1, keyValue) } };
  }
  return {};
}

function quantileValue(reader: WireReader) {
  // Fields that are 0 are left out on the wire.
  const found = { quantile: 0, value: 0 };
  for (const field of reader.fields()) {
    if (field.number === 1) found.quantile = doubleOf(field);
    else if (field.number === 2) found.value = doubleOf(field);
  }
  return found;
}

/** Nanoseconds since 1970 have more digits than a number keeps, so they stay text. */
function wholeOf({ fixed, integer }: WireField): string {
  return fixed === undefined ? String(integer) : String(fixed.getBigUint64(0, true));
}

function doubleOf({ fixed }: WireField): number {
  return fixed === undefined ? Number.NaN : fixed.getFloat64(0, true);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

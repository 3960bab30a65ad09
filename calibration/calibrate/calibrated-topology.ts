/** The calibrated platform: the user's own file with some numbers replaced, each line saying by what right. */
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Parameter } from "./estimate-parameters.ts";

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly evidence: string;
}

/** One replaced line, as `diff` shows it. */
export interface ChangedLine {
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/**
 * Scales the CPU times of every operation of each service whose mean was identified; everything else of the file stays
 * byte for byte. Estimates in any other state change nothing.
 */
export function calibratedTopologyText(text: string, parameters: readonly Parameter[]): string {
  const components = parseDocument(text).get("components");
  if (!isSeq(components)) return text;
  const splices = components.items.flatMap((component) => {
    if (!isMap(component)) return [];
    const parameter = parameters.find(({ name }) => name === `${component.get("id")}.cpu-ms`);
    const { value, interval, n, state } = parameter?.estimate ?? {};
    const before = parameter?.before;
    if (state !== "identified" || value == null || before == null) return [];
    const factor = value / before;
    const range = interval?.map((each) => each?.toPrecision(4)).join(" to ");
    const evidence = `calibrated: mean ${value.toPrecision(4)} ms of CPU (90 %: ${range}, n ${n}), was ${before.toPrecision(4)}`;
    const operations = component.get("operations");
    if (!isSeq(operations)) return [];
    return operations.items.flatMap((operation) => {
      const cpuMs = isMap(operation) ? operation.get("cpuMs", true) : undefined;
      const number: unknown = isMap(cpuMs) ? cpuMs.get("median", true) : cpuMs;
      if (!isScalar(number) || typeof number.value !== "number" || !number.range) return [];
      const [from, to] = number.range;
      return [{ from, to, text: String(Number((number.value * factor).toPrecision(4))), evidence }];
    });
  });
  return spliced(text, splices);
}

function spliced(text: string, splices: readonly Splice[]): string {
  let result = text;
  for (const { from, to, text: number, evidence } of [...splices].sort((a, b) => b.from - a.from)) {
    const lineEnd = result.indexOf("\n", to);
    const end = lineEnd < 0 ? result.length : lineEnd;
    const rest = result.slice(to, end);
    const note = rest.includes(" #") ? "" : ` # ${evidence}`;
    result = `${result.slice(0, from)}${number}${rest}${note}${result.slice(end)}`;
  }
  return result;
}

/** Lines that differ; the files have equally many. */
export function changedLines(before: string, after: string): readonly ChangedLine[] {
  const afterLines = after.split("\n");
  return before
    .split("\n")
    .map((line, at) => ({ line: at + 1, before: line, after: afterLines[at]! }))
    .filter((each) => each.before !== each.after);
}

/** A unified diff without context, as `patch` takes it. */
export function diffText(file: string, changes: readonly ChangedLine[]): string {
  const hunks = changes.map(
    ({ line, before, after }) => `@@ -${line} +${line} @@\n-${before}\n+${after}\n`,
  );
  return `--- ${file}\n+++ ${file} (calibrated)\n${hunks.join("")}`;
}

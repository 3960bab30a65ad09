/** The calibrated platform: the user's own file with some numbers replaced, each line saying by what right. */
import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
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
 * Scales the CPU times of every operation of each service whose mean was identified, and sets their spread where that was;
 * everything else of the file stays
 * byte for byte. Estimates in any other state change nothing.
 */
export function calibratedTopologyText(text: string, parameters: readonly Parameter[]): string {
  const components = parseDocument(text).get("components");
  if (!isSeq(components)) return text;
  const splices = components.items.flatMap((component) =>
    isMap(component) ? splicesOf(component, parameters) : [],
  );
  return spliced(text, splices);
}

/** Sigma of the logarithm where an operation leaves it out. */
const sigmaUsual = 0.5;

function splicesOf(component: YAMLMap, parameters: readonly Parameter[]): readonly Splice[] {
  const identifiedOf = (what: string) => {
    const found = parameters.find(({ name }) => name === `${component.get("id")}.${what}`);
    return found?.estimate.state === "identified" ? found : undefined;
  };
  const [demand, spread] = [identifiedOf("cpu-ms"), identifiedOf("cpu-sigma")];
  const operations = component.get("operations");
  if ((demand === undefined && spread === undefined) || !isSeq(operations)) return [];
  const factor = (demand?.estimate.value ?? 1) / (demand?.before ?? 1);
  const evidence = [
    ...(demand === undefined ? [] : [evidenceOf("mean", "ms of CPU", demand)]),
    ...(spread === undefined ? [] : [evidenceOf("sigma", "", spread)]),
  ].join("; ");
  return operations.items.flatMap((operation) => {
    const cpuMs = isMap(operation) ? operation.get("cpuMs", true) : undefined;
    const median = numberAt(isMap(cpuMs) ? cpuMs.get("median", true) : cpuMs);
    const sigma = numberAt(isMap(cpuMs) ? cpuMs.get("sigma", true) : undefined);
    if (median === undefined) return [];
    const before = sigma?.value ?? sigmaUsual;
    // Another spread keeps the mean, so the median moves; a file that states no spread keeps its own.
    const after = sigma === undefined ? before : (spread?.estimate.value ?? before);
    const kept = Math.exp((before ** 2 - after ** 2) / 2);
    return [
      { ...median, text: plain(median.value * factor * kept), evidence: `calibrated: ${evidence}` },
      ...(sigma === undefined || spread === undefined
        ? []
        : [{ ...sigma, text: plain(after), evidence: "" }]),
    ];
  });
}

function evidenceOf(what: string, unit: string, { estimate, before }: Parameter): string {
  const range = estimate.interval?.map((each) => each?.toPrecision(4)).join(" to ");
  return `${what} ${estimate.value?.toPrecision(4)} ${unit}${unit === "" ? "" : " "}(90 %: ${range}, n ${estimate.n}), was ${before?.toPrecision(4)}`;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A number of the file and where it stands. */
function numberAt(
  node: unknown,
): { readonly from: number; readonly to: number; readonly value: number } | undefined {
  if (!isScalar(node) || typeof node.value !== "number" || !node.range) return undefined;
  return { from: node.range[0], to: node.range[1], value: node.value };
}

function spliced(text: string, splices: readonly Splice[]): string {
  let result = text;
  for (const { from, to, text: number, evidence } of [...splices].sort((a, b) => b.from - a.from)) {
    const lineEnd = result.indexOf("\n", to);
    const end = lineEnd < 0 ? result.length : lineEnd;
    const rest = result.slice(to, end);
    const note = evidence === "" || rest.includes(" #") ? "" : ` # ${evidence}`;
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

/** The calibrated platform: the user's own file with some numbers replaced, each line saying by what right. */
import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from "yaml";
import { cpuSigmaUsual, type Parameter, type TopologyNumber } from "./parameter.ts";

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly evidence: string;
}

/** One replaced line, as `diff` shows it; `before` is `null` for a line that is new. */
export interface ChangedLine {
  /** Of the file given; a new line stands after it. */
  readonly line: number;
  readonly before: string | null;
  readonly after: string;
}

export interface CalibratedText {
  readonly text: string;
  readonly changes: readonly ChangedLine[];
}

/**
 * Scales the CPU times of every operation of each service whose mean was identified, sets their spread where that was, and
 * every number that a parameter names; everything else of the file stays byte for byte. Estimates in any other state
 * change nothing.
 */
export function calibratedTopology(text: string, parameters: readonly Parameter[]): CalibratedText {
  const components = parseDocument(text).get("components");
  if (!isSeq(components)) return { text, changes: [] };
  const splices = components.items.flatMap((component) =>
    isMap(component) ? splicesOf(text, component, parameters) : [],
  );
  return { text: spliced(text, splices), changes: changedLines(text, splices) };
}

export function calibratedTopologyText(text: string, parameters: readonly Parameter[]): string {
  return calibratedTopology(text, parameters).text;
}

function splicesOf(
  text: string,
  component: YAMLMap,
  parameters: readonly Parameter[],
): readonly Splice[] {
  const id = String(component.get("id"));
  const identified = parameters.filter(({ estimate }) => estimate.state === "identified");
  const named = identified.flatMap((parameter) =>
    (parameter.sets ?? [])
      .filter((each) => each.component === id)
      .map((change) => ({ change, evidence: evidenceOf("", parameter.estimate.unit, parameter) })),
  );
  const own = new Set(named.map(({ change }) => change.path.slice(0, 2).join("/")));
  return [
    ...operationSplices(component, identified).filter(
      ({ operation }) => !own.has(`operations/${operation}`),
    ),
    ...numberSplices(text, component, named),
  ];
}

function operationSplices(
  component: YAMLMap,
  identified: readonly Parameter[],
): readonly (Splice & { readonly operation: number })[] {
  const identifiedOf = (what: string) =>
    identified.find(({ name }) => name === `${component.get("id")}.${what}`);
  const [demand, spread] = [identifiedOf("cpu-ms"), identifiedOf("cpu-sigma")];
  const operations = component.get("operations");
  if ((demand === undefined && spread === undefined) || !isSeq(operations)) return [];
  const factor = (demand?.estimate.value ?? 1) / (demand?.before ?? 1);
  const evidence = [
    ...(demand === undefined ? [] : [evidenceOf("mean", "ms of CPU", demand)]),
    ...(spread === undefined ? [] : [evidenceOf("sigma", "", spread)]),
  ].join("; ");
  return operations.items.flatMap((item, operation) => {
    const cpuMs = isMap(item) ? item.get("cpuMs", true) : undefined;
    const median = numberAt(isMap(cpuMs) ? cpuMs.get("median", true) : cpuMs);
    const sigma = numberAt(isMap(cpuMs) ? cpuMs.get("sigma", true) : undefined);
    if (median === undefined) return [];
    const before = sigma?.value ?? cpuSigmaUsual;
    // Another spread keeps the mean, so the median moves; a file that states no spread keeps its own.
    const after = sigma === undefined ? before : (spread?.estimate.value ?? before);
    const kept = Math.exp((before ** 2 - after ** 2) / 2);
    return [
      { ...median, text: plain(median.value * factor * kept), evidence, operation },
      ...(sigma === undefined || spread === undefined
        ? []
        : [{ ...sigma, text: plain(after), evidence: "", operation }]),
    ];
  });
}

interface NamedNumber {
  readonly change: TopologyNumber;
  readonly evidence: string;
}

/** Numbers that stand in the file are replaced where they stand; those that do not are put in beside their neighbours. */
function numberSplices(
  text: string,
  component: YAMLMap,
  named: readonly NamedNumber[],
): readonly Splice[] {
  const present = named.flatMap(({ change, evidence }) => {
    const found = numberAt(component.getIn(change.path, true));
    return found === undefined ? [] : [{ ...found, text: plain(change.value), evidence }];
  });
  const absent = named.filter(
    ({ change }) => numberAt(component.getIn(change.path, true)) === undefined,
  );
  const parents = new Set(absent.map(({ change }) => change.path.slice(0, -1).join("/")));
  const added = [...parents].flatMap((parent) => {
    const children = absent.filter(({ change }) => change.path.slice(0, -1).join("/") === parent);
    return addition(text, component, children);
  });
  return [...present, ...added];
}

/** Keys of one map that the file leaves out; the map itself may be left out too, such as `parameters`. */
function addition(
  text: string,
  component: YAMLMap,
  children: readonly NamedNumber[],
): readonly Splice[] {
  const path = children[0]!.change.path.slice(0, -1);
  const body = children
    .map(({ change }) => `${change.path.at(-1)}: ${plain(change.value)}`)
    .join(", ");
  const evidence = [...new Set(children.map((each) => each.evidence))].join("; ");
  const parent = path.length === 0 ? component : component.getIn(path, true);
  if (isMap(parent)) {
    const inner = insertion(text, parent, body.split(", "));
    return inner === undefined ? [] : [{ ...inner, evidence }];
  }
  // A plain number, where a distribution may stand: `cpuMs: 40`.
  const plainNumber = numberAt(parent);
  if (plainNumber !== undefined) return [{ ...plainNumber, text: `{ ${body} }`, evidence }];
  const outer = path.length === 1 ? component : component.getIn(path.slice(0, -1), true);
  if (!isMap(outer)) return [];
  const made = insertion(text, outer, [`${path.at(-1)}: { ${body} }`]);
  return made === undefined ? [] : [{ ...made, evidence }];
}

/** Further keys of a map, in the form that it has: `{ a: 1, b: 2 }` or a line each. */
function insertion(
  text: string,
  map: YAMLMap,
  entries: readonly string[],
): Omit<Splice, "evidence"> | undefined {
  const first = map.items[0] as Pair | undefined;
  const last = map.items.at(-1) as Pair | undefined;
  const firstAt = rangeOf(first?.key)?.[0];
  const lastEnd = (rangeOf(last?.value) ?? rangeOf(last?.key))?.[1];
  if (firstAt === undefined || lastEnd === undefined) return undefined;
  if (map.flow) return { from: lastEnd, to: lastEnd, text: `, ${entries.join(", ")}` };
  // After the first line of the map, whose value is a plain one in every shipped file; else after the last one's end.
  const lineStart = text.lastIndexOf("\n", firstAt - 1) + 1;
  const indent = " ".repeat(firstAt - lineStart);
  const firstEnd = isScalar(first?.value) ? rangeOf(first?.value)?.[1] : undefined;
  const lineEnd = text.indexOf("\n", firstEnd ?? lastEnd - 1);
  const at = lineEnd < 0 ? text.length : lineEnd;
  return { from: at, to: at, text: entries.map((entry) => `\n${indent}${entry}`).join("") };
}

function rangeOf(node: unknown): readonly number[] | undefined {
  return (node as { range?: readonly number[] | null } | undefined)?.range ?? undefined;
}

function evidenceOf(what: string, unit: string, { estimate, before }: Parameter): string {
  const range = estimate.interval?.map((each) => each?.toPrecision(4) ?? "?").join(" to ");
  const words = [what, estimate.value?.toPrecision(4), unit].filter(Boolean).join(" ");
  return `${words} (90 %: ${range}, n ${estimate.n})${before === null ? "" : `, was ${before.toPrecision(4)}`}`;
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
  for (const { from, to, text: number, evidence } of inOrder(splices).reverse()) {
    const lineEnd = result.indexOf("\n", to);
    const end = lineEnd < 0 ? result.length : lineEnd;
    const rest = result.slice(to, end);
    result = `${result.slice(0, from)}${number}${withEvidence(rest, evidence)}${result.slice(end)}`;
  }
  return result;
}

/** The rest of a line; a remark of the user's own stays alone, those of two numbers stand one after the other. */
function withEvidence(rest: string, evidence: string): string {
  const mark = " # calibrated: ";
  if (evidence === "" || rest.includes(evidence)) return rest;
  if (rest.includes(mark)) return rest.replace(mark, () => `${mark}${evidence}; `);
  return rest.includes(" #") ? rest : `${rest}${mark}${evidence}`;
}

function inOrder(splices: readonly Splice[]): Splice[] {
  return [...splices].sort((a, b) => a.from - b.from);
}

/** Lines that differ, and lines that are new, in the order of the file. */
function changedLines(text: string, splices: readonly Splice[]): readonly ChangedLine[] {
  const before = text.split("\n");
  const after = spliced(text, splices).split("\n");
  const lineOf = (at: number) => text.slice(0, at).split("\n").length;
  const newAfter = new Map<number, number>();
  for (const { from, text: added } of splices) {
    const lines = added.split("\n").length - 1;
    if (lines > 0) newAfter.set(lineOf(from), (newAfter.get(lineOf(from)) ?? 0) + lines);
  }
  const changes: ChangedLine[] = [];
  let at = 0;
  for (const [index, line] of before.entries()) {
    if (after[at] !== line) changes.push({ line: index + 1, before: line, after: after[at]! });
    at += 1;
    for (let added = newAfter.get(index + 1) ?? 0; added > 0; added -= 1) {
      changes.push({ line: index + 1, before: null, after: after[at]! });
      at += 1;
    }
  }
  return changes;
}

/** A unified diff without context, as `patch` takes it. */
export function diffText(file: string, changes: readonly ChangedLine[]): string {
  let added = 0;
  const hunks = changes.map(({ line, before, after }) => {
    if (before === null) {
      added += 1;
      return `@@ -${line},0 +${line + added} @@\n+${after}\n`;
    }
    return `@@ -${line} +${line + added} @@\n-${before}\n+${after}\n`;
  });
  return `--- ${file}\n+++ ${file} (calibrated)\n${hunks.join("")}`;
}

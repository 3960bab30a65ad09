/** A mapping as a file that people edit: YAML, one line a series. */
import { isSeq, parse, parseDocument, stringify } from "yaml";
import { MistakeList, TwinError } from "../../sim/errors/twin-error.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { type FitSource, type FitSourceKind, fitSourceKinds } from "../calibrate/fit-source.ts";
import { type NamedPath, requestNames } from "../estimators/mix/request-kind.ts";
import type { Finding } from "../fit-report.ts";
import { isRecord, listOf, textOf } from "../importers/imported.ts";
import type { Series } from "../series/series.ts";
import {
  type MappedSeries,
  type MetricRole,
  metricRoles,
  proposeMapping,
  seriesName,
} from "./propose-mapping.ts";

/** A mapping, the text to keep it in, and what its owner should know. */
export interface KeptMapping {
  readonly mapping: readonly MappedSeries[];
  /** Measurements besides metrics: those of the file, then those that were given with it. */
  readonly fits: readonly FitSource[];
  /** Paths of access logs whose kind of request the user says. */
  readonly namedPaths: readonly NamedPath[];
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** The proposal as a file; series without a place stand in a list to choose from. */
export function freshMapping(
  series: readonly Series[],
  topology: Topology,
  fits: readonly FitSource[],
): KeptMapping {
  const mapping = proposeMapping(series, topology);
  const used = new Set(mapping.map((line) => line.series));
  const rest = series.map(seriesName).filter((name) => !used.has(name));
  const text = `# Which exported series tells of which component. Roles: ${metricRoles.join(", ")}.
# What stands under "ignore" is not proposed again. "fits" are measurements besides metrics: kind, of (component), file.
# "requests" says the kinds of an access log's paths where their words do not: { path: "POST /v1/tickets", request: place }.
${stringify({ series: mapping, ignore: [], fits })}${rest.length === 0 ? "" : `# Not mapped:\n${rest.map((name) => `#   ${name}\n`).join("")}`}`;
  return { mapping, fits, namedPaths: [], text, findings: [] };
}

/**
 * The user's mapping, kept letter by letter, with lines added for series that it neither maps nor ignores and for which
 * there is a proposal. Throws what `parseMapping` throws.
 */
export function mergeMapping(
  text: string,
  file: string,
  series: readonly Series[],
  topology: Topology,
  given: readonly FitSource[],
): KeptMapping {
  const { mapping: own, fits: kept, namedPaths } = parseMapping(text, file, series, topology);
  const document = parseDocument(text);
  const newFits = given.filter((each) => !kept.some((known) => sameFit(known, each)));
  const fits = [...kept, ...newFits];
  const ignored = listOf(document.toJS()?.ignore).map(textOf);
  const known = new Set([...own.map((line) => line.series), ...ignored]);
  const taken = new Set(own.map(({ component, role }) => `${component} ${role}`));
  const added = proposeMapping(series, topology).filter(
    (line) => !known.has(line.series) && !taken.has(`${line.component} ${line.role}`),
  );
  if (added.length === 0 && newFits.length === 0)
    return { mapping: own, fits, namedPaths, text, findings: [] };
  for (const each of newFits) document.addIn(["fits"], each);
  const list = document.get("series");
  if (isSeq(list)) {
    for (const line of added) {
      const node = document.createNode(line);
      node.commentBefore = " proposed, not yet looked at";
      list.add(node);
    }
  }
  return {
    mapping: [...own, ...added],
    fits,
    namedPaths,
    text: String(document),
    findings:
      added.length === 0
        ? []
        : [
            {
              severity: "note",
              what: `${added.length} series were mapped by proposal besides the mapping given: ${added.map((line) => line.series).join("; ")}. Put those that are not wanted under "ignore"`,
              at: file,
            },
          ],
  };
}

/** Throws `mapping.damaged` for what is no YAML, else all mistakes of all lines at once. */
function parseMapping(
  text: string,
  file: string,
  series: readonly Series[],
  topology: Topology,
): Pick<KeptMapping, "mapping" | "fits" | "namedPaths"> {
  const document = yamlOf(text, file);
  const lines = isRecord(document) ? listOf(document["series"]) : [];
  const mistakes = new MistakeList();
  const known = new Set(series.map(seriesName));
  const components = new Set(topology.components.map(({ id }) => id));
  const mapping = lines.map((line, at) => {
    const entry = isRecord(line) ? line : {};
    const named = {
      series: textOf(entry["series"]),
      component: textOf(entry["component"]),
      role: textOf(entry["role"]) as MetricRole,
    };
    const wrong = (code: string, problem: string, names: Iterable<string>) =>
      mistakes.add({
        code,
        problem,
        remedy: `Use one of ${[...names].join("; ")}`,
        at: `${file} /series/${at}`,
      });
    if (!known.has(named.series))
      wrong("mapping.series-unknown", `No series "${named.series}" was imported`, known);
    if (!components.has(named.component))
      wrong(
        "mapping.component-unknown",
        `The topology has no component "${named.component}"`,
        components,
      );
    if (!metricRoles.includes(named.role))
      wrong("mapping.role-unknown", `"${named.role}" is no role`, metricRoles);
    return named;
  });
  if (lines.length === 0) {
    mistakes.add({
      code: "mapping.empty",
      problem: "The mapping names no series",
      remedy: "Calibrate once without --mapping: the proposal is written to mapping.yaml",
      at: file,
    });
  }
  const fits = fitsOf(document, file, mistakes);
  const namedPaths = namedPathsOf(document, file, mistakes);
  mistakes.throwIfAny(file);
  return { mapping, fits, namedPaths };
}

function namedPathsOf(
  document: unknown,
  file: string,
  mistakes: MistakeList,
): readonly NamedPath[] {
  const lines = isRecord(document) ? listOf(document["requests"]) : [];
  return lines.map((line, at) => {
    const entry = isRecord(line) ? line : {};
    const path = textOf(entry["path"]);
    const request = requestNames.find((name) => name === entry["request"]);
    if (path === "" || request === undefined)
      mistakes.add({
        code: "mapping.request-unknown",
        problem: `"${textOf(entry["request"])}" of "${path}" is no kind of request`,
        remedy: `Give path (method and path, such as POST /v1/orders/*) and request (one of ${requestNames.join(", ")})`,
        at: `${file} /requests/${at}`,
      });
    return { path, request: request ?? "place" };
  });
}

function fitsOf(document: unknown, file: string, mistakes: MistakeList): readonly FitSource[] {
  const lines = isRecord(document) ? listOf(document["fits"]) : [];
  return lines.map((line, at) => {
    const entry = isRecord(line) ? line : {};
    const kind = textOf(entry["kind"]) as FitSourceKind;
    if (!fitSourceKinds.includes(kind) || textOf(entry["file"]) === "")
      mistakes.add({
        code: "mapping.fit-unknown",
        problem: `"${kind}" of "${textOf(entry["file"])}" is no fit of a file`,
        remedy: `Give kind (one of ${fitSourceKinds.join(", ")}), of (a component) and file`,
        at: `${file} /fits/${at}`,
      });
    return { kind, of: textOf(entry["of"]), file: textOf(entry["file"]) };
  });
}

function sameFit(a: FitSource, b: FitSource): boolean {
  return a.kind === b.kind && a.of === b.of && a.file === b.file;
}

function yamlOf(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new TwinError(
      {
        code: "mapping.damaged",
        problem: `The mapping is no YAML: ${(cause as Error).message.split("\n")[0]}`,
        remedy: "Mend it, or calibrate without --mapping for a fresh proposal",
        at: file,
      },
      { cause },
    );
  }
}

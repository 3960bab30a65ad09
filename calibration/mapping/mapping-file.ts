/** A mapping as a file that people edit: YAML, one line a series. */
import { parse, stringify } from "yaml";
import { MistakeList, TwinError } from "../../sim/errors/twin-error.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { isRecord, listOf, textOf } from "../importers/imported.ts";
import type { Series } from "../series/series.ts";
import { type MappedSeries, type MetricRole, metricRoles, seriesName } from "./propose-mapping.ts";

export function mappingText(mapping: readonly MappedSeries[]): string {
  return `# Which exported series tells of which component. Roles: ${metricRoles.join(", ")}.\n${stringify({ series: mapping })}`;
}

/** Throws `mapping.damaged` for what is no YAML, else all mistakes of all lines at once. */
export function parseMapping(
  text: string,
  file: string,
  series: readonly Series[],
  topology: Topology,
): readonly MappedSeries[] {
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
  mistakes.throwIfAny(file);
  return mapping;
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

/** Names that lead nowhere, and names given twice. */

import { isCopyOf } from "../sim/twin/platform/copies.ts";
import type { Path } from "./located-yaml.ts";
import { firstOf, suggestion } from "./nearest-name.ts";
import type { Finding } from "./schema-mistakes.ts";
import type { Reference } from "./schema-walk.ts";

/** What can be named. */
export interface Declared {
  readonly componentIds: readonly string[];
  /** Service of each component, in the same order. */
  readonly services: readonly string[];
  readonly zoneIds: readonly string[];
  readonly regionIds: readonly string[];
}

const placePrefix = "zone-of:";

export function checkReferences(
  references: readonly Reference[],
  declared: Declared,
  prefix: string,
): readonly Finding[] {
  return references.flatMap((reference) => {
    const { name, names, path } = reference;
    if (names === "place" && name.startsWith(placePrefix)) {
      return checkComponent({ path, name: name.slice(placePrefix.length) }, declared, prefix);
    }
    if (names === "component") return checkComponent(reference, declared, prefix);
    if (names === "zone-or-region" && declared.regionIds.includes(name)) return [];
    if (names === "region") return checkRegion(name, path, declared, prefix);
    return checkZone(name, path, declared, prefix);
  });
}

function checkComponent(
  { name, path, services: wanted }: Pick<Reference, "name" | "path" | "services">,
  { componentIds, services, regionIds }: Declared,
  prefix: string,
): readonly Finding[] {
  const apt = componentIds.filter(
    (_, at) => wanted === undefined || wanted.includes(services[at] ?? ""),
  );
  if (apt.includes(name)) return [];
  // People act on all copies of a component at once.
  if (path[0] === "runbooks" && apt.some((id) => isCopyOf(id, name))) return [];
  const copies = copiesNamed(name, apt, regionIds);
  if (copies.length > 0) return [oneOfCopies(name, copies, path, prefix)];
  const isOther = componentIds.includes(name);
  return [
    {
      code: isOther ? `${prefix}.service-wrong` : `${prefix}.component-unknown`,
      problem: isOther
        ? `Component "${name}" is of service "${services[componentIds.indexOf(name)]}", and this must be of "${wanted?.join('" or "')}"`
        : `The topology has no component "${name}"`,
      remedy: suggestion(name, apt, "component"),
      path,
    },
  ];
}

/** Copies of a component of the file, by part and by region. */
function copiesNamed(
  name: string,
  ids: readonly string[],
  regionIds: readonly string[],
): readonly string[] {
  const stems = [name, ...regionIds.map((region) => `${name}-${region}`)];
  return ids.filter((id) => stems.some((stem) => isCopyOf(id, stem)));
}

/** The file has such a component, but in parts or regions: which of them is meant must be said. */
function oneOfCopies(name: string, copies: readonly string[], path: Path, prefix: string): Finding {
  return {
    code: `${prefix}.component-in-copies`,
    problem: `Component "${name}" stands in ${copies.length === 1 ? "one copy" : `${copies.length} copies`}, each under a name of its own`,
    remedy: `Name the one that is meant: ${firstOf(copies)}`,
    path,
  };
}

function checkRegion(
  name: string,
  path: Path,
  { regionIds }: Declared,
  prefix: string,
): readonly Finding[] {
  if (regionIds.includes(name)) return [];
  return [
    {
      code: `${prefix}.region-unknown`,
      problem: `The topology has no region "${name}"`,
      remedy: suggestion(name, regionIds, "region"),
      path,
    },
  ];
}

function checkZone(
  name: string,
  path: Path,
  { zoneIds }: Declared,
  prefix: string,
): readonly Finding[] {
  if (zoneIds.includes(name)) return [];
  return [
    {
      code: `${prefix}.zone-unknown`,
      problem: `The topology has no zone "${name}"`,
      remedy: suggestion(name, zoneIds, "zone"),
      path,
    },
  ];
}

/** `pathOf` leads to the name of the entry with that index. */
export function checkUnique(
  entries: readonly { readonly index: number; readonly value: string }[],
  noun: string,
  prefix: string,
  pathOf: (index: number) => Path,
): readonly Finding[] {
  const seen = new Set<string>();
  return entries.flatMap(({ index, value }) => {
    if (!seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [
      {
        code: `${prefix}.id-twice`,
        problem: `There is another ${noun} "${value}" before this one`,
        remedy: `Give each ${noun} a name of its own`,
        path: pathOf(index),
      },
    ];
  });
}

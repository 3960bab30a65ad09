/** Names that lead nowhere, and names given twice. */

import type { Path } from "./located-yaml.ts";
import { suggestion } from "./nearest-name.ts";
import type { Finding } from "./schema-mistakes.ts";
import type { Reference } from "./schema-walk.ts";

/** What can be named. */
export interface Declared {
  readonly componentIds: readonly string[];
  readonly zoneIds: readonly string[];
}

const placePrefix = "zone-of:";

export function checkReferences(
  references: readonly Reference[],
  declared: Declared,
  prefix: string,
): readonly Finding[] {
  return references.flatMap(({ name, names, path }) => {
    if (names === "place" && name.startsWith(placePrefix)) {
      return checkComponent(name.slice(placePrefix.length), path, declared, prefix);
    }
    if (names === "component") return checkComponent(name, path, declared, prefix);
    return checkZone(name, path, declared, prefix);
  });
}

function checkComponent(
  name: string,
  path: Path,
  { componentIds }: Declared,
  prefix: string,
): readonly Finding[] {
  if (componentIds.includes(name)) return [];
  return [
    {
      code: `${prefix}.component-unknown`,
      problem: `The topology has no component "${name}"`,
      remedy: suggestion(name, componentIds, "component"),
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

/** Goes through data along its schema, however wrong the data is, and collects what checks need to know. */
import type * as z from "zod";
import { type Named, namedFields } from "./fields.ts";
import type { Path } from "./located-yaml.ts";

type Schema = z.core.$ZodType;

/** A field that names something declared elsewhere. */
export interface Reference {
  readonly path: Path;
  readonly name: string;
  readonly names: Named;
  /** Services that a component may be of, if not any. */
  readonly services?: readonly string[];
}

export interface Walk {
  readonly references: readonly Reference[];
  /** Keys that the object at a path may have, by `pathText` of the path. */
  readonly keysAt: ReadonlyMap<string, readonly string[]>;
}

export function walk(schema: Schema, data: unknown): Walk {
  const references: Reference[] = [];
  const keysAt = new Map<string, readonly string[]>();
  const toVisit: Visit[] = [{ schema, value: data, path: [] }];
  for (let next = toVisit.pop(); next !== undefined; next = toVisit.pop()) {
    const { value, path } = next;
    const named = namedFields.get(next.schema);
    if (named !== undefined && typeof value === "string") {
      references.push({ path, name: value, ...named });
    }
    const keys = keysOf(next.schema);
    if (keys !== undefined) keysAt.set(pathText(path), keys);
    toVisit.push(...within(next));
  }
  return { references, keysAt };
}

interface Visit {
  readonly schema: Schema;
  readonly value: unknown;
  readonly path: Path;
}

/** What is inside a value, with the schemas that it should fit. */
function within({ schema, value, path }: Visit): readonly Visit[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "default":
      return [{ schema: def.innerType, value, path }];
    case "array":
      return (Array.isArray(value) ? value : []).map((item: unknown, index) => ({
        schema: def.element,
        value: item,
        path: [...path, index],
      }));
    case "object":
      return Object.entries(def.shape).flatMap(([key, child]) =>
        hasKey(value, key) ? [{ schema: child, value: value[key], path: [...path, key] }] : [],
      );
    case "record":
      return Object.entries(isObject(value) ? value : {}).map(([key, child]) => ({
        schema: def.valueType,
        value: child,
        path: [...path, key],
      }));
    case "union":
      return def.options
        .filter((option) => fits(option, def, value))
        .map((option) => ({ schema: option, value, path }));
    default:
      return [];
  }
}

/** Keys that an object of this schema may have; undefined for anything else. */
function keysOf(schema: Schema): readonly string[] | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "object") return Object.keys(def.shape);
  if (def.type === "record") return [...(def.keyType._zod.values ?? [])].map(String);
  return undefined;
}

/** A path as text that no other path has. */
export function pathText(path: Path): string {
  return path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** The value at a path; undefined when there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) value = hasKey(value, String(step)) ? value[String(step)] : undefined;
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Whether the data chose this variant of a union: its tag says so, or its being an object. */
function fits(option: Schema, union: object, value: unknown): boolean {
  if (!isObject(value)) return false;
  if (!("discriminator" in union)) return option._zod.def.type === "object";
  const tag = String(union.discriminator);
  return option._zod.propValues?.[tag]?.has(value[tag] as string) === true;
}

function hasKey(value: unknown, key: string): value is Readonly<Record<string, unknown>> {
  return isObject(value) && Object.hasOwn(value, key);
}

/** Designs of a sweep: a scenario with one value for each path that varies, checked like a file. */
import { parse } from "yaml";
import { checkedScenario } from "../scenarios/checked-scenario.ts";
import { componentSchema } from "../scenarios/component-schemas.ts";
import type { Path } from "../scenarios/located-yaml.ts";
import { nearestName, suggestion } from "../scenarios/nearest-name.ts";
import { scenarioSchema } from "../scenarios/scenario-schema.ts";
import { isObject, pathText, valueAt, walk } from "../scenarios/schema-walk.ts";
import { topologySchema } from "../scenarios/topology-schema.ts";
import { MistakeList, TwinError } from "../sim/errors/twin-error.ts";
import { ScenarioRun } from "../sim/twin/run-scenario.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { withOverrides } from "../sim/twin/topology-variants.ts";
import { topologyLoader } from "./scenario-files.ts";

/** What varies, and the values it takes. */
export interface Variation {
  /** As the user wrote it: `order-service.taskCount`. */
  readonly path: string;
  readonly values: readonly unknown[];
}

export interface Platform {
  readonly scenario: Scenario;
  readonly topology: Topology;
}

/** One combination of values, ready to run. */
export interface Design extends Platform {
  readonly values: Readonly<Record<string, unknown>>;
}

/** Fields of a scenario that may vary, beside its topology; its name is what the designs have in common. */
const scenarioFields = [
  "workload",
  "faults",
  "roles",
  "runbooks",
  "objectives",
  "acceptance",
  "costAssumptions",
  "warmUpSeconds",
  "durationSeconds",
];

const designsMax = 10_000;

/** `component.field=a,b,c`; values are read as YAML, so that lists in brackets are one value. */
export function readVariation(text: string): Variation {
  const equals = text.indexOf("=");
  const path = text.slice(0, equals).trim();
  const values = equals < 0 ? [] : valuesOf(text.slice(equals + 1));
  if (path !== "" && values.length > 0) return { path, values };
  throw new TwinError({
    code: "sweep.vary",
    problem: `"${text}" does not say what varies and how`,
    remedy: "Write PATH=VALUE,VALUE: order-service.taskCount=6,9,12",
    at: "--vary",
  });
}

/** Commas inside brackets and braces belong to the value. */
function valuesOf(text: string): readonly unknown[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const letter of text) {
    if ("[{".includes(letter)) depth += 1;
    if ("]}".includes(letter)) depth -= 1;
    if (letter === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else part += letter;
  }
  return [...parts, part].filter((each) => each.trim() !== "").map(readValue);
}

function readValue(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new TwinError(
      {
        code: "sweep.value",
        problem: `"${text}" is no value (${cause instanceof Error ? cause.message.split("\n")[0] : cause})`,
        remedy:
          "Write values as in a scenario file: 3, true, db.r6g.large, [us-east-1a, us-east-1b]",
        at: "--vary",
      },
      { cause },
    );
  }
}

/** Every combination of values, the last path varying fastest; throws all mistakes at once. */
export function designsOf(base: Platform, variations: readonly Variation[]): readonly Design[] {
  const count = variations.reduce((product, { values }) => product * values.length, 1);
  if (count > designsMax) {
    throw new TwinError({
      code: "sweep.designs-max",
      problem: `${count} designs are more than ${designsMax}`,
      remedy: "Vary fewer paths, or fewer values of each",
      at: "--vary",
    });
  }
  const mistakes = new MistakeList();
  const collect = <Result>(work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      for (const mistake of error.mistakes) mistakes.add(mistake);
      return undefined;
    }
  };
  // A path is looked at with its first value, once, before any combination is built; a topology with each.
  let looked = base;
  for (const { path, values } of variations) {
    const firsts = path.startsWith("topology") ? [...values].reverse() : values.slice(0, 1);
    for (const value of firsts) looked = collect(() => varied(looked, path, value)) ?? looked;
  }
  mistakes.throwIfAny("--vary");
  let designs: readonly Design[] = [{ ...base, values: {} }];
  for (const { path, values } of variations) {
    designs = designs.flatMap((design) =>
      values.map((value) => ({
        ...varied(design, path, value),
        values: { ...design.values, [path]: value },
      })),
    );
  }
  for (const { scenario, topology } of designs) collect(() => checkedScenario(scenario, topology));
  mistakes.throwIfAny("--vary");
  return designs;
}

/** The platform with one value at a path. Throws when the path leads nowhere. */
function varied(base: Platform, text: string, value: unknown): Platform {
  const [head = "", ...rest] = text.split(".");
  const { scenario, topology } = base;
  if (head === "topology") return onTopology(base, rest, value, text);
  if (scenarioFields.includes(head)) {
    const changed = withValue(scenario, [head, ...rest], value, text);
    requireKeys(walk(scenarioSchema, changed.data), changed.path, text);
    return { topology, scenario: changed.data as unknown as Scenario };
  }
  if (head === "network") {
    const changed = withValue(topology, [head, ...rest], value, text);
    requireKeys(walk(topologySchema, changed.data), changed.path, text);
    const parsed = topologySchema.safeParse(changed.data);
    if (!parsed.success) throw unknownValue(text, parsed.error.issues[0]?.message ?? "");
    return { scenario, topology: changed.data as unknown as Topology };
  }
  const component = withOverrides(topology, scenario.componentOverrides).components.find(
    ({ id }) => id === head,
  );
  if (component === undefined) throw unknownHead(text, head, topology);
  if (rest.length === 0) {
    const keys = walk(componentSchema, component).keysAt.get("") ?? [];
    throw unknownPath(
      text,
      `"${head}" is a whole component`,
      `Name a field of it: ${fieldsText(keys)}`,
    );
  }
  const changed = withValue(component, rest, value, text);
  requireKeys(walk(componentSchema, changed.data), changed.path, text);
  if (rest[0] === "parameters") requireParameter(base, head, rest[1] ?? "", text);
  const field = String(changed.path[0]);
  const own = { ...scenario.componentOverrides?.[head], [field]: changed.data[field] };
  return {
    topology,
    scenario: { ...scenario, componentOverrides: { ...scenario.componentOverrides, [head]: own } },
  };
}

/** The same scenario on another platform: same clients, same luck. */
function onTopology(
  { scenario }: Platform,
  rest: readonly string[],
  value: unknown,
  text: string,
): Platform {
  if (rest.length > 0) {
    throw unknownPath(text, "A topology varies as a whole", "Write topology=current,phase-1");
  }
  const name = String(value);
  const topology = loadedTopologies.get(name) ?? topologyLoader("./sweep")(name);
  loadedTopologies.set(name, topology);
  return { topology, scenario: { ...scenario, topology: name } };
}

/** Read once each, however many designs are on them. */
const loadedTopologies = new Map<string, Topology>();

type Data = Readonly<Record<string, unknown>>;

/** A copy with one value set, and the path with positions in place of the names of list items. */
function withValue(
  source: object,
  steps: readonly string[],
  value: unknown,
  text: string,
): { readonly data: Data; readonly path: Path } {
  const path: (string | number)[] = [];
  const set = (data: unknown, at: number): unknown => {
    const step = steps[at];
    if (step === undefined) return value;
    if (Array.isArray(data)) {
      const index = positionIn(data, step, text);
      path.push(index);
      return data.map((item, position) => (position === index ? set(item, at + 1) : item));
    }
    if (data !== undefined && !isObject(data)) {
      const name = steps.slice(0, at).join(".");
      throw unknownPath(text, `"${name}" has nothing beneath it`, `End the path at ${name}`);
    }
    path.push(step);
    const fields = data ?? {};
    return { ...fields, [step]: set(fields[step], at + 1) };
  };
  return { data: set(source, 0) as Data, path };
}

/** Items of a list are named by their id or name, or counted from 0. */
function positionIn(items: readonly unknown[], step: string, text: string): number {
  const names = items.map((item) => String(valueAt(item, ["id"]) ?? valueAt(item, ["name"]) ?? ""));
  const named = names.indexOf(step);
  if (named >= 0) return named;
  const index = /^\d+$/.test(step) ? Number(step) : -1;
  if (index >= 0 && index < items.length) return index;
  const known = names.filter((name) => name !== "");
  throw unknownPath(text, `There is no "${step}" in the list`, suggestion(step, known, "item"));
}

/** Every step must be a field that the schema knows, whether or not it was there before. */
function requireKeys(
  { keysAt }: { readonly keysAt: ReadonlyMap<string, readonly string[]> },
  path: Path,
  text: string,
): void {
  for (const [at, step] of path.entries()) {
    const keys = keysAt.get(pathText(path.slice(0, at)));
    if (typeof step !== "string" || keys === undefined || keys.length === 0) continue;
    if (keys.includes(step)) continue;
    throw unknownPath(text, `There is no field "${step}"`, suggestion(step, keys, "field"));
  }
}

function requireParameter(base: Platform, id: string, name: string, text: string): void {
  const components = parameterNames(base);
  // A component with copies is assembled under their names: `matching-1`, `matching-us-east-1`.
  const copy = [...components.keys()].find((each) => each.startsWith(`${id}-`)) ?? "";
  const names = components.get(id) ?? components.get(copy) ?? [];
  if (names.includes(name)) return;
  throw unknownPath(
    text,
    `"${id}" has no parameter "${name}"`,
    suggestion(name, names, "parameter"),
  );
}

const namesByTopology = new WeakMap<Topology, ReadonlyMap<string, readonly string[]>>();

/** Only an assembled component knows what its parameters are called; a topology is assembled for that once. */
function parameterNames(base: Platform): ReadonlyMap<string, readonly string[]> {
  const known = namesByTopology.get(base.topology);
  if (known !== undefined) return known;
  const { components } = new ScenarioRun({ ...base, seed: "1" }).head();
  const names = new Map(components.map(({ id, parameters }) => [id, Object.keys(parameters)]));
  namesByTopology.set(base.topology, names);
  return names;
}

function unknownHead(text: string, head: string, topology: Topology): TwinError {
  const ids = topology.components.map(({ id }) => id);
  const names = ["topology", ...scenarioFields, "network", ...ids];
  const nearest = nearestName(head, names);
  const remedy =
    nearest === undefined
      ? `Begin with a component (${ids.join(", ")}) or with topology, ${scenarioFields.join(", ")} or network`
      : `Did you mean "${nearest}"?`;
  return unknownPath(text, `Neither the topology nor the scenario has "${head}"`, remedy);
}

function unknownPath(text: string, problem: string, remedy: string): TwinError {
  return new TwinError({ code: "sweep.path-unknown", problem, remedy, at: `--vary ${text}` });
}

function unknownValue(text: string, why: string): TwinError {
  return new TwinError({
    code: "sweep.value-refused",
    problem: `The value does not fit: ${why}`,
    remedy: "See schema/topology.schema.json for what fits",
    at: `--vary ${text}`,
  });
}

function fieldsText(keys: readonly string[]): string {
  return keys.filter((key) => key !== "id" && key !== "service").join(", ");
}

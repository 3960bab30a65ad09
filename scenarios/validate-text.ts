/** Scenario and topology files as text: either the value, or every mistake with its line and column. */
import type * as z from "zod";
import { type Mistake, TwinError } from "../sim/errors/twin-error.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { checkScenario, warnScenario } from "./check-scenario.ts";
import { checkCopies, checkTopology, warnTopology } from "./check-topology.ts";
import { extendTopology } from "./extend-topology.ts";
import { type LocatedYaml, type Path, readYaml } from "./located-yaml.ts";
import { scenarioSchema } from "./scenario-schema.ts";
import { type Finding, findingsOf, withoutEchoes } from "./schema-mistakes.ts";
import { isObject, pathText, valueAt, type Walk, walk } from "./schema-walk.ts";
import { topologySchema } from "./topology-schema.ts";
import { type Variant, variantSchema } from "./variant-schema.ts";

/** A mistake with its place; `at` is `file:line:column`. */
export interface LocatedMistake extends Mistake {
  readonly at: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Path inside the document, as in `/faults/0/zone`. */
  readonly path: string;
}

export type Validated<Value> =
  | { readonly ok: true; readonly value: Value; readonly warnings: readonly LocatedMistake[] }
  | {
      readonly ok: false;
      readonly mistakes: readonly LocatedMistake[];
      readonly warnings: readonly LocatedMistake[];
    };

export interface ScenarioAndTopology {
  readonly scenario: Scenario;
  readonly topology: Topology;
}

export interface ScenarioLoading {
  /** The topology that a file names; throws a `TwinError` when there is none or it has mistakes. */
  readonly loadTopology: (name: string) => Topology;
}

/** For callers that work on the text itself, in which only what is written out can be found. */
const withoutOthers: ScenarioLoading = {
  loadTopology: (name) => {
    throw new TwinError({
      code: "topology.extends-unread",
      problem: `This topology extends "${name}", and only one that is written out can be worked on here`,
      remedy: "Name the topology that it extends, or write its components out",
    });
  },
};

/** Finds all mistakes of a scenario file, of its YAML, of its form and against its topology. */
export function validateScenarioText(
  text: string,
  fileName: string,
  { loadTopology }: ScenarioLoading,
): Validated<ScenarioAndTopology> {
  let topology: Topology | undefined;
  const validated = validate<Scenario>(text, fileName, {
    prefix: "scenario",
    schema: scenarioSchema,
    check: (data, seen) => {
      const loading = topologyOf(data, "topology", loadTopology);
      topology = loading.topology;
      return [...loading.findings, ...checkScenario(data, seen, topology)];
    },
    warn: warnScenario,
  });
  if (!validated.ok) return validated;
  // Without a topology there was a finding, so this is for the compiler.
  if (topology === undefined) throw new Error("a valid scenario has a topology");
  return { ...validated, value: { scenario: validated.value, topology } };
}

/** Finds all mistakes of a topology file. One that extends another is checked as what comes out. */
export function validateTopologyText(
  text: string,
  fileName: string,
  loading: ScenarioLoading = withoutOthers,
): Validated<Topology> {
  if (isVariant(text)) return validateVariantText(text, fileName, loading);
  return validate<Topology>(text, fileName, {
    prefix: "topology",
    schema: topologySchema,
    check: checkTopology,
    checkSound: checkCopies,
    warn: warnTopology,
  });
}

function isVariant(text: string): boolean {
  return valueAt(readYaml(text).data, ["extends"]) !== undefined;
}

function validateVariantText(
  text: string,
  fileName: string,
  { loadTopology }: ScenarioLoading,
): Validated<Topology> {
  let topology: Topology | undefined;
  const validated = validate<Variant>(text, fileName, {
    prefix: "topology",
    schema: variantSchema,
    check: (data) => {
      const base = topologyOf(data, "extends", loadTopology);
      if (base.topology === undefined) return base.findings;
      const extended = extendTopology(data, base.topology);
      const judged = judgeExtended(extended.data, variantSchema.safeParse(data).success);
      topology = judged.topology;
      return [...extended.findings, ...judged.findings.map((each) => extended.blame(each))];
    },
    warn: () => [],
  });
  if (!validated.ok) return validated;
  // Without a topology there was a finding, so this is for the compiler.
  if (topology === undefined) throw new Error("a valid variant comes out as a topology");
  return { ...validated, value: topology };
}

/** Names that lead nowhere may stem from a change that could not be read, so they are told only when all could. */
function judgeExtended(
  data: unknown,
  isWhole: boolean,
): { readonly topology?: Topology; readonly findings: readonly Finding[] } {
  const seen = walk(topologySchema, data);
  const parsed = topologySchema.safeParse(data);
  const issues = parsed.success ? [] : parsed.error.issues;
  const findings = withoutEchoes([
    ...issues.flatMap((issue) => findingsOf(issue, data, seen, "topology")),
    ...(isWhole ? checkTopology(data, seen) : []),
  ]);
  if (!parsed.success || !isWhole || findings.length > 0) return { findings };
  return { topology: parsed.data, findings: checkCopies(parsed.data) };
}

/** What kind of file a YAML text means to be: only a topology has components, or those of another. */
export function kindOfText(text: string): "scenario" | "topology" {
  const { data } = readYaml(text);
  const has = (key: string) => valueAt(data, [key]) !== undefined;
  const isTopology = has("components") || has("extends") || (has("regions") && !has("faults"));
  return isTopology ? "topology" : "scenario";
}

/** Throws all mistakes as one error, for callers that cannot go on without the value. */
export function requireValid<Value>(validated: Validated<Value>, fileName: string): Value {
  if (validated.ok) return validated.value;
  const [first, second] = validated.mistakes;
  if (first !== undefined && second === undefined) throw new TwinError(first);
  throw new TwinError(
    {
      code: "input.several-mistakes",
      problem: `${fileName} has ${validated.mistakes.length} mistakes`,
      remedy: "Mend each of them; they are independent of one another where possible",
      at: fileName,
    },
    { mistakes: validated.mistakes },
  );
}

interface Kind<Value> {
  readonly prefix: "scenario" | "topology";
  readonly schema: z.ZodType<Value>;
  readonly check: (data: unknown, seen: Walk) => readonly Finding[];
  /** Checks that only a document without other mistakes can stand. */
  readonly checkSound?: (value: Value) => readonly Finding[];
  readonly warn: (data: unknown) => readonly Finding[];
}

function validate<Value>(text: string, fileName: string, kind: Kind<Value>): Validated<Value> {
  const yaml = readYaml(text);
  const syntax = yaml.mistakes.map((mistake) => ({
    ...mistake,
    file: fileName,
    path: "",
    at: `${fileName}:${mistake.line}:${mistake.column}`,
  }));
  if (yaml.data === undefined) return { ok: false, mistakes: syntax, warnings: [] };
  if (!isObject(yaml.data) || Array.isArray(yaml.data)) {
    const mistake = located(notADocument(kind.prefix, yaml.data), yaml, fileName);
    return { ok: false, mistakes: [...syntax, mistake], warnings: [] };
  }
  const seen = walk(kind.schema, yaml.data);
  const parsed = kind.schema.safeParse(yaml.data);
  const issues = parsed.success ? [] : parsed.error.issues;
  const inForm = withoutEchoes([
    ...issues.flatMap((issue) => findingsOf(issue, yaml.data, seen, kind.prefix)),
    ...kind.check(yaml.data, seen),
  ]);
  const isSound = parsed.success && inForm.length === 0;
  const findings = isSound ? (kind.checkSound?.(parsed.data) ?? []) : inForm;
  const mistakes = [...syntax, ...findings.map((finding) => located(finding, yaml, fileName))].sort(
    (a, b) => a.line - b.line || a.column - b.column,
  );
  const warnings = kind.warn(yaml.data).map((finding) => located(finding, yaml, fileName));
  if (!parsed.success || mistakes.length > 0) return { ok: false, mistakes, warnings };
  return { ok: true, value: parsed.data, warnings };
}

function located(finding: Finding, yaml: LocatedYaml, file: string): LocatedMistake {
  const { code, problem, remedy, path } = finding;
  const { line, column } =
    finding.onKey === true ? yaml.positionOfKey(path) : yaml.positionOf(path);
  return {
    code,
    problem,
    remedy,
    at: `${file}:${line}:${column}`,
    file,
    line,
    column,
    path: pathText(path),
  };
}

function notADocument(prefix: "scenario" | "topology", data: unknown): Finding {
  const path: Path = [];
  const remedy = `Write the keys of a ${prefix}, one a line; schema/${prefix}.schema.json lists them`;
  if (data === null) return { code: `${prefix}.empty`, problem: "The file is empty", remedy, path };
  return { code: `${prefix}.not-keys`, problem: "The file holds no keys at its top", remedy, path };
}

/** The topology's own mistakes belong to its own file; here it is enough to say that there are some. */
function topologyOf(
  data: unknown,
  key: "topology" | "extends",
  loadTopology: (name: string) => Topology,
): { topology?: Topology; findings: readonly Finding[] } {
  const name = valueAt(data, [key]);
  if (typeof name !== "string" || name === "") return { findings: [] };
  try {
    return { topology: loadTopology(name), findings: [] };
  } catch (error) {
    if (!(error instanceof TwinError)) throw error;
    const findings = error.mistakes.map((mistake) => ({
      code: mistake.code,
      problem: mistake.at === undefined ? mistake.problem : `${mistake.problem} (${mistake.at})`,
      remedy: mistake.remedy,
      path: [key],
    }));
    return { findings };
  }
}

/** What zod found wrong, said so that the author of the file can mend it alone. */
import type * as z from "zod";
import type { Path } from "./located-yaml.ts";
import { nearestName, suggestion } from "./nearest-name.ts";
import { pathText, valueAt, type Walk } from "./schema-walk.ts";

/** A mistake at a place of the document; `onKey` when its key is wrong and not its value. */
export interface Finding {
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
  readonly path: Path;
  readonly onKey?: boolean;
  /** Of an unknown key: the path of the one that was probably meant. */
  readonly meant?: string;
}

/** A misspelt key is one mistake, not a missing key and an unknown one. */
export function withoutEchoes(findings: readonly Finding[]): readonly Finding[] {
  const meant = new Set(findings.flatMap((finding) => finding.meant ?? []));
  return findings.filter(
    ({ code, path }) => !(code.endsWith(".key-missing") && meant.has(pathText(path))),
  );
}

type Issue = z.core.$ZodIssue;

/** `prefix` is the first word of the codes: what kind of file it is. */
export function findingsOf(
  issue: Issue,
  data: unknown,
  seen: Walk,
  prefix: string,
): readonly Finding[] {
  const path = issue.path as Path;
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return findingsOfUnion(issue, data, seen, prefix);
  }
  const { keysAt } = seen;
  if (issue.code === "unrecognized_keys") {
    const known = keysAt.get(pathText(path)) ?? [];
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known);
      return {
        code: `${prefix}.key-unknown`,
        problem: `Unknown key "${key}"`,
        remedy: suggestion(key, known, "key"),
        path: [...path, key],
        onKey: true,
        ...(nearest === undefined ? {} : { meant: pathText([...path, nearest]) }),
      };
    });
  }
  const value = valueAt(data, path);
  if (value === undefined) {
    const choices = choicesOf(issue);
    return [
      {
        code: `${prefix}.key-missing`,
        problem: `"${nameOf(path)}" is missing`,
        remedy: choices === "" ? `Add ${nameOf(path)}: ${expectedOf(issue)}` : `Add it; ${choices}`,
        path,
      },
    ];
  }
  return [{ ...saidOf(issue, value, nameOf(path), prefix), path }];
}

/** A value that may have one of several forms is judged by the form that it seems to mean. */
function findingsOfUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  data: unknown,
  seen: Walk,
  prefix: string,
): readonly Finding[] {
  const path = issue.path as Path;
  const form = issue.errors.find(
    (issues) => !issues.some((each) => each.code === "invalid_type" && each.path.length === 0),
  );
  if (form !== undefined) {
    return form.flatMap((inner) =>
      findingsOf({ ...inner, path: [...path, ...inner.path] }, data, seen, prefix),
    );
  }
  const name = nameOf(path);
  const forms = issue.errors.flatMap((issues) => issues.slice(0, 1).map(expectedOf)).join(", or ");
  return [
    {
      code: `${prefix}.type-wrong`,
      problem: `"${name}" is ${shown(valueAt(data, path))}`,
      remedy: `Write ${forms}`,
      path,
    },
  ];
}

type Said = Omit<Finding, "path">;

function saidOf(issue: Issue, value: unknown, name: string, prefix: string): Said {
  switch (issue.code) {
    case "invalid_type":
      return {
        code: `${prefix}.type-wrong`,
        problem: `"${name}" must be ${expectedOf(issue)}, and is ${shown(value)}`,
        remedy: typeRemedy(issue.expected, value),
      };
    case "invalid_value":
    case "invalid_union":
      return {
        code: `${prefix}.value-unknown`,
        problem: `"${name}" cannot be ${shown(value)}`,
        remedy: suggestion(String(value), optionsOf(issue), "value"),
      };
    case "too_small":
    case "too_big":
      return rangeSaid(issue, value, name, prefix);
    case "invalid_format":
      return {
        code: `${prefix}.name-malformed`,
        problem: `"${name}" cannot be ${shown(value)}`,
        remedy: `Write ${issue.message}`,
      };
    default:
      return {
        code: `${prefix}.invalid`,
        problem: `"${name}" is ${shown(value)}: ${issue.message}`,
        remedy: "Compare it with the published schema in schema/",
      };
  }
}

function rangeSaid(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  value: unknown,
  name: string,
  prefix: string,
): Said {
  const code = `${prefix}.out-of-range`;
  if (typeof value === "string" || Array.isArray(value)) {
    return {
      code,
      problem: `"${name}" is empty`,
      remedy: typeof value === "string" ? "Write at least a word" : "Add at least one entry",
    };
  }
  const bound =
    issue.code === "too_small"
      ? `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`
      : `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
  return {
    code,
    problem: `"${name}" is ${shown(value)}`,
    remedy: `Write a number that is ${bound}`,
  };
}

function optionsOf(issue: Issue): readonly string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  return issue.code === "invalid_union" && "options" in issue
    ? (issue.options ?? []).map(String)
    : [];
}

function choicesOf(issue: Issue): string {
  const options = optionsOf(issue);
  if (options.length === 0) return "";
  return options.length === 1 ? `it is always ${options[0]}` : `it is one of ${options.join(", ")}`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a group of keys",
  record: "a group of keys",
};

function expectedOf(issue: Issue): string {
  return issue.code === "invalid_type" ? (typeWords[issue.expected] ?? issue.expected) : "a value";
}

function typeRemedy(expected: string, value: unknown): string {
  if (value === null)
    return "Write a value after the colon, or remove the key if it may be left out";
  switch (expected) {
    case "number":
    case "int":
      return typeof value === "string"
        ? "Write a plain number, without quotes or unit: the unit is in the key's name"
        : `Write ${typeWords[expected]}`;
    case "boolean":
      return "Write true or false";
    case "string":
      return "Put it in quotes";
    case "array":
      return "Begin each entry on a line of its own with a hyphen";
    default:
      return "Write its keys below it, indented by two spaces";
  }
}

function shown(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a group of keys";
  const text = JSON.stringify(value) ?? String(value);
  const plain = typeof value === "number" ? String(value) : text;
  return plain.length <= 60 ? plain : `${plain.slice(0, 57)}...`;
}

function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return "the document";
  return typeof last === "number" ? `${path.at(-2) ?? ""}[${last}]` : last;
}

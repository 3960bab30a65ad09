/** What of a module could stand in another one: functions, whole classes, and methods. */
import { readFileSync } from "node:fs";
import { type ESTree, parseSync, Visitor } from "vite";

/** Characters below which taking something out gains nothing. */
const sizeMin = 30;

/** A function, class or method that can stand elsewhere than where it is written. */
export interface Candidate {
  /** `name`, or `Class.method`. */
  readonly name: string;
  readonly kind: "function" | "class" | "method";
  readonly node: ESTree.Node;
  /** Where its own name ends, and where its body is. */
  readonly nameEnd: number;
  readonly body: ESTree.Node;
  /** What to pass on; undefined where parameters are more than names. */
  readonly parameters: readonly string[] | undefined;
}

/** What could be taken out of a module. */
export function candidatesOf(program: ESTree.Program, code: string): readonly Candidate[] {
  const found: Candidate[] = [];
  const heldClasses = classesInUse(program);
  for (const statement of program.body) {
    const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (node?.type === "FunctionDeclaration" && node.body && node.id) {
      if (node.async || node.generator) continue;
      const { id, body } = node;
      found.push({
        name: id.name,
        kind: "function",
        node,
        nameEnd: id.end,
        body,
        parameters: namesOf(node.params),
      });
    }
    if (node?.type !== "ClassDeclaration" || !node.id) continue;
    const className = node.id.name;
    if (!node.superClass && !heldClasses.has(className) && !hasStatics(node)) {
      found.push({
        name: className,
        kind: "class",
        node,
        nameEnd: node.id.end,
        body: node.body,
        parameters: undefined,
      });
    }
    for (const member of node.body.body) {
      if (member.type !== "MethodDefinition" || member.kind !== "method") continue;
      const { key, value } = member;
      if (member.static || member.computed || !value.body || value.async || value.generator)
        continue;
      if (key.type !== "Identifier" && key.type !== "PrivateIdentifier") continue;
      const text = code.slice(value.body.start, value.body.end);
      if (/\bsuper\b|\barguments\b|\bnew\.target\b/.test(text)) continue;
      found.push({
        name: `${className}.${key.type === "PrivateIdentifier" ? "#" : ""}${key.name}`,
        kind: "method",
        node: member,
        nameEnd: key.end,
        body: value.body,
        parameters: namesOf(value.params),
      });
    }
  }
  return found.filter(({ body }) => body.end - body.start >= sizeMin);
}

/** Classes that others of the module extend or hold things against. */
function classesInUse(program: ESTree.Program): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (node: ESTree.Node | null | undefined) => {
    if (node?.type === "Identifier") names.add(node.name);
  };
  new Visitor({
    BinaryExpression(node) {
      if (node.operator === "instanceof") add(node.right);
    },
    ClassDeclaration(node) {
      add(node.superClass);
    },
  }).visit(program);
  return names;
}

/** Names of classes that any of these modules extends or holds things against. */
export function classesHeld(paths: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const path of paths) {
    const { program } = parseSync(path, readFileSync(path, "utf8"));
    for (const name of classesInUse(program)) names.add(name);
  }
  return names;
}

function hasStatics(node: ESTree.Class): boolean {
  return node.body.body.some((member) => "static" in member && member.static);
}

function namesOf(params: readonly ESTree.Node[]): readonly string[] | undefined {
  const names = params.map((each) => (each.type === "Identifier" ? each.name : undefined));
  return names.every((name) => name !== undefined) ? (names as string[]) : undefined;
}

/** Names of a module, and which of its constants may be written twice. */
import type { ESTree } from "vite";

/** A name that a module declares at its top. */
export interface TopLevel {
  readonly kind: "import" | "const" | "other";
  readonly isExported: boolean;
  readonly init: ESTree.Node;
}

/** What a module declares at its top, and imports, by name. */
export function topLevelOf(program: ESTree.Program): ReadonlyMap<string, TopLevel> {
  const found = new Map<string, TopLevel>();
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      for (const { local } of statement.specifiers) {
        found.set(local.name, { kind: "import", isExported: false, init: local });
      }
      continue;
    }
    const isExported = statement.type === "ExportNamedDeclaration";
    const node = isExported ? statement.declaration : statement;
    if (node?.type === "FunctionDeclaration" || node?.type === "ClassDeclaration") {
      if (node.id) found.set(node.id.name, { kind: "other", isExported, init: node });
    }
    if (node?.type !== "VariableDeclaration") continue;
    for (const { id, init } of node.declarations) {
      if (id.type !== "Identifier")
        throw new Error("a constant is taken apart at the top of a module");
      if (init) found.set(id.name, { kind: "const", isExported, init });
    }
  }
  return found;
}

/** Whether a constant may be written twice: numbers, texts, and what is declared as never changing. */
export function isCopied(
  init: ESTree.Node,
  top: ReadonlyMap<string, TopLevel>,
  isFrozen = false,
): boolean {
  const isSame = (node: ESTree.Node | null) => node !== null && isCopied(node, top, isFrozen);
  switch (init.type) {
    case "Literal":
      return !("regex" in init);
    case "TemplateLiteral":
      return init.expressions.length === 0;
    case "UnaryExpression":
      return isSame(init.argument);
    case "BinaryExpression":
      return isSame(init.left) && isSame(init.right);
    case "Identifier": {
      const found = top.get(init.name);
      return found?.kind === "import" || (found?.kind === "const" && isSame(found.init));
    }
    case "TSAsExpression":
      return isCopied(init.expression, top, init.typeAnnotation.type === "TSTypeReference");
    case "ArrayExpression":
      return isFrozen && init.elements.every(isSame);
    case "ObjectExpression":
      return (
        isFrozen &&
        init.properties.every(
          (each) => each.type === "Property" && !each.computed && isSame(each.value),
        )
      );
    default:
      return false;
  }
}

/** Declarations of these constants, in the order of the module. */
export function inOrder(
  program: ESTree.Program,
  names: ReadonlySet<string>,
): readonly ESTree.Node[] {
  return program.body.flatMap((statement) => {
    const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (node?.type !== "VariableDeclaration") return [];
    const isAsked = node.declarations.some(
      ({ id }) => id.type === "Identifier" && names.has(id.name),
    );
    return isAsked ? [node] : [];
  });
}

/** Names used below a node, types left out. */
export function identifiersOf(root: ESTree.Node): ReadonlySet<string> {
  const names = new Set<string>();
  walk(root, (node) => {
    if (node.type === "Identifier") names.add(node.name);
  });
  return names;
}

/** Every node below, types left out. */
export function walk(node: ESTree.Node, visit: (node: ESTree.Node) => void): void {
  if (/^TS(?!As|NonNull|Satisfies)/.test(node.type)) return;
  visit(node);
  for (const value of Object.values(node)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && typeof each === "object" && "type" in each) walk(each, visit);
    }
  }
}

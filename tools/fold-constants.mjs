/**
 * Constants in bundles, so that V8 compiles what they hold into the code. It does so for what a chunk keeps to itself in a
 * `const`. A `var`, which Vite makes of it unless told otherwise (not so in workers of the page), and what another chunk
 * imports, it reads anew at every use, with a check of what kind of object it finds. See docs/performance.md for what
 * both cost.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSync, Visitor } from "vite";

/** @typedef {ReadonlyMap<string, number>} Members */
/** @typedef {import("vite").ESTree.Program} Program */
/** @typedef {import("vite").ESTree.BindingPattern} Pattern */

/** How bundles are written: constants of modules stay `const`. */
export const constantsStay = { topLevelVar: false };

/**
 * Writes the number where a member of `export const x = { a: 0, b: 1 } as const` stands, in the simulation's modules.
 * @returns {import("vite").Plugin}
 */
export function foldConstants() {
  /** @type {Map<string, ReadonlyMap<string, Members>>} */
  const known = new Map();
  /** @param {string} path */
  const constantsOf = (path) => {
    const source = path.replace(/\.late\.ts$/, ".ts");
    const found = known.get(path) ?? exportedConstants(path, readFileSync(source, "utf8"));
    known.set(path, found);
    return found;
  };
  return {
    name: "fold-constants",
    enforce: "pre",
    transform(code, id) {
      if (!/\/sim\/.*\.ts$/.test(id) || id.includes("/node_modules/")) return undefined;
      return { code: folded(id, code, constantsOf), map: null };
    },
  };
}

/**
 * A module's text with the members of constants, its own and those it imports, as numbers. Names that the module declares
 * anew anywhere are left alone.
 * @param {string} path
 * @param {string} code
 * @param {(path: string) => ReadonlyMap<string, Members>} constantsOf constants that a module exports
 * @returns {string}
 */
export function folded(path, code, constantsOf) {
  const { program } = parseSync(path, code);
  /** @type {Map<string, Members>} */
  const constants = new Map(constantsOf(path));
  for (const node of program.body) {
    if (node.type !== "ImportDeclaration" || !/^\..*\.ts$/.test(node.source.value)) continue;
    const exported = constantsOf(resolve(dirname(path), node.source.value));
    for (const each of node.specifiers) {
      if (each.type !== "ImportSpecifier" || each.imported.type !== "Identifier") continue;
      const members = exported.get(each.imported.name);
      if (members !== undefined) constants.set(each.local.name, members);
    }
  }
  if (constants.size === 0) return code;
  for (const name of otherNames(program)) constants.delete(name);
  let text = "";
  let from = 0;
  new Visitor({
    MemberExpression(node) {
      if (node.computed || node.object.type !== "Identifier") return;
      const value = constants.get(node.object.name)?.get(node.property.name);
      if (value === undefined) return;
      text += code.slice(from, node.start) + (value < 0 ? `(${value})` : value);
      from = node.end;
    },
  }).visit(program);
  return text + code.slice(from);
}

/**
 * Objects of numbers that a module exports as constants, by name.
 * @param {string} path
 * @param {string} code
 * @returns {ReadonlyMap<string, Members>}
 */
export function exportedConstants(path, code) {
  /** @type {Map<string, Members>} */
  const constants = new Map();
  for (const declarator of exportedDeclarators(parseSync(path, code).program)) {
    const { id, init } = declarator;
    if (id.type !== "Identifier" || init?.type !== "TSAsExpression") continue;
    const isConst = code.slice(init.typeAnnotation.start, init.typeAnnotation.end) === "const";
    if (!isConst || init.expression.type !== "ObjectExpression") continue;
    constants.set(id.name, numbersOf(init.expression, code));
  }
  return constants;
}

/**
 * @param {import("vite").ESTree.ObjectExpression} object
 * @param {string} code
 * @returns {Members}
 */
function numbersOf(object, code) {
  /** @type {Map<string, number>} */
  const members = new Map();
  for (const property of object.properties) {
    if (property.type !== "Property" || property.key.type !== "Identifier") continue;
    const text = code.slice(property.value.start, property.value.end).replaceAll("_", "");
    if (!property.computed && /^-?\d+$/.test(text)) members.set(property.key.name, Number(text));
  }
  return members;
}

/** @param {Program} program */
function exportedDeclarators(program) {
  return program.body.flatMap((node) =>
    node.type === "ExportNamedDeclaration" && node.declaration?.type === "VariableDeclaration"
      ? node.declaration.declarations
      : [],
  );
}

/**
 * Names that a module gives to anything but what it exports at its top: parameters, variables, what a `catch` caught.
 * @param {Program} program
 * @returns {ReadonlySet<string>}
 */
function otherNames(program) {
  const exported = new Set(exportedDeclarators(program));
  /** @type {Set<string>} */
  const names = new Set();
  /** @param {{ readonly params: readonly unknown[] }} node */
  const addParameters = ({ params }) => {
    for (const each of params) addNames(/** @type {Pattern} */ (each), names);
  };
  new Visitor({
    VariableDeclarator(node) {
      if (!exported.has(node)) addNames(node.id, names);
    },
    FunctionDeclaration(node) {
      if (node.id) names.add(node.id.name);
      addParameters(node);
    },
    FunctionExpression: addParameters,
    ArrowFunctionExpression: addParameters,
    CatchClause(node) {
      if (node.param) addNames(node.param, names);
    },
  }).visit(program);
  return names;
}

/**
 * @param {Pattern | import("vite").ESTree.Node} pattern
 * @param {Set<string>} names
 */
function addNames(pattern, names) {
  switch (pattern.type) {
    case "Identifier":
      names.add(pattern.name);
      return;
    case "ObjectPattern":
      for (const each of pattern.properties) {
        addNames(each.type === "RestElement" ? each.argument : each.value, names);
      }
      return;
    case "ArrayPattern":
      for (const each of pattern.elements) if (each) addNames(each, names);
      return;
    case "AssignmentPattern":
      addNames(pattern.left, names);
      return;
    case "RestElement":
      addNames(pattern.argument, names);
      return;
    default:
      throw new Error(`A name is declared in a way that is not known here: ${pattern.type}`);
  }
}

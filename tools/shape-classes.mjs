/**
 * Classes in bundles, written so that V8 knows what their objects hold and compiles it into the code: where an array lies
 * and how long it is, in place of loads and checks at every use.
 *
 * - A field that is declared and then set by the constructor is set twice, and V8 takes what is set twice for something
 *   that changes. A private name has to be declared; so private names become ordinary ones, and declarations go.
 * - A method doesn't know its object. Written as an arrow function that the constructor makes, it does while there is one
 *   such object in the thread, the first simulation's; so the longer methods of what a simulation has one of, where a
 *   thread runs one simulation. Later ones are slower for it.
 *
 * See docs/performance.md for what both give, and for what the second takes from simulations after the first.
 */
import { parseSync } from "vite";

/** @typedef {import("vite").ESTree.Node} Node */
/** @typedef {import("vite").ESTree.Class} Class */
/** @typedef {{ readonly start: number, readonly end: number, readonly text: string }} Edit */

/**
 * @typedef {object} Shape
 * @property {boolean} [short] whether names that were private become as short as they can be
 * @property {boolean} [bound] whether longer methods are bound: for a thread that runs one simulation
 */

/**
 * @param {Shape} [shape]
 * @returns {import("vite").Plugin}
 */
export function shapeClasses(shape = {}) {
  return {
    name: "shape-classes",
    enforce: "pre",
    transform(code, id) {
      if (!/\/sim\/.*\.ts$/.test(id) || id.includes("/node_modules/")) return undefined;
      return { code: shaped(id, code, shape), map: null };
    },
  };
}

/**
 * A module's text with its classes in that form.
 * @param {string} path
 * @param {string} code
 * @param {Shape} [shape]
 * @returns {string}
 */
export function shaped(path, code, { short = false, bound = false } = {}) {
  /** @type {Edit[]} */
  const edits = [];
  /** @type {readonly ReadonlyMap<string, string>[]} */
  const outside = [];
  visit(parseSync(path, code).program, outside, (node, privates) => {
    if (node.type === "PrivateIdentifier") {
      const text = privates.find((names) => names.has(node.name))?.get(node.name);
      if (text === undefined) throw new Error(`${path}: #${node.name} is declared in no class`);
      edits.push({ start: node.start, end: node.end, text });
      return privates;
    }
    if (node.type === "MemberExpression" && node.object.type === "Super") {
      const name = code.slice(node.property.start, node.property.end);
      throw new Error(
        `${path}: super.${name} is not there in a bundle, where longer methods are an object's own; share a function instead`,
      );
    }
    if (node.type !== "ClassDeclaration" && node.type !== "ClassExpression") return privates;
    edits.push(...declarationsDropped(node));
    if (bound && isOnce(path, node, code)) edits.push(...methodsBound(node));
    return [plainNames(node, code, short), ...privates];
  });
  return edited(code, edits);
}

/**
 * What private names of a class become. A class that extends another has names apart from that one's.
 * @param {Class} node
 * @param {string} code
 * @param {boolean} short
 * @returns {ReadonlyMap<string, string>}
 */
function plainNames(node, code, short) {
  const names = new Set(
    node.body.body.flatMap((member) =>
      "key" in member && member.key.type === "PrivateIdentifier" ? [member.key.name] : [],
    ),
  );
  const prefix = node.superClass ? "$$" : "$";
  if (!short) return new Map([...names].map((name) => [name, prefix + name]));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const [, name = ""] of code.slice(node.start, node.end).matchAll(/#([A-Za-z]\w*)/g)) {
    if (names.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1]);
  return new Map(ranked.map(([name], at) => [name, prefix + at.toString(36)]));
}

/**
 * Fields that are declared without a value and that the constructor sets are left to the constructor.
 * @param {Class} node
 * @returns {readonly Edit[]}
 */
function declarationsDropped(node) {
  const set = fieldsSetBy(constructorOf(node));
  return node.body.body.flatMap((member) => {
    if (member.type !== "PropertyDefinition" || member.static || member.computed) return [];
    if (member.value !== null || !set.has(nameOf(member.key))) return [];
    return [{ start: member.start, end: member.end, text: "" }];
  });
}

/**
 * Characters of a body from which on a method is bound. Shorter ones V8 compiles into where they are called, with all that
 * it knows of the object there.
 */
const boundFrom = 350;

/**
 * Longer methods as arrow functions of the object's own.
 * @param {Class} node
 * @returns {readonly Edit[]}
 */
function methodsBound(node) {
  return node.body.body.flatMap((member) => {
    if (member.type !== "MethodDefinition" || member.kind !== "method") return [];
    const { body, async, generator } = member.value;
    if (member.static || member.computed || !body || async || generator) return [];
    if (body.end - body.start < boundFrom) return [];
    return [
      { start: member.key.end, end: member.key.end, text: " = " },
      { start: body.start, end: body.start, text: "=> " },
      { start: body.end, end: body.end, text: ";" },
    ];
  });
}

/** Of the kernel's own classes these; of its others there may be any number. */
const kernelParts = new Set(["Kernel", "Agenda", "EventSlots", "Ladder", "Near"]);

/**
 * Whether a simulation has one object of a class, or few: those that are made with the kernel or the platform at hand. None
 * of them is extended in a way that replaces a method.
 * @param {string} path
 * @param {Class} node
 * @param {string} code
 */
function isOnce(path, node, code) {
  if (path.includes("/sim/kernel/")) return kernelParts.has(node.id?.name ?? "");
  const made = constructorOf(node);
  return made !== undefined && /\b(kernel|fabric)\b/i.test(code.slice(made.start, made.end));
}

/** @param {Class} node */
function constructorOf(node) {
  return node.body.body.find(
    (member) => member.type === "MethodDefinition" && member.kind === "constructor",
  );
}

/**
 * Names after `this.` to which a constructor assigns.
 * @param {Node | undefined} made
 * @returns {ReadonlySet<string>}
 */
function fieldsSetBy(made) {
  /** @type {Set<string>} */
  const names = new Set();
  if (made === undefined) return names;
  visit(made, undefined, (node) => {
    if (node.type !== "AssignmentExpression" || node.operator !== "=") return undefined;
    const { left } = node;
    if (left.type === "MemberExpression" && left.object.type === "ThisExpression") {
      if (!left.computed) names.add(nameOf(left.property));
    }
    return undefined;
  });
  return names;
}

/** @param {Node} key */
function nameOf(key) {
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return key.type === "Identifier" ? key.name : "";
}

/**
 * Visits every node; what a visit returns is handed to those below.
 * @template T
 * @param {Node} node
 * @param {T} given
 * @param {(node: Node, given: T) => T} enter
 */
function visit(node, given, enter) {
  const below = enter(node, given);
  for (const value of Object.values(node)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && typeof each === "object" && "type" in each) visit(each, below, enter);
    }
  }
}

/**
 * @param {string} code
 * @param {readonly Edit[]} edits of which one may lie within another that leaves nothing
 */
function edited(code, edits) {
  let text = "";
  let from = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.start < from) continue;
    text += code.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return text + code.slice(from);
}

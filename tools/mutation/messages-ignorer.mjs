/**
 * Leaves the words of messages alone when the engine is mutated: a test that copies a sentence proves nothing. That a
 * mistake is told, and with which code and line, is still mutated. A Stryker plugin of kind `Ignore`.
 */

/**
 * @typedef {{ name?: string, property?: { name?: string } }} Named
 * @typedef {{ type: string, callee?: Named, id?: Named }} Node
 * @typedef {{ node: Node, findParent(wanted: (path: Path) => boolean): Path | null }} Path
 */

const speakers = new Set([
  "assert",
  "complain",
  "Error",
  "JsonMistake",
  "add",
  "mistake",
  "missing",
]);

const variables = new Set(["problem", "remedy", "tornReason"]);

/** @param {Node} node */
function isSpoken(node) {
  if (node.type === "VariableDeclarator") return variables.has(node.id?.name ?? "");
  if (node.type === "ThrowStatement") return true;
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return false;
  return speakers.has(node.callee?.name ?? node.callee?.property?.name ?? "");
}

/** @param {Path} path */
function shouldIgnore(path) {
  const { type } = path.node;
  if (type !== "StringLiteral" && type !== "TemplateLiteral") return undefined;
  const spoken = path.findParent(({ node }) => isSpoken(node));
  return spoken === null ? undefined : "the words of a message are not tested";
}

export const strykerPlugins = [{ kind: "Ignore", name: "messages", value: { shouldIgnore } }];

/**
 * Reads the sources and names the right way for each wrong one. Rules that Biome can hold are in `biome.json`;
 * these are about words, places and the way that components keep their state.
 */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { filesUnder } from "../tools/sources.mjs";

interface Rule {
  /** Paths that it reads. */
  readonly files: RegExp;
  readonly wrong: RegExp;
  readonly right: string;
}

const simulation = /^sim\/(?!.*\.test\.ts$).*\.ts$/;
const code = /\.(ts|tsx|mjs)$/;
const anyText = /\.(ts|tsx|mjs|json|jsonc|md|ya?ml|grit|html|css|sh)$|^\.ci\/run$/;
const tests = /\.test\.tsx?$/;

// Written in two pieces where this file would otherwise find itself.
const rules: readonly Rule[] = [
  {
    files: simulation,
    wrong: /\bMath\.random\b/,
    right: "use the random stream you were handed",
  },
  {
    files: simulation,
    wrong: /\bDate\.now\b|\bnew Date\b|\bperformance\.now\b/,
    right: "use kernel.nowUs, the only clock of the simulation",
  },
  {
    files: simulation,
    wrong: /\}\s*=\s*Math\b|=\s*Math\s*[;,)]/,
    right: "call Math where it is used, so that the lint can see which function it is",
  },
  {
    files: simulation,
    wrong: /\.(toLocaleString|localeCompare|toLocaleUpperCase|toLocaleLowerCase)\(/,
    right: "compare with < and format in cli or ui: locales differ between machines",
  },
  {
    files: anyText,
    wrong: new RegExp(`\\b(${"TO"}DO|${"FIX"}ME|${"XX"}X)\\b`),
    right: "do it, or open an issue and say its number",
  },
  {
    files: anyText,
    wrong: new RegExp(`(^|[\\s"'\`(=:])/(${"wo"}rk|${"fa"}rm|${"ho"}me|${"ro"}ot)/`),
    right: "use a path relative to the project; no machine is like another",
  },
  {
    files: /(^|\/)package-lock\.json$|^\.npmrc$|^package\.json$/,
    wrong: new RegExp(`"resolved": "http|registry\\.${"npm"}js|registry=`),
    right: "leave addresses of registries out (omit-lockfile-registry-resolved)",
  },
  {
    files: tests,
    wrong: /\b(test|it|describe)(\.each\(.*\))?\.(only|skip|todo|fails)\(/,
    right: "let every test run; test.skipIf is for absent market data only",
  },
  {
    files: code,
    wrong: new RegExp(`@ts-${"ig"}nore|@ts-${"no"}check`),
    right: "mend the type, or use @ts-expect-error with a reason",
  },
];

/** Names that say nothing about what is inside. */
const emptyName = /(^|\/)(utils?|helpers?|misc|common|index2|new|temp|stuff)\.(ts|tsx|mjs)$/;

/** Where everything that changes during a run must be registered with the kernel. */
const holdsRunState = /^sim\/(components|twin)\/(?!recording\/|results\/|.*\.test\.ts$).*\.ts$/;

/**
 * A comment that sets a variable or field apart. "Assembly only": it is filled while the simulation is assembled,
 * and only read after. "Not run state": what reads files and writes reports, between runs.
 */
const assemblyMark = "Assembly only";
const outsideMark = "Not run state";

const paths = filesUnder(".").filter((path) => anyText.test(path));

test("the sources are read at all", () => {
  expect(paths.filter((path) => code.test(path)).length).toBeGreaterThan(20);
  expect(paths).toContain("test/tidy.test.ts");
  expect(paths).toContain("package-lock.json");
});

test("every source does the right thing in the right way", () => {
  expect(paths.flatMap((path) => problemsOf(path, readFileSync(path, "utf8")))).toEqual([]);
});

test.each([
  ["sim/kernel/a.ts", "const x = Math.random();", "use the random stream"],
  ["sim/kernel/a.ts", "const { log } = Math;", "call Math where it is used"],
  ["sim/twin/a.ts", "const t = Date.now();", "use kernel.nowUs"],
  ["cli/utils.ts", "", "name the file for the one thing it holds"],
  ["cli/a.ts", `// ${"TO"}DO: later`, "do it, or open an issue"],
  ["docs/a.md", `see /${"wo"}rk/main`, "use a path relative to the project"],
  ["package-lock.json", '"resolved": "https://x"', "leave addresses of registries out"],
  ["sim/kernel/a.test.ts", `test.${"on"}ly('x', f)`, "let every test run"],
  ["sim/components/a.ts", "let now = 0;", "registered with the kernel"],
  [
    "sim/components/a.ts",
    "function f() { let n = 0; function g() { n += 1; } return g; }",
    "registered with the kernel",
  ],
  [
    "sim/twin/a.ts",
    "function f() { const m = new Map(); return { g(k) { m.set(k, 1); } }; }",
    "kernel.intMap",
  ],
  [
    "sim/components/a.ts",
    "const seen = new Set();\nexport function f(x) { seen.add(x); }",
    "kernel",
  ],
])("in %s, %j is found", (path, text, right) => {
  expect(problemsOf(path, text).join("\n")).toContain(right);
});

test.each([
  ["sim/kernel/a.test.ts", "const x = Math.random();"],
  ["sim/components/a.ts", "function f() { let n = 0; for (const x of xs) n += x; return n; }"],
  ["sim/components/a.ts", "const names = new Map(entries); function f(x) { return names.get(x); }"],
  ["sim/twin/a.ts", "function f() { const m = new Map(); m.set(1, 2); return m; }"],
  [
    "sim/twin/a.ts",
    "function f() {\n  // Assembly only: names become numbers.\n  const m = new Map();\n  function g() { m.set(1, 2); }\n}",
  ],
  ["sim/components/a.ts", "function f() { let n = 0; xs.forEach((x) => { n += x; }); return n; }"],
  ["sim/components/a.ts", "class A { #queue!: Queue; }"],
  [
    "sim/components/a.ts",
    "function f() { for (let i = 0; i < 3; i++) g(); function g() { for (let i = 0; i < 3; i++) h(i); } }",
  ],
  ["sim/twin/a.ts", "class A { readonly #busy = kernel.counter(); static readonly x = 1; }"],
  [
    "sim/twin/a.ts",
    "class A {\n  /** Assembly only. */\n  #target = undefined;\n}\ninterface B { count: number; }",
  ],
  ["cli/a.ts", "const { log } = Math;"],
])("in %s, %j is fine", (path, text) => {
  expect(problemsOf(path, text)).toEqual([]);
});

function problemsOf(path: string, text: string): readonly string[] {
  const problems: string[] = [];
  if (emptyName.test(path)) problems.push(`${path}: name the file for the one thing it holds`);
  const lines = text.split("\n");
  for (const { files, wrong, right } of rules) {
    if (!files.test(path)) continue;
    for (const [index, line] of lines.entries()) {
      const found = wrong.exec(line);
      if (found) problems.push(`${path}:${index + 1}: ${right} instead of ${found[0].trim()}`);
    }
  }
  if (holdsRunState.test(path)) problems.push(...stateProblems(path, text));
  return problems;
}

/** State that a snapshot would miss: what an inner function changes but the kernel does not know. */
function stateProblems(path: string, text: string): readonly string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const problems: string[] = [];
  const visit = (node: ts.Node): void => {
    const problem = ts.isPropertyDeclaration(node)
      ? fieldProblem(node, text)
      : ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)
        ? variableProblem(node, node.name.text, text)
        : undefined;
    if (problem !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      problems.push(`${path}:${line + 1}: ${problem}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}

function variableProblem(
  node: ts.VariableDeclaration,
  name: string,
  text: string,
): string | undefined {
  const list = node.parent;
  if (!ts.isVariableDeclarationList(list)) return undefined;
  if (isSetApart(list.parent, text)) return undefined;
  const home = functionAround(node);
  if ((list.flags & ts.NodeFlags.Let) !== 0) {
    const isState = home === undefined || isChangedInside(home, name, isAssignmentTo);
    return isState
      ? `keep what changes registered with the kernel instead of let ${name}`
      : undefined;
  }
  return isContainer(node.initializer) &&
    isChangedInside(home ?? node.getSourceFile(), name, isMutationOf)
    ? containerProblem(name)
    : undefined;
}

function fieldProblem(node: ts.PropertyDeclaration, text: string): string | undefined {
  if (isSetApart(node, text)) return undefined;
  const name = node.name.getText();
  const isReadonly = node.modifiers?.some((each) => each.kind === ts.SyntaxKind.ReadonlyKeyword);
  if (!isReadonly && !isWiring(node)) {
    return `keep what changes registered with the kernel, behind a readonly field, instead of ${name}, or say "${assemblyMark}" above it`;
  }
  return isContainer(node.initializer) && isChangedInside(node.parent, `this.${name}`, isMutationOf)
    ? containerProblem(name)
    : undefined;
}

/** `#queue!: Queue`, a neighbour that is known only after construction; a number would be state. */
function isWiring(node: ts.PropertyDeclaration): boolean {
  return (
    node.exclamationToken !== undefined &&
    node.type !== undefined &&
    !/^(number|boolean|string)\b/.test(node.type.getText())
  );
}

function isContainer(made: ts.Expression | undefined): boolean {
  return (
    made !== undefined &&
    ts.isNewExpression(made) &&
    ["Map", "Set"].includes(made.expression.getText())
  );
}

function containerProblem(name: string): string {
  return `use kernel.intMap or kernel.bitset instead of a new Map( or new Set( in ${name}, or say "${assemblyMark}" above it`;
}

function isSetApart(node: ts.Node, text: string): boolean {
  const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  return ranges.some((range) => {
    const comment = text.slice(range.pos, range.end);
    return comment.includes(assemblyMark) || comment.includes(outsideMark);
  });
}

type Change = (node: ts.Node, name: string) => boolean;

/** Whether a function inside `home` (not `home` itself) changes the variable. */
function isChangedInside(home: ts.Node, name: string, change: Change): boolean {
  let isFound = false;
  const visit = (node: ts.Node, isInner: boolean): void => {
    if (isInner && change(node, name)) isFound = true;
    const isNested = node !== home && isFunction(node);
    if (isNested && declares(node, name)) return;
    const isLater = isNested && !isRunAtOnce(node);
    ts.forEachChild(node, (child) => visit(child, isInner || isLater));
  };
  visit(home, false);
  return isFound;
}

/** Whether a function has a parameter or variable of its own by that name. */
function declares(node: ts.Node, name: string): boolean {
  let isFound = false;
  const visit = (child: ts.Node): void => {
    if ((ts.isParameter(child) || ts.isVariableDeclaration(child)) && child.name.getText() === name)
      isFound = true;
    ts.forEachChild(child, visit);
  };
  visit(node);
  return isFound;
}

/** A callback of a walk over a collection has returned before its caller goes on. */
function isRunAtOnce(node: ts.Node): boolean {
  const call = node.parent;
  return (
    ts.isCallExpression(call) &&
    ts.isPropertyAccessExpression(call.expression) &&
    /^(forEach|map|flatMap|filter|some|every|find|reduce|sort|visit)/.test(
      call.expression.name.text,
    )
  );
}

function isAssignmentTo(node: ts.Node, name: string): boolean {
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    return (
      operator >= ts.SyntaxKind.FirstAssignment &&
      operator <= ts.SyntaxKind.LastAssignment &&
      node.left.getText() === name
    );
  }
  return (
    (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
    (node.operator === ts.SyntaxKind.PlusPlusToken ||
      node.operator === ts.SyntaxKind.MinusMinusToken) &&
    node.operand.getText() === name
  );
}

function isMutationOf(node: ts.Node, name: string): boolean {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.expression.getText() === name &&
    ["set", "add", "delete", "clear"].includes(node.expression.name.text)
  );
}

function functionAround(node: ts.Node): ts.Node | undefined {
  let at: ts.Node | undefined = node.parent;
  while (at !== undefined && !isFunction(at)) at = at.parent;
  return at;
}

function isFunction(node: ts.Node): boolean {
  return ts.isFunctionLike(node);
}

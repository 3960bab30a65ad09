/**
 * Code that a run may come to and most never do, taken out of what the page's worker fetches first. `late-code.json` names it
 * by module: functions, whole classes, and methods. In its place stands a call of what is fetched late
 * (ui/src/worker/late-code.ts); the code itself goes, as it is written, into a module beside its own.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { type ESTree, type Plugin, parseSync, Visitor } from "vite";
import { type Candidate, candidatesOf } from "./late-candidates.ts";
import { wordsMark } from "./late-words.ts";
import { identifiersOf, inOrder, isCopied, topLevelOf, walk } from "./top-level-names.ts";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What stays of a module, and what is fetched late. */
export interface SplitModule {
  readonly early: string;
  readonly late: string;
  /** What the late module exports, in the order of the numbers from `firstNumber` on. */
  readonly exports: readonly string[];
}

const lateEnding = ".late.ts";
const listPath = "tools/late-code.json";
const runtimePath = resolve("ui/src/worker/late-code.ts");
const functionsPath = resolve("ui/src/worker/late-functions.ts");
export type LateCode = Readonly<Record<string, readonly string[]>>;

export function lateCodeOfWorker(): Plugin {
  const list: LateCode = JSON.parse(readFileSync(listPath, "utf8"));
  const modules = new Map<string, SplitModule>();
  let number = 0;
  const isLate = (path: string, name: string) => list[path]?.includes(name) === true;
  for (const [path, names] of Object.entries(list)) {
    if (!existsSync(path)) continue;
    const split = splitModule(path, readFileSync(path, "utf8"), names, {
      firstNumber: number,
      isLate,
    });
    number += split.exports.length;
    modules.set(resolve(path), split);
  }
  return {
    name: "late-code-of-worker",
    enforce: "pre",
    resolveId(source, importer) {
      if (!source.endsWith(lateEnding)) return undefined;
      return resolve(dirname(importer ?? "."), source);
    },
    load(id) {
      if (id === functionsPath) return allFunctions(modules);
      if (id.endsWith(lateEnding)) {
        return modules.get(`${id.slice(0, -lateEnding.length)}.ts`)?.late;
      }
      return modules.get(id)?.early;
    },
  };
}

function allFunctions(modules: ReadonlyMap<string, SplitModule>): string {
  const imports: string[] = [];
  const names: string[] = [];
  for (const [path, { exports }] of modules) {
    if (exports.length === 0) continue;
    const own = exports.map((name) => `${name} as f${names.push("") - 1}`);
    imports.push(
      `import { ${own.join(", ")} } from ${JSON.stringify(path.replace(/\.ts$/, lateEnding))};`,
    );
  }
  return [
    ...imports,
    `export const functions = [${names.map((_, at) => `f${at}`).join(", ")}];`,
    `export const words = ${JSON.stringify(wordsMark)};`,
  ].join("\n");
}

/** Takes what is named out of a module; names that it doesn't have (any more) are passed over. */
export function splitModule(
  path: string,
  code: string,
  names: readonly string[],
  options: {
    readonly firstNumber: number;
    /** Whether a module, by its path from the root of the project, has something of this name that is late. */
    readonly isLate: (path: string, name: string) => boolean;
  },
): SplitModule {
  const { program } = parseSync(path, code);
  const taken = candidatesOf(program, code).filter(({ name }) => names.includes(name));
  if (taken.length === 0) return { early: code, late: "", exports: [] };
  const lowered = loweredPrivates(program, code, taken);
  const top = topLevelOf(program);
  const exportName = ({ name }: Candidate) => name.replace(".", "$").replace("#", "$");
  const exports = taken.map(exportName);
  const edits = taken.map((each, at) => stubOf(each, options.firstNumber + at));
  const outside = lowered.filter(({ start }) => !taken.some(({ node }) => isWithin(start, node)));
  // A method's name stays where its body goes.
  const ofStubs = lowered.filter(({ start }) =>
    taken.some(
      ({ node, body, kind }) => kind === "method" && isWithin(start, node) && start < body.start,
    ),
  );
  const copied = new Set<string>();
  const own = new Set<string>();
  const takenNames = new Set(taken.filter(({ kind }) => kind !== "method").map(({ name }) => name));
  const need = (node: ESTree.Node) => {
    for (const name of identifiersOf(node)) {
      const found = top.get(name);
      if (found === undefined || found.kind === "import" || takenNames.has(name)) continue;
      if (found.kind === "const" && isCopied(found.init, top)) {
        if (!copied.has(name)) {
          copied.add(name);
          need(found.init);
        }
      } else own.add(name);
    }
  };
  for (const { node } of taken) need(node);
  const hidden = [...own].filter((name) => top.get(name)?.isExported !== true);
  const early = [
    `import { late$ } from ${JSON.stringify(runtimePath)};`,
    edited(code, [...edits, ...outside, ...ofStubs]),
    hidden.length === 0 ? "" : `export { ${hidden.join(", ")} };`,
  ].join("\n");
  const imports = program.body.filter((each) => each.type === "ImportDeclaration");
  const base = path.split("/").at(-1);
  const late = [
    ...imports.map((each) => lateImport(path, code, each, options.isLate)),
    own.size === 0 ? "" : `import { ${[...own].join(", ")} } from "./${base}";`,
    ...inOrder(program, copied).map(({ start, end }) => code.slice(start, end)),
    ...taken.map((each) => movedText(each, code, lowered, exportName(each))),
    `export { ${exports.join(", ")} };`,
  ].join("\n");
  return { early, late, exports };
}

function isWithin(at: number, node: ESTree.Node): boolean {
  return at >= node.start && at < node.end;
}

/** An import as the late module has it: from other late modules directly, not through what stands in their place. */
function lateImport(
  path: string,
  code: string,
  node: ESTree.ImportDeclaration,
  isLate: (path: string, name: string) => boolean,
): string {
  const from = node.source.value;
  const target = from.startsWith(".") ? relative(".", resolve(dirname(path), from)) : from;
  const parts = node.specifiers.map((each) => {
    const imported =
      each.type === "ImportSpecifier" && each.imported.type === "Identifier"
        ? each.imported.name
        : "";
    return { text: code.slice(each.start, each.end), isLate: isLate(target, imported) };
  });
  if (!parts.some((part) => part.isLate)) return code.slice(node.start, node.end);
  const statement = (own: readonly { readonly text: string }[], source: string) =>
    own.length === 0
      ? ""
      : `import { ${own.map(({ text }) => text).join(", ")} } from ${JSON.stringify(source)};`;
  return [
    statement(
      parts.filter((part) => !part.isLate),
      from,
    ),
    statement(
      parts.filter((part) => part.isLate),
      from.replace(/\.ts$/, lateEnding),
    ),
  ].join("\n");
}

/** The call that stands in the place of what is taken out. */
function stubOf(candidate: Candidate, number: number): Edit {
  const { kind, node, nameEnd, body, parameters } = candidate;
  if (kind === "class") {
    const name = candidate.name;
    return {
      start: node.start,
      end: node.end,
      text: `function ${name}(...given) { return new late$[${number}](...given); }`,
    };
  }
  const given = parameters ?? ["...given"];
  const callee = kind === "method" ? `late$[${number}].call` : `late$[${number}]`;
  const passed = kind === "method" ? ["this", ...given] : given;
  return {
    start: nameEnd,
    end: body.end,
    text: `(${given.join(", ")}) { return ${callee}(${passed.join(", ")}); }`,
  };
}

function movedText(
  { kind, node, nameEnd, body }: Candidate,
  code: string,
  lowered: readonly Edit[],
  name: string,
): string {
  const text = (start: number, end: number) =>
    edited(
      code.slice(start, end),
      lowered
        .filter((edit) => edit.start >= start && edit.end <= end)
        .map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
    );
  if (kind !== "method") return text(node.start, node.end);
  return `function ${name}${text(nameEnd, body.end)}`;
}

/**
 * Private names written as ordinary ones in classes of which a method goes elsewhere, where private names can't be read.
 * Nothing else in the simulation begins with two underscores.
 */
function loweredPrivates(
  program: ESTree.Program,
  code: string,
  taken: readonly Candidate[],
): readonly Edit[] {
  const edits: Edit[] = [];
  new Visitor({
    ClassDeclaration(node) {
      if (!taken.some(({ kind, node: own }) => kind === "method" && isWithin(own.start, node)))
        return;
      const places = [...code.slice(node.start, node.end).matchAll(/#[A-Za-z]\w*/g)];
      const isPrivate = privateStarts(node);
      const used = places.filter(({ index }) => isPrivate.has(node.start + index));
      const counts = new Map<string, number>();
      for (const [name] of used) counts.set(name, (counts.get(name) ?? 0) + 1);
      const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
      const prefix = node.superClass ? "__s" : "__";
      for (const place of used) {
        const start = node.start + place.index;
        const text = `${prefix}${ranked.indexOf(place[0]).toString(36)}`;
        edits.push({ start, end: start + place[0].length, text });
      }
    },
  }).visit(program);
  return edits;
}

function privateStarts(root: ESTree.Node): ReadonlySet<number> {
  const starts = new Set<number>();
  walk(root, (node) => {
    if (node.type === "PrivateIdentifier") starts.add(node.start);
  });
  return starts;
}

function edited(code: string, edits: readonly Edit[]): string {
  let text = "";
  let from = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    text += code.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return text + code.slice(from);
}

/** Marks everything that could be taken out when a run comes to it: `globalThis.reached` holds `path name`. */
export function probesOfWorker(isAsked: (path: string) => boolean): Plugin {
  return {
    name: "probes-of-worker",
    enforce: "pre",
    load(id) {
      const path = id.replace(`${process.cwd()}/`, "");
      if (!path.startsWith("sim/") || !path.endsWith(".ts") || !isAsked(path)) return undefined;
      const code = readFileSync(path, "utf8");
      const { program } = parseSync(path, code);
      const edits = candidatesOf(program, code).map(({ name, kind, body }): Edit => {
        const mark = `globalThis.reached.add(${JSON.stringify(`${path} ${name}`)});`;
        const at = body.start + 1;
        return { start: at, end: at, text: kind === "class" ? `probe$ = ${mark}` : mark };
      });
      return edited(code, edits);
    },
  };
}

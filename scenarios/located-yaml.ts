/** YAML with the place of everything in it, so that a mistake can be shown where it was made. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";

/** Way from the top of a document to a value. */
export type Path = readonly (string | number)[];

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** A mistake of the YAML itself. */
export interface SyntaxMistake extends Position {
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface LocatedYaml {
  /** Plain data; undefined when the text could not be read as YAML at all. */
  readonly data: unknown;
  readonly mistakes: readonly SyntaxMistake[];
  /** Where a value begins, or the nearest thing around it that exists. */
  positionOf(path: Path): Position;
  /** Where the key of a value begins. */
  positionOfKey(path: Path): Position;
}

export function readYaml(text: string): LocatedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const mistakes = firstOfEachLine([
    ...[...document.errors, ...document.warnings].map((error) => ({
      ...positionAt(error.pos[0]),
      ...explain(error),
    })),
    ...badAliases(document).map(({ at, problem }) => ({
      ...positionAt(at),
      code: "yaml.alias",
      problem,
      remedy:
        "Declare the anchor (&name) before its alias (*name) and outside it, or write out what you mean",
    })),
  ]);
  // A key given twice leaves the rest readable; after anything else, guesses would only confuse.
  const readable = mistakes.every((each) => each.code === "yaml.key-twice");
  return {
    data: readable ? document.toJS() : undefined,
    mistakes,
    positionOf: (path) => positionAt(offsetOf(nearestNode(document, path))),
    positionOfKey: (path) => {
      const pair = pairAt(document, path);
      return positionAt(
        pair === undefined ? offsetOf(nearestNode(document, path)) : offsetOf(pair.key),
      );
    },
  };
}

/** One slip often makes the parser complain several times; what follows the first on a line is noise. */
function firstOfEachLine(mistakes: readonly SyntaxMistake[]): readonly SyntaxMistake[] {
  const lines = new Set<number>();
  return mistakes.filter(({ line }) => !lines.has(line) && lines.add(line));
}

/** Aliases without an anchor, and those within their own anchors: the data would have no end. */
function badAliases(document: Document): readonly { at: number; problem: string }[] {
  const found: { at: number; problem: string }[] = [];
  visit(document, {
    Alias(_, alias) {
      const at = offsetOf(alias);
      const anchored = alias.resolve(document);
      const [from, to] = anchored?.range ?? [0, 0];
      if (anchored === undefined)
        found.push({ at, problem: `Nothing has the anchor &${alias.source}` });
      else if (at >= from && at < to)
        found.push({ at, problem: "This alias stands inside what it names" });
    },
  });
  return found;
}

/** The node at the path, or the last one on the way to it. */
function nearestNode(document: Document, path: Path): Node | null {
  let node: Node | null = resolved(document, document.contents);
  for (const step of path) {
    const next = childOf(document, node, step);
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

function childOf(document: Document, node: Node | null, step: string | number): Node | undefined {
  let child: unknown;
  if (isMap(node)) child = node.items.find((pair) => keyText(pair) === String(step))?.value;
  else if (isSeq(node) && typeof step === "number") child = node.items[step];
  return (resolved(document, child) ?? undefined) as Node | undefined;
}

function pairAt(document: Document, path: Path): Pair | undefined {
  const parent = nearestNode(document, path.slice(0, -1));
  const key = String(path.at(-1));
  return isMap(parent) ? parent.items.find((pair) => keyText(pair) === key) : undefined;
}

function resolved(document: Document, node: unknown): Node | null {
  if (isAlias(node)) return (node.resolve(document) as Node | undefined) ?? null;
  return node as Node | null;
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function offsetOf(node: unknown): number {
  return (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
}

/** The parser speaks to programmers; authors of scenarios need to know what to type. */
function explain({ code, message }: YAMLError): Omit<SyntaxMistake, keyof Position> {
  const problem = (message.split("\n")[0] ?? message).replace(/:$/, "");
  switch (code) {
    case "DUPLICATE_KEY":
      return {
        code: "yaml.key-twice",
        problem: "This key stands twice in the same place",
        remedy: "Keep one of them; the other would silently win or lose",
      };
    case "TAB_AS_INDENT":
      return { code: "yaml.tab", problem: "A tab is used to indent", remedy: "Indent with spaces" };
    case "BAD_INDENT":
      return problem.startsWith("Flow")
        ? {
            code: "yaml.unfinished",
            problem: "A bracket { or [ before this point is not closed",
            remedy: "Close it with } or ], or write one entry a line instead",
          }
        : {
            code: "yaml.indent",
            problem: "The indentation fits nothing above it",
            remedy: "Line the keys that belong together up in one column",
          };
    case "BLOCK_AS_IMPLICIT_KEY":
      return {
        code: "yaml.colon",
        problem: "There is a second colon here, or the next line is indented too far",
        remedy: "Put text that holds a colon in quotes, or line the next key up",
      };
    case "MULTILINE_IMPLICIT_KEY":
      return {
        code: "yaml.colon",
        problem: "This line has no colon",
        remedy: "Write key: value",
      };
    case "BAD_SCALAR_START":
      return {
        code: "yaml.quotes",
        problem,
        remedy: "Put the text in quotes",
      };
    case "MULTIPLE_DOCS":
      return {
        code: "yaml.several-documents",
        problem: "The file holds several documents",
        remedy: "Remove the line `---` between them and give each a file of its own",
      };
    case "MISSING_CHAR":
      return {
        code: "yaml.unfinished",
        problem,
        remedy: "Add what is missing: a colon, a quote or a bracket",
      };
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
      return {
        code: "yaml.alias",
        problem,
        remedy: "Declare the anchor (&name) before it is used (*name)",
      };
    case "NON_STRING_KEY":
    case "TAG_RESOLVE_FAILED":
      return { code: "yaml.tag", problem, remedy: "Write plain keys and values, without tags" };
    default:
      return {
        code: "yaml.syntax",
        problem,
        remedy:
          "Put text that holds : # { } [ ] & * ! | > % @ in quotes, and check the indentation around it",
      };
  }
}

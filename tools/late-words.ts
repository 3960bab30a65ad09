/**
 * Texts that only people read (reasons of assumptions, mistakes and what to do about them), taken out of what the page's
 * worker fetches first. A letter for private use stands for each; what leaves the worker has the words again
 * (ui/src/worker/late-code.ts).
 */
import { type ESTree, type Plugin, parseSync } from "vite";

/** Where the texts go in the module that is fetched late. */
export const wordsMark = "the words of the worker";
const firstLetter = 0xe000;
const lettersMax = 0xf8ff - firstLetter;
/** Shorter ones are hardly worth their letter. */
const lengthMin = 14;

export function lateWordsOfWorker(): Plugin {
  const numbers = new Map<string, number>();
  const letterOf = (text: string) => {
    const number = numbers.get(text) ?? numbers.size;
    if (number > lettersMax) throw new Error("there are more texts than letters for them");
    numbers.set(text, number);
    return String.fromCharCode(firstLetter + number);
  };
  return {
    name: "late-words-of-worker",
    enforce: "pre",
    transform(code, id) {
      if (!/\/sim\/.*\.ts$/.test(id) || id.endsWith(".late.ts")) return undefined;
      return { code: withLetters(id, code, letterOf), map: null };
    },
    renderChunk(code) {
      const quoted = new RegExp(`(["'\`])${wordsMark}\\1`);
      if (!quoted.test(code)) return undefined;
      return { code: code.replace(quoted, () => JSON.stringify([...numbers.keys()])), map: null };
    },
  };
}

/** A module with letters in the place of its texts. */
export function withLetters(
  path: string,
  code: string,
  letterOf: (text: string) => string,
): string {
  let text = "";
  let from = 0;
  const put = (start: number, end: number, letters: string) => {
    text += code.slice(from, start) + letters;
    from = end;
  };
  const visit = (node: ESTree.Node) => {
    if (node.type.startsWith("TS") && !/^TS(As|NonNull|Satisfies)/.test(node.type)) return;
    if (node.type === "Literal") {
      if (typeof node.value !== "string" || !isProse(node.value)) return;
      put(node.start, node.end, JSON.stringify(letterOf(node.value)));
      return;
    }
    if (node.type === "TemplateElement") {
      const { cooked, raw } = node.value;
      if (cooked === null || !isProse(cooked)) return;
      // Where a module is in TypeScript, the element's place takes in what it stands between.
      const start = code.indexOf(raw, node.start);
      put(start, start + raw.length, letterOf(cooked));
      return;
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(parseSync(path, code).program);
  return text + code.slice(from);
}

/** Words with spaces between them, as no name has. */
function isProse(text: string): boolean {
  return text.length >= lengthMin && / \S+ /.test(text);
}

/** In the order of the text: quasis and expressions of a template take turns. */
function childrenOf(node: ESTree.Node): readonly ESTree.Node[] {
  const children = Object.entries(node).flatMap(([key, value]) => {
    if (key === "source" || (key === "key" && !("computed" in node && node.computed))) return [];
    return (Array.isArray(value) ? value : [value]).filter(
      (each) => each !== null && typeof each === "object" && "type" in each && "start" in each,
    );
  });
  return children.sort((a, b) => a.start - b.start);
}

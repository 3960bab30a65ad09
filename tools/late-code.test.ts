import { expect, test } from "vitest";
import { splitModule } from "./late-code.ts";
import { withLetters } from "./late-words.ts";

const code = `
import { other, far } from "./other.ts";
import type { Shape } from "./shape.ts";

const limit = 3 * 4;
const table = new Map<string, number>();
const hidden = (value: number) => value + limit;

export class Queue {
  readonly #items: number[] = [];
  constructor(readonlyCount: number) { this.#items.push(readonlyCount); }
  get first(): number { return this.#items[0]!; }
  #drop(from: number, to = limit): number {
    const count = hidden(this.#items.length) + table.size + other(from);
    return this.#items.splice(from, to).length + count;
  }
  purge(): number { return this.#drop(0); }
}

export function rarely(of: Queue, shape: Shape): number {
  return far(of.first) + limit + (shape as unknown as number) + hidden(of.purge());
}
`;

const split = (names: readonly string[]) =>
  splitModule("sim/queue.ts", code, names, {
    firstNumber: 7,
    isLate: (path, name) => path === "sim/other.ts" && name === "far",
  });

test("a method that goes elsewhere leaves a call of it, and its class has names that it can read", () => {
  const { early, late, exports } = split(["Queue.#drop"]);
  expect(exports).toEqual(["Queue$$drop"]);
  expect(early).toMatch(/__\w\(\.\.\.given\) \{ return late\$\[7\]\.call\(this, \.\.\.given\); \}/);
  expect(early).not.toContain("#");
  expect(early).toContain("export { hidden, table }");
  expect(late).toContain('import { hidden, table } from "./queue.ts"');
  expect(late).toContain("const limit = 3 * 4;");
  expect(late).toMatch(/function Queue\$\$drop\(from: number, to = limit\): number \{/);
  const name = /readonly (__\w): number/.exec(early)?.[1];
  expect(late).toContain(`this.${name}.splice(from, to)`);
});

test("a function that goes elsewhere takes from other late modules what is late there, past what stands in its place", () => {
  const { early, late } = split(["rarely"]);
  expect(early).toContain("export function rarely(of, shape) { return late$[7](of, shape); }");
  expect(early).toContain("#items");
  expect(late).toContain('import { far } from "./other.late.ts";');
  expect(late).toContain('import { other } from "./other.ts";');
  expect(late).toContain("export { rarely };");
});

test("a class that goes elsewhere is still made with new", () => {
  const { early, late } = split(["Queue"]);
  expect(early).toContain("function Queue(...given) { return new late$[7](...given); }");
  expect(late).toContain("class Queue {\n  readonly #items");
});

test("what is named and not there is passed over", () => {
  expect(split(["Queue.gone", "never"])).toEqual({ early: code, late: "", exports: [] });
});

test("texts become letters, and names, keys and what is imported stay", () => {
  const texts: string[] = [];
  const letterOf = (text: string) => String.fromCharCode(0x40 + texts.push(text));
  const text =
    'import x from "a module with spaces";\nconst y = { "a key of words": 1, why: "for want of more", name: "queue.depth" };\n' +
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a module's text
    "const z = `Component ${y.why} is not there any more ${x}`;\ntype T = 'one of the types';";
  const made = withLetters("sim/words.ts", text, letterOf);
  expect(texts).toEqual(["for want of more", " is not there any more "]);
  expect(made).toContain('why: "A", name: "queue.depth"');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a module's text
  expect(made).toContain("`Component ${y.why}B${x}`");
  expect(made).toContain('"a module with spaces"');
  expect(made).toContain('"a key of words"');
  expect(made).toContain("'one of the types'");
});

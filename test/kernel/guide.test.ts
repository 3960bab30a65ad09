import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import * as kernel from "../../sim/kernel/index.ts";

/** Each program of the guide, with what it is said to print. */
function examples(): (readonly [title: string, program: string, output: string])[] {
  const text = readFileSync("docs/kernel/guide.md", "utf8");
  const pairs = text.matchAll(/```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g);
  return [...pairs].map(([all, program = "", output = ""]) => {
    const before = text.slice(0, text.indexOf(all));
    const title = [...before.matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? "";
    return [title, program, output] as const;
  });
}

test.each(examples())("the guide's example prints what it says: %s", (_, program, output) => {
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const printed: string[] = [];
  const run = new Function("require", "exports", "console", outputText);
  const load = (name: string) => {
    expect(name).toBe("stormbell/kernel");
    return kernel;
  };
  run(load, {}, { log: (line: string) => printed.push(line) });
  expect(`${printed.join("\n")}\n`).toBe(output);
});

test("the guide has no program without its output", () => {
  const programs = readFileSync("docs/kernel/guide.md", "utf8").match(/^```ts$/gm) ?? [];
  expect(programs).toHaveLength(examples().length);
  expect(programs.length).toBeGreaterThan(4);
});

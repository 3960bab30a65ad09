import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as engine from "../../sim/engine/index.ts";

test("the example of docs/engine.md prints what it says", () => {
  const page = readFileSync("docs/engine.md", "utf8");
  const block = (language: string) =>
    page.split(`\`\`\`${language}\n`)[1]?.split("```")[0] ?? expect.fail(`no ${language} block`);
  const [imports = "", body = ""] = block("ts").split('} from "stormbell/engine";');
  const names = imports.replace(/import \{/, "").match(/\w+/g) ?? [];
  const values = names.map((name) => engine[name as keyof typeof engine]);
  expect(values).not.toContain(undefined);
  const printed: string[] = [];
  const console = { log: (line: string) => printed.push(line) };
  new Function("console", ...names, body)(console, ...values);
  expect(`${printed.join("\n")}\n`).toBe(block("text"));
});

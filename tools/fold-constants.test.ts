import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exportedConstants, folded } from "./fold-constants.mjs";

const outcomes = `export const outcome = { ok: 1, lost: -2, name: "x", many: 1_000 } as const;\n`;

/** A module that imports the outcomes, as the plugin writes it. */
function written(body: string): string {
  const head = `import { outcome, outcome as ending } from "./outcome.ts";\n`;
  const text = folded("/sim/caller.ts", head + body, (path) =>
    path === "/sim/outcome.ts" ? exportedConstants(path, outcomes) : new Map(),
  );
  expect(text.startsWith(head)).toBe(true);
  return text.slice(head.length);
}

test("members of imported constants are written as numbers", () => {
  expect(written("if (a === outcome.ok) b(1 - outcome.lost, outcome.many);")).toBe(
    "if (a === 1) b(1 - (-2), 1000);",
  );
});

test("an import under another name is the same constant", () => {
  expect(written("a(ending.ok, { ok: ending.ok });")).toBe("a(1, { ok: 1 });");
});

test("what is no number, or looked up by name, is left", () => {
  const body = "a(outcome.name, outcome[key], outcome, other.outcome.ok, outcome.absent);";
  expect(written(body)).toBe(body);
});

test.each([
  "function a(outcome: Row) { return outcome.ok; }",
  "const a = ({ outcome }: Row) => outcome.ok;",
  "const a = ([first, ...outcome]: Row) => outcome.ok;",
  "class A { b({ row: { outcome = c } }: Row) { return outcome.ok; } }",
  "for (const outcome of rows) a(outcome.ok);",
  "try { a(); } catch (outcome) { b(outcome.ok); }",
  "class A { constructor(outcome: Row, ...rest: Row[]) { this.a = outcome.ok; } }",
])("a name that is declared anew is left: %s", (body) => {
  expect(written(body)).toBe(body);
});

test("a module's own constants are folded, their declaration is not", () => {
  const own = `${outcomes}export const isOk = (a: number) => a === outcome.ok;`;
  const constants = exportedConstants("/sim/outcome.ts", own);
  expect(folded("/sim/outcome.ts", own, () => constants)).toBe(
    `${outcomes}export const isOk = (a: number) => a === 1;`,
  );
});

test("an object that may change is no constant", () => {
  const constants = exportedConstants("/sim/a.ts", "export const a = { b: 1 };");
  expect(constants.size).toBe(0);
});

test("the call runtime is left without a name for its phases", () => {
  const path = new URL("../sim/components/fabric/call-runtime.ts", import.meta.url).pathname;
  const text = folded(path, readFileSync(path, "utf8"), (at) =>
    exportedConstants(at, readFileSync(at, "utf8")),
  );
  expect(text).toContain("words[(frame << 5) + 3] = 5;");
  expect(text).not.toContain("outcome.ok");
});

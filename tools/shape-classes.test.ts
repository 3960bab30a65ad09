import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { shaped } from "./shape-classes.mjs";

const path = "/sim/components/row.ts";

test("a field that the constructor sets is declared nowhere, and no name is private", () => {
  const code =
    "class Row { readonly #at: number; count: number; constructor(at: number) { this.#at = at; this.count = 1; } }";
  expect(shaped(path, code)).toBe(
    "class Row {   constructor(at: number) { this.$at = at; this.count = 1; } }",
  );
});

test("a field with a value, one of the class itself, and one that is set later stay as they are", () => {
  const code =
    "class Row { at = 1; static count: number; later: number | undefined; constructor() { this.at = 2; Row.count = 1; } set(): void { this.later = 1; } }";
  expect(shaped(path, code)).toBe(code);
});

/** Long enough to be bound. */
const work = "work();".repeat(50);

test("long methods of what a simulation has one of know their object, its getters and statics aside, where that is asked for", () => {
  const code = `class Row { constructor(kernel: Kernel) {} get at() { ${work} } static b() { ${work} } short() {} c<T>(d: T, e = 1): T { ${work} } async f() { ${work} } }`;
  expect(shaped(path, code, { bound: true })).toBe(
    code
      .replace("c<T>(d: T, e = 1): T {", "c = <T>(d: T, e = 1): T => {")
      .replace("} async", "}; async"),
  );
  expect(shaped(path, code)).toBe(code);
});

test("of the kernel's classes only the parts of the kernel itself do", () => {
  const code = `class Row { constructor(kernel: Kernel) {} at() { ${work} } }`;
  expect(shaped("/sim/kernel/row.ts", code, { bound: true })).toBe(code);
  const part = `class Near { at() { ${work} } }`;
  expect(shaped("/sim/kernel/near.ts", part, { bound: true })).toBe(
    `class Near { at = () => { ${work} }; }`,
  );
});

test("a class that extends another keeps names of its own", () => {
  const code = "class Row extends Column { #at = 1; b(other: Row) { return other.#at; } }";
  expect(shaped(path, code)).toBe(
    "class Row extends Column { $$at = 1; b(other: Row) { return other.$$at; } }",
  );
});

test("in a class within another, names are those of the nearest that declares them", () => {
  const code =
    "class Row { #a = 1; #b = class { #a = 2; c(row: Row) { return this.#a + row.#b; } }; }";
  expect(shaped(path, code)).toBe(
    "class Row { $a = 1; $b = class { $a = 2; c(row: Row) { return this.$a + row.$b; } }; }",
  );
});

test("a method that is reached by super is refused: bound, it would not be there", () => {
  const code = "class Row extends Column { b() { return super.b() + 1; } }";
  expect(() => shaped(path, code)).toThrow(/super\.b .*share a function/);
});

test("short names go by how often they are used", () => {
  const code = "class Row { #first = 1; #second = 2; a() { return this.#second; } }";
  expect(shaped(path, code, { short: true })).toBe(
    "class Row { $1 = 1; $0 = 2; a() { return this.$0; } }",
  );
});

test("the call runtime keeps no private name, and declares nothing that it sets", () => {
  const at = new URL("../sim/components/fabric/call-runtime.ts", import.meta.url).pathname;
  const text = shaped(at, readFileSync(at, "utf8"), { bound: true });
  expect(text).toContain("this.$$words = store.words;");
  expect(text).toContain(
    "$$travel = (frame: number, instance: number, afterUs: number): void => {",
  );
  expect(text).not.toMatch(/#[a-z]|readonly \$\$words/);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorSections, mistakesInSources } from "../../tools/error-tables.ts";
import { isCurrent } from "../../tools/marked-sections.ts";
import { modelSections } from "../../tools/model-tables.ts";
import { sourcesOf } from "../../tools/sources.mjs";

test("docs/parameters.md shows what the shipped platform runs on (npm run docs:parameters writes it)", () => {
  expect(isCurrent("docs/parameters.md", modelSections())).toBe(true);
});

test("docs/errors.md lists every mistake in the sources (npm run docs:parameters writes it)", () => {
  expect(isCurrent("docs/errors.md", errorSections())).toBe(true);
});

test("no code in the sources escapes the list of mistakes", () => {
  const listed = new Set(mistakesInSources().map(({ code }) => code));
  const inSources = sourcesOf(["sim", "scenarios", "calibration", "cli"])
    .filter((path) => !path.endsWith(".test.ts"))
    .flatMap((path) => [...readFileSync(path, "utf8").matchAll(/\bcode: "([a-z0-9.-]+)"/g)])
    .map((match) => match[1]!);
  expect(inSources.filter((code) => !listed.has(code))).toEqual([]);
  expect(listed.size).toBeGreaterThan(100);
});

/** The package as its users import it. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const manifest: {
  exports: Record<string, { types: string; default: string }>;
  bin: Record<string, string>;
  license: string;
} = JSON.parse(readFileSync("package.json", "utf8"));

test("everything that the package offers was built, with its types", () => {
  const offered = [
    ...Object.values(manifest.exports).flatMap((each) => [each.types, each.default]),
    ...Object.values(manifest.bin),
  ];
  expect(offered.filter((path) => !existsSync(path))).toEqual([]);
});

test("the kernel and the engine can be imported by name", async () => {
  const kernelName = "stormbell/kernel";
  const engineName = "stormbell/engine";
  const { createKernel } = await import(/* @vite-ignore */ kernelName);
  const { MatchingEngine } = await import(/* @vite-ignore */ engineName);
  expect(createKernel({ seed: 1, programVersion: "test" }).nowUs).toBe(0);
  expect(MatchingEngine).toBeTypeOf("function");
});

test("the command runs by its name after an install", () => {
  expect(readFileSync("node_modules/.bin/stormbell", "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test("the package says its own licence, and the page's files those of the packages in them", () => {
  expect(manifest.license).toBe("MIT");
  expect(readFileSync("LICENSE", "utf8")).toMatch(/^MIT License\n/);
  const bundled = readFileSync("dist/ui/licenses.md", "utf8");
  for (const name of ["preact", "uplot", "comlink", "seedrandom", "zod", "yaml"]) {
    expect(bundled).toMatch(new RegExp(`^## ${name} [0-9.]+: [A-Z][\\w.-]+$`, "m"));
  }
});

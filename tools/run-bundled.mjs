/**
 * Runs a benchmark as what is measured is shipped: bundled by the same tool as `dist/`, not module by module.
 * `node tools/run-bundled.mjs [--one-simulation] [node options] FILE.ts [arguments]`; with the first, as commands that run
 * one simulation in their thread are.
 */
import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { build } from "vite";
import { constantsStay, foldConstants } from "./fold-constants.mjs";
import { shapeClasses } from "./shape-classes.mjs";

const entry = process.argv.find((argument) => argument.endsWith(".ts"));
if (entry === undefined) {
  console.error("Name the benchmark: node tools/run-bundled.mjs bench/engine.ts");
  process.exit(2);
}
const at = process.argv.indexOf(entry);
const options = process.argv.slice(2, at);
const bound = options.includes("--one-simulation");
const nodeOptions = options.filter((option) => option !== "--one-simulation");
const rest = process.argv.slice(at + 1);
const outDir = "node_modules/.cache/stormbell-bench";
await build({
  configFile: false,
  logLevel: "warn",
  plugins: [foldConstants(), shapeClasses({ bound })],
  build: {
    ssr: entry,
    outDir,
    emptyOutDir: false,
    target: "node20",
    minify: false,
    rollupOptions: {
      output: { entryFileNames: "[name].js", codeSplitting: false, ...constantsStay },
    },
  },
});
const bundle = `${outDir}/${basename(entry, ".ts")}.js`;
const { status } = spawnSync(process.execPath, [...nodeOptions, bundle, ...rest], {
  stdio: "inherit",
});
process.exit(status ?? 1);

/**
 * Builds `dist/`: the command line and the public parts, as ES modules for Node, the page (`dist/ui`), and links the
 * command for npx.
 * `--if-stale` builds only when a source differs from the last build; `--types` adds declarations; `--report` says so
 * to the round that called it.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { constantsStay, foldConstants } from "./fold-constants.mjs";
import { writeReport } from "./parts.mjs";
import { shapeClasses } from "./shape-classes.mjs";
import { filesUnder } from "./sources.mjs";

const inputFolders = ["sim", "scenarios", "calibration", "cli", "ui"];
/** What runs one simulation in its thread, as a rule, and what runs several. */
const entriesOfOne = ["cli/main.ts"];
const entriesOfSeveral = ["cli/worker/run-worker.ts", "sim/kernel/index.ts", "sim/engine/index.ts"];
const stampPath = "dist/.stamp";
const typesMark = "\nwith types";

const withTypes = process.argv.includes("--types");
const stamp = inputStamp();
if (process.argv.includes("--if-stale") && isFresh()) finish();

const { build } = await import("vite");
rmSync("dist", { recursive: true, force: true });
await buildForNode(entriesOfOne, true);
await buildForNode(entriesOfSeveral, false);
await build({ configFile: "vite.config.ts", logLevel: "warn" });
chmodSync("dist/cli/main.js", 0o755);
linkCommand();
if (withTypes) emitTypes();
writeFileSync(stampPath, withTypes ? stamp + typesMark : stamp);
finish();

/**
 * @param {readonly string[]} entries
 * @param {boolean} bound whether a thread that runs one simulation is what they are for
 */
async function buildForNode(entries, bound) {
  await build({
    configFile: false,
    logLevel: "warn",
    plugins: [foldConstants(), shapeClasses({ bound })],
    build: {
      // For Node: packages stay imports, found in node_modules.
      ssr: true,
      outDir: "dist",
      emptyOutDir: false,
      target: "node20",
      sourcemap: true,
      minify: false,
      rollupOptions: {
        input: Object.fromEntries(
          entries
            .filter((path) => existsSync(path))
            .map((path) => [path.replace(/\.ts$/, ""), path]),
        ),
        output: {
          entryFileNames: "[name].js",
          chunkFileNames: "chunks/[name]-[hash].js",
          ...constantsStay,
        },
      },
    },
  });
}

function finish() {
  if (process.argv.includes("--report")) {
    writeReport("build", { passed: 1, failed: 0, skipped: 0 });
  }
  process.exit(0);
}

/** `npx stormbell` looks into node_modules/.bin, where npm links the commands of packages but not the project's own. */
function linkCommand() {
  if (!existsSync("node_modules")) return;
  mkdirSync("node_modules/.bin", { recursive: true });
  rmSync("node_modules/.bin/stormbell", { force: true });
  symlinkSync("../../dist/cli/main.js", "node_modules/.bin/stormbell");
}

function emitTypes() {
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/typescript/bin/tsc", "-p", "tools/tsconfig.declarations.json"],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exit(1);
}

/** Changes with every source that is added, removed or edited. */
function inputStamp() {
  const files = [
    ...inputFolders.flatMap(filesUnder),
    "package.json",
    "vite.config.ts",
    "tools/build.mjs",
    "tools/bundled-licenses.ts",
    "tools/claim-entries.ts",
    "tools/fold-constants.mjs",
    "tools/late-candidates.ts",
    "tools/late-code.json",
    "tools/late-code.ts",
    "tools/late-words.ts",
    "tools/page-library.ts",
    "tools/shape-classes.mjs",
    "tools/short-tables.ts",
    "tools/stored-verdicts.ts",
    "tools/top-level-names.ts",
    "tools/worker-parts.ts",
  ].filter((path) => !path.endsWith(".test.ts"));
  return files.map((path) => `${path} ${statSync(path).mtimeMs}`).join("\n");
}

/** Whether the last build had the same inputs, and has made what is asked for now. */
function isFresh() {
  if (!existsSync(stampPath)) return false;
  const last = readFileSync(stampPath, "utf8");
  return last === stamp + typesMark || (last === stamp && !withTypes);
}

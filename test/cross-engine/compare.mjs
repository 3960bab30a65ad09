/** Runs one bundle of the golden run under three JavaScript engines and compares the line that each prints. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { build } from "vite";
import { parse } from "yaml";
import { writeReport } from "../../tools/parts.mjs";

const folder = "reports/cross-engine";
const bundle = `${folder}/golden-run.js`;
const engines = [
  { name: "V8 (node)", command: process.execPath },
  { name: "V8 (node), again", command: process.execPath },
  { name: "SpiderMonkey (gjs)", command: "gjs" },
  { name: "JavaScriptCore (jsc)", command: "jsc" },
];

const scenario = parse(readFileSync("scenarios/az-power-loss.yaml", "utf8"));
const topology = parse(readFileSync(`scenarios/topologies/${scenario.topology}.yaml`, "utf8"));

mkdirSync(folder, { recursive: true });
await build({
  configFile: false,
  logLevel: "warn",
  // The shells have no files to read: the default drill goes into the bundle.
  define: {
    goldenScenario: JSON.stringify(scenario),
    goldenTopology: JSON.stringify(topology),
    // A run of 10,000,000 takes minutes: docs/kernel/guide.md says how, and what came out.
    goldenKernelEvents: process.env["STORMBELL_KERNEL_EVENTS"] ?? "300000",
  },
  build: {
    outDir: folder,
    target: "es2022",
    minify: false,
    lib: {
      entry: "test/cross-engine/golden-run.ts",
      formats: ["iife"],
      name: "goldenRun",
      fileName: () => "golden-run.js",
    },
  },
});

const counts = { passed: 0, failed: 0, skipped: 0 };
/** @type {string | undefined} */
let expected;
for (const { name, command } of engines) {
  const { line, problem } = lineOf(command);
  expected ??= line;
  const isAlike = line !== undefined && line === expected;
  counts[isAlike ? "passed" : "failed"] += 1;
  console.log(`${isAlike ? "same" : "FAILED"}  ${name.padEnd(22)} ${line ?? problem}`);
}
writeReport("cross-engine", counts);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** @param {string} command @returns {{ line?: string, problem?: string }} */
function lineOf(command) {
  const { status, stdout, stderr, error } = spawnSync(command, [bundle], { encoding: "utf8" });
  if (error) return { problem: error.message };
  const lines = stdout.trim().split("\n");
  if (status !== 0 || lines.length !== 1 || lines[0] === "") {
    return { problem: `ended with ${status}, printed ${lines.length} lines: ${stderr.trim()}` };
  }
  return { line: /** @type {string} */ (lines[0]) };
}

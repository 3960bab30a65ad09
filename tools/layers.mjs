/**
 * Checks the arrows between layers (`.dependency-cruiser.cjs`) and that every source file was really looked
 * at: an analyser that skips the files it cannot parse would pass on an empty project.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import config from "../.dependency-cruiser.cjs";

const folders = ["sim", "scenarios", "calibration", "cli", "ui", "bench", "test", "tools"];
const sources = folders.flatMap(sourcesUnder).sort();

const { output } = await cruise(
  sources,
  { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true },
  undefined,
  { tsConfig: extractTSConfig("tsconfig.base.json") },
);
if (typeof output === "string") throw new Error("dependency-cruiser gave text instead of data");

const problems = output.summary.violations
  .filter((violation) => violation.rule.severity === "error")
  .map(({ rule, from, to, cycle }) => {
    const path = cycle ? cycle.map((step) => step.name).join(" -> ") : to;
    const comment = config.forbidden.find((each) => each.name === rule.name)?.comment ?? "";
    return `${from} -> ${path}: ${rule.name}. ${comment}`;
  });

const withImports = new Set(
  output.modules.filter((each) => each.dependencies.length > 0).map((each) => each.source),
);
const seen = new Set(output.modules.map((each) => each.source));
for (const source of sources) {
  if (!seen.has(source)) problems.push(`${source}: not seen by dependency-cruiser`);
}
const importing = withImports.size / Math.max(1, sources.length);
if (importing < 0.5) {
  problems.push(
    `Only ${withImports.size} of ${sources.length} sources seem to import anything: is the parser skipping files?`,
  );
}

for (const problem of problems) console.error(problem);
console.log(
  `layers: ${sources.length} sources, ${output.summary.totalDependenciesCruised} imports, ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

/** @param {string} folder @returns {string[]} */
function sourcesUnder(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("node_modules") && !path.includes("/dist/"));
}

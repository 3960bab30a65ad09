/**
 * Checks the arrows between layers (`.dependency-cruiser.mjs`) and that every source file was really looked
 * at: an analyser that skips the files it cannot parse would pass on an empty project.
 */
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import config from "../.dependency-cruiser.mjs";
import { concludePart } from "./parts.mjs";
import { codeFolders, sourcesOf } from "./sources.mjs";

const sources = sourcesOf(codeFolders);

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

concludePart("layers", {
  checked: sources.length,
  problems,
  note: `${sources.length} sources, ${output.summary.totalDependenciesCruised ?? 0} imports`,
});

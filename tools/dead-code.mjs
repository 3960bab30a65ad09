/** Unused files, exports and dependencies, by knip. */
import { spawnSync } from "node:child_process";
import { concludePart } from "./parts.mjs";
import { codeFolders, sourcesOf } from "./sources.mjs";

const { stdout, stderr, status } = spawnSync(
  process.execPath,
  ["node_modules/knip/bin/knip.js", "--reporter", "json", "--no-progress"],
  { encoding: "utf8", maxBuffer: 1 << 28 },
);

const problems = [];
let report;
try {
  report = JSON.parse(stdout);
} catch {
  problems.push(`knip gave no report: ${stderr.trim() || stdout.trim() || `code ${status}`}`);
}
for (const issue of report?.issues ?? []) {
  for (const [kind, found] of Object.entries(issue)) {
    if (!Array.isArray(found)) continue;
    for (const each of found.flat()) problems.push(`${issue.file}: ${kind}: ${each.name}`);
  }
}
if (status !== 0 && problems.length === 0) problems.push(`knip ended with ${status}: ${stderr}`);

const sources = sourcesOf(codeFolders).length;
concludePart("dead-code", {
  checked: report === undefined ? 0 : sources,
  problems,
  note: `${sources} sources`,
});

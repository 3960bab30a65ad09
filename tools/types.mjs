/** Type-checks every project; each `tsconfig.*.json` but the base is one, with only the types its layer may see. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { concludePart } from "./parts.mjs";

const projects = readdirSync(".").filter(
  (name) => /^tsconfig\.[a-z-]+\.json$/.test(name) && name !== "tsconfig.base.json",
);

const problems = [];
let filesChecked = 0;
for (const project of projects) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["node_modules/typescript/bin/tsc", "-p", project, "--listFiles", "--pretty", "false"],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
  const listed = lines.filter((line) => /^\/.*\.([cm]?ts|tsx|[cm]?js|json)$/.test(line));
  const own = listed.filter((line) => !line.includes("/node_modules/"));
  filesChecked += own.length;
  const errors = joinContinuations(lines.filter((line) => !listed.includes(line)));
  problems.push(...errors);
  if (own.length === 0) problems.push(`${project}: no file belongs to it`);
  if (status !== 0 && errors.length === 0) problems.push(`${project}: tsc ended with ${status}`);
}

concludePart("types", {
  checked: filesChecked,
  problems,
  note: `${projects.length} projects, ${filesChecked} files`,
});

/**
 * An error of the compiler may go on over indented lines.
 * @param {readonly string[]} lines
 */
function joinContinuations(lines) {
  /** @type {string[]} */
  const joined = [];
  for (const line of lines) {
    if (line.startsWith(" ") && joined.length > 0) joined.push(`${joined.pop()}\n${line}`);
    else joined.push(line);
  }
  return joined;
}

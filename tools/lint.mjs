/** Format and lint with Biome; warnings are shown, errors fail. */
import { spawnSync } from "node:child_process";
import { concludePart } from "./parts.mjs";

const { stdout, stderr, status } = spawnSync(
  process.execPath,
  ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "--max-diagnostics=100", "."],
  { encoding: "utf8", maxBuffer: 1 << 28 },
);
process.stdout.write(stdout);

const checked = Number(/Checked (\d+) files?/.exec(stdout + stderr)?.[1] ?? 0);
const problems = status === 0 ? [] : [stderr.trim() || `biome ended with ${status}`];
concludePart("lint", { checked, problems, note: `${checked} files` });

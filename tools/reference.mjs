/**
 * `npm run docs:reference`: the reference of what `stormbell/kernel` and `stormbell/engine` offer, in docs/reference.
 * `--check` writes nothing and is a part of the round: whatever the kernel offers has a doc, down to each property,
 * and so has every name that the engine exports. Fields of tagged unions are told of in the comment of their kind.
 */
import { spawnSync } from "node:child_process";
import { concludePart } from "./parts.mjs";

const isCheck = process.argv.includes("--check");
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [
    "node_modules/typedoc/bin/typedoc",
    "--options",
    "tools/typedoc.json",
    ...(isCheck ? ["--emit", "none"] : []),
  ],
  { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
);
const lines = `${stdout}${stderr}`.split("\n").filter((line) => /^\[(warning|error)\]/.test(line));
const problems = lines.filter(concerns);
if (status === null || (status !== 0 && lines.length === 0)) {
  problems.push(`typedoc ended with ${status}: ${stderr.trim()}`);
}
concludePart("reference", { checked: 1, problems, note: "kernel and engine" });
if (!isCheck && problems.length === 0) console.log("Open docs/reference/index.html");

/** @param {string} line */
function concerns(line) {
  const undocumented = line.match(/^\[warning\] (\w+)\.(\S+) \((\w+)\), .*does not have any doc/);
  if (undocumented === null) {
    return !/referenced by engine\.|\d+ errors and \d+ warnings/.test(line);
  }
  const [, entry, path = "", kind = ""] = undocumented;
  if (path.includes("__type")) return false;
  return (
    entry === "kernel" || ["Class", "Interface", "Function", "TypeAlias", "Variable"].includes(kind)
  );
}

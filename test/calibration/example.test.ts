/** The example of docs/calibration.md, from exports to a verdict, as a shell runs it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const main = join(import.meta.dirname, "../../dist/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "stormbell-example-"));
cpSync(join(import.meta.dirname, "../../calibration/example"), folder, { recursive: true });

function stormbell(command: string) {
  const { status, stdout } = spawnSync(process.execPath, [main, ...command.split(" ").slice(1)], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout };
}

/** The example's own text: every command in it is run here, and every figure quoted is found. */
const documented = readFileSync(join(import.meta.dirname, "../../docs/calibration.md"), "utf8")
  .split("### An example from exports to a verdict")[1]!
  .split("\n### ")[0]!;

/** What the document shows beneath a command, line by line. */
function shown(command: string): readonly string[] {
  const [, rest = ""] = documented.split(`$ ${command}\n`);
  expect(rest, command).not.toBe("");
  return rest
    .split("```")[0]!
    .split("\n$ ")[0]!
    .split("\n")
    .filter((line) => line.trim() !== "" && line !== "...");
}

test("exports give a calibrated platform, whose drill has another verdict, and a release is named", () => {
  const calibrate =
    "stormbell calibrate current --scenario ./smaller-tasks.yaml --metrics production.json.gz --out calibrated";
  const { status, stdout } = stormbell(calibrate);
  expect(status).toBe(0);
  const told = stdout.split("\n").map((line) => line.replaceAll(/\s+/g, " "));
  for (const line of shown(calibrate)) expect(told).toContain(line.replaceAll(/\s+/g, " "));
  for (const [command, expected] of [
    ["stormbell drill ./smaller-tasks.yaml", 0],
    ["stormbell drill ./smaller-tasks-calibrated.yaml", 1],
    ["stormbell calibrate watch calibrated/topology.yaml release.json.gz --once", 1],
  ] as const) {
    const outcome = stormbell(command);
    expect(outcome.status, command).toBe(expected);
    for (const line of shown(command)) expect(outcome.stdout).toContain(line);
  }
}, 180_000);

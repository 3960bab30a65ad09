/**
 * The parts of a round (lint, types, layers, dead code, tests) and how they are counted. Each part leaves a
 * report in `reports/`; a part whose report is missing, empty or at odds with its exit code has failed, so
 * that a check which did not run can never look like one that passed.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, command: string, args: string[] }} Part */

const reportFolder = "reports";

/** @param {string} name */
export function reportPath(name) {
  return `${reportFolder}/${name}.json`;
}

/**
 * Ends a part that gives one verdict: prints its problems, leaves its report, and sets the exit code.
 * @param {string} name
 * @param {{ checked: number, problems: readonly string[], note: string }} result
 */
export function concludePart(name, { checked, problems, note }) {
  for (const problem of problems) console.error(problem);
  const verdict = checked > 0 && problems.length === 0;
  if (checked === 0) console.error(`${name}: looked at nothing`);
  console.log(`${name}: ${note}, ${problems.length} problems`);
  writeReport(name, { passed: verdict ? 1 : 0, failed: verdict ? 0 : 1, skipped: 0 });
  process.exitCode = verdict ? 0 : 1;
}

/**
 * @param {string} name
 * @param {Counts} counts
 */
export function writeReport(name, counts) {
  mkdirSync(reportFolder, { recursive: true });
  writeFileSync(reportPath(name), `${JSON.stringify(counts)}\n`);
}

/**
 * Runs parts one after another, prints a line for each, and returns the sum.
 * @param {readonly Part[]} parts
 * @returns {Counts}
 */
export function runParts(parts) {
  const lines = [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const part of parts) {
    console.log(`\n== ${part.name}`);
    const startedMs = performance.now();
    const counts = runPart(part);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    lines.push(`${part.name.padEnd(14)} ${closingLine(counts)} (${seconds} s)`);
  }
  console.log(`\n${lines.join("\n")}`);
  return sum;
}

/** @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

/**
 * Prints the closing line as the last one and sets the exit code; nothing passed is a failure too.
 * @param {Counts} counts
 */
export function conclude(counts) {
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
  console.log(closingLine(counts));
}

/** @param {Part} part @returns {Counts} */
function runPart({ name, command, args }) {
  const path = reportPath(name);
  rmSync(path, { force: true });
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error) console.error(`${name}: ${error.message}`);
  const counts = readReport(path);
  if (counts === undefined || counts.passed + counts.failed === 0) {
    console.error(`${name}: left no report, so it did not run`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  if (status !== 0 && counts.failed === 0) {
    console.error(`${name}: ended with code ${status}, though its report names no failure`);
    return { ...counts, failed: 1 };
  }
  return counts;
}

/** @param {string} path @returns {Counts | undefined} */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

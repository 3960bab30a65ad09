/**
 * Runs vitest and counts from its own JSON report, under the name of a part (`--part=page`) if one is given. A test may be skipped only because the market data is
 * absent: any other skip, and any skip while the data is there, counts as failed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeReport } from "./parts.mjs";

const partOption = "--part=";
const part = process.argv.find((each) => each.startsWith(partOption))?.slice(partOption.length);
const name = part ?? "vitest";
const vitestReport = `reports/${name}-details.json`;
const dataFolder = process.env["STORMBELL_DATA_DIR"] ?? "../shared/data";
const dataIsThere = existsSync(dataFolder);

rmSync(vitestReport, { force: true });
const { status } = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${vitestReport}`,
    ...process.argv.slice(2).filter((each) => !each.startsWith(partOption)),
  ],
  { stdio: "inherit" },
);

if (existsSync(vitestReport)) {
  const counts = countsOf(JSON.parse(readFileSync(vitestReport, "utf8")));
  writeReport(name, counts);
  if (counts.skipped > 0) {
    console.log(
      `${counts.skipped} tests skipped: no data in ${dataFolder} (set STORMBELL_DATA_DIR)`,
    );
  }
  process.exitCode = counts.failed > 0 || status !== 0 ? 1 : 0;
} else {
  process.exitCode = 1;
}

/** @param {any} report @returns {import("./parts.mjs").Counts} */
function countsOf(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    const verdicts = verdictsOf(file);
    for (const verdict of verdicts) counts[verdict] += 1;
    // A file that could not be loaded has failed without naming a test.
    if (file.status === "failed" && !verdicts.includes("failed")) counts.failed += 1;
  }
  return counts;
}

/** @param {any} file @returns {("passed" | "failed" | "skipped")[]} */
function verdictsOf(file) {
  const maySkip = !dataIsThere && readFileSync(file.name, "utf8").includes("STORMBELL_DATA_DIR");
  return file.assertionResults.map((/** @type {any} */ test) => {
    if (test.status === "passed" || test.status === "failed") return test.status;
    if (maySkip) return "skipped";
    console.error(`skipped without leave: ${test.fullName}`);
    return "failed";
  });
}

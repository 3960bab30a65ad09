/**
 * `npm run verify:calibration [-- RUNS [SECONDS [FIRST-SEED]]]`: coverage of calibration's intervals, as a table; the
 * table so far goes to the error stream every 20 runs.
 */
import { type CoverageRow, selfTest } from "../../calibration/self-test/self-test.ts";
import { shippedTopology } from "../twin/small-drill.ts";

/** Bounds of the share of 90 % intervals that hold the truth. */
const [shareMin, shareMax] = [0.8, 0.97];
const [runs = 200, durationSeconds = 480, firstSeed = 1] = process.argv.slice(2).map(Number);

const rows = selfTest({
  topology: shippedTopology(),
  runs,
  durationSeconds,
  firstSeed,
  onRun: (done, rowsSoFar) => {
    if (done % 20 === 0) process.stderr.write(`${tableOf(done, rowsSoFar()).join("\n")}\n\n`);
  },
});
console.log(tableOf(runs, rows).join("\n"));
const outside = rows.filter(({ covered, judged }) => {
  const share = covered / judged;
  return !(share >= shareMin && share <= shareMax);
});
if (outside.length > 0) {
  console.log(
    `\nOutside ${percent(shareMin)} to ${percent(shareMax)}: ${outside.map(({ parameter }) => parameter).join(", ")}`,
  );
  process.exitCode = 1;
}

function tableOf(done: number, rowsSoFar: readonly CoverageRow[]): readonly string[] {
  return [
    `${done} runs of ${durationSeconds} s`,
    "",
    "| parameter | identified | interval holds the truth | median error | half width |",
    "| --- | --- | --- | --- | --- |",
    ...rowsSoFar.map(
      (row) =>
        `| ${row.parameter} | ${row.identified} of ${row.runs} | ${row.covered} of ${row.judged} (${percent(row.covered / row.judged)}) | ${percent(row.medianError)} | ${percent(row.medianHalfWidth)} |`,
    ),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** `npm run verify:calibration [-- RUNS [SECONDS [FIRST-SEED]]]`: coverage of calibration's intervals, as a table. */
import { selfTest } from "../../calibration/self-test/self-test.ts";
import { shippedTopology } from "../twin/small-drill.ts";

const [runs = 200, durationSeconds = 480, firstSeed = 1] = process.argv.slice(2).map(Number);
const rows = selfTest({
  topology: shippedTopology(),
  runs,
  durationSeconds,
  firstSeed,
  onRun: (done) => {
    if (done % 10 === 0) process.stderr.write(`${done} of ${runs} runs\n`);
  },
});
/** Bounds of the share of 90 % intervals that hold the truth. */
const [shareMin, shareMax] = [0.8, 0.97];
let failed = 0;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(`${runs} runs of ${durationSeconds} s\n`);
console.log("| parameter | identified | interval holds the truth | median error | half width |");
console.log("| --- | --- | --- | --- | --- |");
for (const row of rows) {
  const share = row.covered / row.judged;
  if (!(share >= shareMin && share <= shareMax)) failed += 1;
  console.log(
    `| ${row.parameter} | ${row.identified} of ${row.runs} | ${row.covered} of ${row.judged} (${percent(share)}) | ${percent(row.medianError)} | ${percent(row.medianHalfWidth)} |`,
  );
}
if (failed > 0) {
  console.log(
    `\n${failed} of ${rows.length} parameters outside ${percent(shareMin)} to ${percent(shareMax)}`,
  );
  process.exitCode = 1;
}

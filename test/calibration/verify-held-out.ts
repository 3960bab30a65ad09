/**
 * `npm run verify:held-out [-- RUNS [SECONDS [FIRST-SEED]]]`: how many held-out points of known platforms lie in the 90 %
 * bands of the calibrated twin, by figure, as a table; the table so far goes to the error stream after each platform.
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calibrate } from "../../calibration/calibrate/calibrate.ts";
import { runKnownPlatform } from "../../calibration/self-test/known-platform.ts";
import { recordingCloudWatch } from "../../sim/twin/recording/export/cloudwatch.ts";
import { shippedTopology } from "../twin/small-drill.ts";

const [runs = 20, durationSeconds = 1200, firstSeed = 1] = process.argv.slice(2).map(Number);
const topologyFile = join(import.meta.dirname, "../../scenarios/topologies/current.yaml");
const folder = mkdtempSync(join(tmpdir(), "stormbell-held-out-"));

interface Row {
  points: number;
  inside: number;
  readonly errors: number[];
}

const rows = new Map<string, Row>();
for (let run = 0; run < runs; run += 1) {
  const seed = `known-${firstSeed + run}`;
  const { recording, workload } = runKnownPlatform(shippedTopology(), seed, { durationSeconds });
  const file = join(folder, `${seed}.json`);
  writeFileSync(file, recordingCloudWatch(recording));
  const { heldOut } = await calibrate({
    topologyFile,
    topologyText: readFileSync(topologyFile, "utf8"),
    metricFiles: [file],
    workload,
    holdout: 0.3,
    seeds: 5,
  });
  for (const { component, role, observed, coverage90, errorPercent } of heldOut ?? []) {
    const name = `${component} ${role}`;
    const row = rows.get(name) ?? { points: 0, inside: 0, errors: [] };
    rows.set(name, row);
    row.points += observed.length;
    row.inside += Math.round(coverage90 * observed.length);
    if (errorPercent !== null) row.errors.push(errorPercent);
  }
  process.stderr.write(`${table(run + 1)}\n\n`);
}
console.log(table(runs));

function table(done: number): string {
  return [
    `${done} platforms of ${durationSeconds} s`,
    "",
    "| figure | held-out points in the 90 % band | mean error |",
    "| --- | --- | --- |",
    ...[...rows].map(
      ([name, { points, inside, errors }]) =>
        `| ${name} | ${inside} of ${points} (${((100 * inside) / points).toFixed(1)} %) | ${(errors.reduce((a, b) => a + b, 0) / errors.length).toFixed(1)} % |`,
    ),
  ].join("\n");
}

/**
 * Writes the exports of the example in docs/calibration.md: a platform whose orders cost more CPU than its topology says,
 * and the same platform after a release that made them dearer still. Production is the twin itself, so the truth is known.
 */
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { loadScenario } from "../cli/scenario-files.ts";
import { recordingCloudWatch } from "../sim/twin/recording/export/cloudwatch.ts";
import { runScenario } from "../sim/twin/run-scenario.ts";

const folder = "calibration/example";
const operations = (medianMs: number) =>
  ["place", "status", "log-in"].map((name) => ({ name, cpuMs: { median: medianMs, sigma: 0.5 } }));

/** Median CPU of an order in ms; the shipped topology has 35.3. */
write("production", 54, 900);
write("release", 70, 480);

function write(name: string, medianMs: number, durationSeconds: number): void {
  const { scenario, topology } = loadScenario(`${folder}/smaller-tasks.yaml`);
  const recording = runScenario({
    topology,
    seed: name,
    scenario: {
      ...scenario,
      id: name,
      durationSeconds,
      workload: { ...scenario.workload, ratePerSecond: 40 },
      componentOverrides: { "order-service": { operations: operations(medianMs) } },
      faults: [
        { id: "busy", kind: "load-change", atSeconds: 300, durationSeconds: 180, factor: 1.5 },
      ],
      objectives: [{ id: "invariants", kind: "invariants" }],
    },
  });
  if (recording === undefined) throw new Error("nothing asked the run to end early");
  const path = `${folder}/${name}.json.gz`;
  const bytes = gzipSync(recordingCloudWatch(recording), { level: 9 });
  writeFileSync(path, bytes);
  console.log(`${path}: ${bytes.length} bytes`);
}

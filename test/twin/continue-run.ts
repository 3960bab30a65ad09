/**
 * Continues runs in a process of its own: `continue-run.ts FOLDER` restores every `*.snapshot` there into a freshly
 * assembled simulation, runs it to its end, and writes what came out beside it as JSON.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finish } from "./small-drill.ts";
import { comparable, snapshotDrill } from "./snapshot-drill.ts";

const folder = process.argv[2] ?? ".";
for (const file of readdirSync(folder).filter((name) => name.endsWith(".snapshot"))) {
  const bytes = readFileSync(join(folder, file));
  const simulation = snapshotDrill();
  simulation.kernel.restore(new Uint8Array(bytes).buffer, { random: "same" });
  const ending = comparable(finish(simulation));
  writeFileSync(join(folder, file.replace(".snapshot", ".json")), JSON.stringify(ending));
}

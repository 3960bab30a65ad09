/**
 * Continues runs in a process of its own: `continue-run.ts FOLDER` restores every `*.snapshot` there into a freshly
 * assembled model, runs it to its end, and writes the snapshot of that end beside it.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventsInAll, randomModel, runToEvent } from "./random-model.ts";

const folder = process.argv[2] ?? ".";
for (const file of readdirSync(folder).filter((name) => name.endsWith(".snapshot"))) {
  const simulation = randomModel(Number.parseInt(file, 10));
  const bytes = readFileSync(join(folder, file));
  simulation.restore(new Uint8Array(bytes).buffer, { random: "same" });
  runToEvent(simulation, eventsInAll);
  writeFileSync(
    join(folder, file.replace(".snapshot", ".end")),
    new Uint8Array(simulation.snapshot()),
  );
}

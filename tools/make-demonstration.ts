/**
 * Writes what the page shows before anything is simulated: the demonstration (a recording of `az-power-loss` with fewer
 * frames, small enough to be there at once), and with `--verdicts` the verdicts of the shipped scenarios with a line in
 * little for each. Scenarios that have a verdict are not run again unless they are named
 * (`--verdicts az-power-loss,az-partition`); all of them together take the better part of an hour.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { loadScenario, shippedScenarioIds } from "../cli/scenario-files.ts";
import { encodeRecording } from "../sim/twin/recording/recording-file.ts";
import type { Recording } from "../sim/twin/recording/recording-types.ts";
import { runScenario } from "../sim/twin/run-scenario.ts";
import { claimEntries } from "./claim-entries.ts";
import { verdictOf } from "./scenario-verdict.ts";

const demonstrationPath = "ui/public/demonstration.stormrec";
const verdictsPath = "ui/src/panels/library-verdicts.json";
const scenarioId = "az-power-loss";
const seed = "1";

/** Every so many frames are kept. */
const keepEvery = 6;
/** Bytes, compressed; UI section 8. */
const bytesMax = 300 * 1024;

const flag = process.argv.indexOf("--verdicts");
if (flag < 0) writeDemonstration();
else writeVerdicts((process.argv[flag + 1] ?? "").split(",").filter(Boolean));

function writeDemonstration(): void {
  const bytes = gzipSync(encodeRecording(thinned(run(scenarioId))), { level: 9 });
  if (bytes.length > bytesMax) {
    throw new Error(
      `the demonstration takes ${bytes.length} bytes of ${bytesMax}; raise keepEvery`,
    );
  }
  writeFileSync(demonstrationPath, bytes);
  console.log(`${demonstrationPath}: ${bytes.length} bytes`);
}

function writeVerdicts(named: readonly string[]): void {
  const claims = claimEntries();
  // Those that claims rest on come last: some are loaded past any limit and take minutes.
  const shipped = [
    ...new Set([...shippedScenarioIds(), ...claims.flatMap(({ scenarios }) => scenarios)]),
  ];
  const before: Record<string, unknown> = JSON.parse(readFileSync(verdictsPath, "utf8"));
  const verdicts = Object.fromEntries(
    Object.entries(before).filter(([id]) => shipped.includes(id) && !named.includes(id)),
  );
  for (const id of shipped) {
    if (verdicts[id] !== undefined) continue;
    verdicts[id] = verdictOf(run(id));
    const sorted = Object.fromEntries(
      Object.entries(verdicts).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    writeFileSync(verdictsPath, `${JSON.stringify(sorted)}\n`);
  }
  console.log(`${verdictsPath}: ${Object.keys(verdicts).length} verdicts`);
}

function run(id: string): Recording {
  const beganMs = performance.now();
  const { scenario, topology } = loadScenario(id);
  const recording = runScenario({ scenario, topology, seed });
  if (recording === undefined) throw new Error(`${id} ended early though nothing asked it to`);
  console.log(
    `${id}: ${recording.head.digest} (${Math.round((performance.now() - beganMs) / 1000)} s)`,
  );
  return recording;
}

/** Fewer frames, and no bill by component: the demonstration shows one figure of cost. */
function thinned({ head, frames }: Recording): Recording {
  const kept = head.channels.map(({ component, name }) => component === "" || name !== "bill");
  const numbers = new Map<number, number>();
  for (const [at, isKept] of kept.entries()) if (isKept) numbers.set(at, numbers.size);
  const frameCount = Math.floor((head.frameCount - 1) / keepEvery) + 1;
  return {
    head: {
      ...head,
      frameCount,
      frameStepUs: head.frameStepUs * keepEvery,
      channels: head.channels.filter((_, at) => kept[at]),
      edges: head.edges.map((edge) => ({ ...edge, channel: numbers.get(edge.channel) ?? -1 })),
    },
    frames: frames
      .filter((_, at) => kept[at])
      .map((values) =>
        values instanceof Float32Array
          ? values.filter((_, frame) => frame % keepEvery === 0)
          : values.filter((_, frame) => frame % keepEvery === 0),
      ),
  };
}

/**
 * Writes what the page shows before anything is simulated: the demonstration (a recording of `az-power-loss` with fewer
 * frames, small enough to be there at once), and with `--verdicts` the verdicts of the shipped scenarios with a line in
 * little for each. Scenarios whose verdict is of this simulation are not run again unless they are named
 * (`--verdicts az-power-loss,az-partition`, and no other with `--only` behind it); all of them together take the better part of an hour, and what was made is
 * kept when it is stopped. `--age` runs none of them and only notes which verdicts are of an earlier simulation.
 */
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { loadScenario, shippedScenarioIds } from "../cli/scenario-files.ts";
import { encodeRecording } from "../sim/twin/recording/recording-file.ts";
import type { Recording } from "../sim/twin/recording/recording-types.ts";
import { runScenario } from "../sim/twin/run-scenario.ts";
import { claimEntries } from "./claim-entries.ts";
import { verdictOf } from "./scenario-verdict.ts";
import {
  inputsHash,
  isEarlier,
  readVerdicts,
  type StoredVerdict,
  writeVerdicts,
} from "./stored-verdicts.ts";
import { simulationFingerprint } from "./verdict-age.ts";

const demonstrationPath = "ui/public/demonstration.stormrec";
const scenarioId = "az-power-loss";
const seed = "1";

/** Every so many frames are kept. */
const keepEvery = 6;
/** Bytes, compressed; UI section 8. */
const bytesMax = 300 * 1024;

const flag = process.argv.indexOf("--verdicts");
if (process.argv.includes("--age")) writeAge();
else if (flag < 0) writeDemonstration();
else {
  const named = (process.argv[flag + 1] ?? "").split(",").filter(Boolean);
  runVerdicts(named, process.argv.includes("--only"));
}

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

/** Notes which simulation there is now; verdicts of another one are told as such until they are made again. */
function writeAge(): void {
  const { verdicts } = readVerdicts();
  const simulation = simulationFingerprint();
  writeVerdicts({ simulation, verdicts });
  const earlier = Object.values(verdicts).filter((each) => each.simulation !== simulation);
  console.log(`${simulation}; ${earlier.length} verdicts are of an earlier simulation`);
}

function runVerdicts(named: readonly string[], onlyNamed: boolean): void {
  const claims = claimEntries();
  // Those that claims rest on come last: some are loaded past any limit and take minutes.
  const shipped = [
    ...new Set([...shippedScenarioIds(), ...claims.flatMap(({ scenarios }) => scenarios)]),
  ];
  const simulation = simulationFingerprint();
  const verdicts: Record<string, StoredVerdict> = Object.fromEntries(
    Object.entries(readVerdicts().verdicts).filter(([id]) => shipped.includes(id)),
  );
  for (const id of shipped) {
    const inputs = inputsHash(loadScenario(id));
    const known = verdicts[id];
    const isCurrent = known !== undefined && !isEarlier(known, simulation, inputs);
    if ((isCurrent || onlyNamed) && !named.includes(id)) continue;
    const recording = run(id);
    verdicts[id] = {
      ...verdictOf(recording),
      simulation,
      inputs,
      digest: recording.head.digest,
    };
    writeVerdicts({ simulation, verdicts });
  }
  console.log(`${Object.keys(verdicts).length} verdicts`);
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

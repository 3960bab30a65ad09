/**
 * Writes what the page shows before anything is simulated: the demonstration (a recording of `az-power-loss` with fewer
 * frames, small enough to be there at once) and the verdicts of the shipped scenarios with a line in little for each.
 * `--verdicts` runs them all, which takes minutes.
 */
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { loadScenario, shippedScenarioIds } from "../cli/scenario-files.ts";
import { encodeRecording } from "../sim/twin/recording/recording-file.ts";
import type { Recording } from "../sim/twin/recording/recording-types.ts";
import { runScenario } from "../sim/twin/run-scenario.ts";

const demonstrationPath = "ui/public/demonstration.stormrec";
const verdictsPath = "ui/src/panels/library-verdicts.json";
const scenarioId = "az-power-loss";
const seed = "1";

/** Every so many frames are kept. */
const keepEvery = 6;
/** Bytes, compressed; UI section 8. */
const bytesMax = 300 * 1024;

const demonstration = run(scenarioId);
const bytes = gzipSync(encodeRecording(thinned(demonstration)), { level: 9 });
if (bytes.length > bytesMax) {
  throw new Error(`the demonstration takes ${bytes.length} bytes of ${bytesMax}; raise keepEvery`);
}
writeFileSync(demonstrationPath, bytes);
console.log(`${demonstrationPath}: ${bytes.length} bytes`);

if (process.argv.includes("--verdicts")) {
  const verdicts = Object.fromEntries(
    shippedScenarioIds().map((id) => [id, verdictOf(id === scenarioId ? demonstration : run(id))]),
  );
  writeFileSync(verdictsPath, `${JSON.stringify(verdicts, null, 2)}\n`);
  console.log(`${verdictsPath}: ${Object.keys(verdicts).length} verdicts`);
}

function run(id: string): Recording {
  const { scenario, topology } = loadScenario(id);
  const recording = runScenario({ scenario, topology, seed });
  if (recording === undefined) throw new Error(`${id} ended early though nothing asked it to`);
  console.log(`${id}: ${recording.head.digest}`);
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

/** Points of the line in little. */
const sparkPoints = 48;

function verdictOf({ head, frames }: Recording) {
  const { results } = head;
  const missed = results.objectives.filter(({ met }) => !met);
  const worst = missed.find(({ kind }) => kind === "rpo") ?? missed[0];
  const channel = (name: string) =>
    frames[head.channels.findIndex((each) => each.component === "" && each.name === name)];
  const good = channel("order-entry good");
  const bad = channel("order-entry bad");
  const spark = Array.from({ length: sparkPoints }, (_, at) => {
    const from = Math.floor((at / sparkPoints) * (head.frameCount - 1));
    const to = Math.floor(((at + 1) / sparkPoints) * (head.frameCount - 1));
    const gained = (values: Recording["frames"][number] | undefined) =>
      (values?.[to] ?? 0) - (values?.[from] ?? 0);
    const all = gained(good) + gained(bad);
    return all === 0 ? 0 : Math.round((gained(good) / all) * 100) / 100;
  });
  const verdict = !results.baseline.healthy
    ? "unhealthy before"
    : worst === undefined
      ? "met"
      : "missed";
  const sentence = results.baseline.healthy
    ? (worst?.because ?? "Every objective was met.")
    : (results.baseline.reasons[0] ?? "");
  return { verdict, sentence: firstClause(sentence), spark };
}

function firstClause(sentence: string): string {
  const [first = sentence] = sentence.split(";");
  const capital = first.charAt(0).toUpperCase() + first.slice(1);
  return /[.!]$/.test(capital) ? capital : `${capital}.`;
}

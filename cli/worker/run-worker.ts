/** The thread that makes runs. It is started from the compiled program: Node 20 starts no thread from a `.ts` file. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { watchedRun } from "../../sim/twin/claims/watched-run.ts";
import type { RunInputs } from "../../sim/twin/ensemble/run-inputs.ts";
import { summaryOf } from "../../sim/twin/ensemble/run-summary.ts";
import {
  lastCalmUs,
  runWarm,
  type WarmPlatform,
  warmUp,
  warmUpText,
} from "../../sim/twin/ensemble/warm-up.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import { loadOrderFlow } from "../order-flow-file.ts";
import { verdictOf } from "../report/verdict.ts";
import { writeRecording } from "../run-one.ts";
import type { FinishedRun, JobOutcome, RunJob, WorkerTask } from "./run-job.ts";
import { keepRun } from "./run-store.ts";

/** The last warm-up and the last order file: the next task often needs them again. */
const last: {
  warm?: { readonly text: string; readonly platform: WarmPlatform };
  orders?: { readonly hash: string; readonly flow: NonNullable<RunInputs["orderFlow"]> };
} = {};

/** Makes the runs of a task in order, and keeps each as soon as it is finished. */
export function runTask(task: WorkerTask): readonly JobOutcome[] {
  const { jobs, keys, storeFolder, progress, progressAt } = task;
  return jobs.map((job, at) => {
    const show = (fractionDone: number) => {
      const done = Math.floor((1000 * (at + fractionDone)) / jobs.length);
      Atomics.store(progress, progressAt, done);
      return true;
    };
    try {
      const run = makeRun(job, jobs, show);
      if (storeFolder !== undefined) keepRun(storeFolder, keys[at] ?? "", run);
      return { ok: true, run };
    } catch (error) {
      // A class does not survive the way between threads; its fields do.
      if (error instanceof TwinError) return { ok: false, mistakes: error.mistakes.map(plain) };
      throw error;
    }
  });
}

function plain({ code, problem, remedy, at }: TwinError["mistakes"][number]) {
  return { code, problem, remedy, ...(at === undefined ? {} : { at }) };
}

function makeRun(
  job: RunJob,
  group: readonly RunJob[],
  show: (fractionDone: number) => boolean,
): FinishedRun {
  const startedMs = performance.now();
  const inputs = inputsOf(job);
  const shared = job.warmUpSeed === undefined ? group : [job];
  const warm = isShared(job, group)
    ? warmPlatform(shared.map(inputsOf), job.warmUpSeed ?? job.seed, show)
    : undefined;
  const recording =
    warm === undefined
      ? runScenario({ ...inputs, onProgress: show })
      : runWarm(inputs, warm, { fresh: job.warmUpSeed !== undefined, onProgress: show });
  if (recording === undefined) throw new Error("a run ended early though nothing asked it to");
  const summary = {
    ...summaryOf(recording),
    ...(job.warmUpSeed === undefined || warm === undefined
      ? {}
      : { warmUp: { seed: job.warmUpSeed, atSeconds: warm.atUs / 1e6, digest: warm.digest } }),
  };
  const wallSeconds = (performance.now() - startedMs) / 1000;
  return {
    summary,
    wallSeconds,
    ...keptRecording(job, recording),
    ...(job.watched ? { watched: watchedRun(recording) } : {}),
  };
}

/** A warm-up pays when several runs begin with it. */
function isShared(job: RunJob, group: readonly RunJob[]): boolean {
  return job.warmUpSeed !== undefined || group.length > 1;
}

function warmPlatform(
  runs: readonly RunInputs[],
  seed: string,
  show: (fractionDone: number) => boolean,
): WarmPlatform | undefined {
  const [first] = runs;
  if (first === undefined || lastCalmUs(runs) === undefined) return undefined;
  const text = [seed, lastCalmUs(runs), ...runs.map(({ scenario }) => scenario.id)]
    .concat(warmUpText(first), JSON.stringify(runs.map(({ scenario }) => scenario.faults)))
    .join("\n");
  if (last.warm?.text === text) return last.warm.platform;
  // A platform may take hundreds of megabytes: the old one goes before the new one comes.
  delete last.warm;
  const platform = warmUp(runs, seed, show);
  if (platform !== undefined) last.warm = { text, platform };
  return platform;
}

function inputsOf({ scenario, topology, seed, orders }: RunJob): RunInputs {
  if (orders === undefined) return { scenario, topology, seed };
  if (last.orders?.hash !== orders.contentHash) {
    const flow = loadOrderFlow(orders.path);
    if (flow.contentHash !== orders.contentHash) {
      throw new TwinError({
        code: "orders.changed",
        problem: "The order file changed while the command ran",
        remedy: "Give the command again",
        at: orders.path,
      });
    }
    last.orders = { hash: flow.contentHash, flow };
  }
  return { scenario, topology, seed, orderFlow: last.orders.flow };
}

function keptRecording({ recordingPath }: RunJob, recording: Recording) {
  const { results, scenario, seed } = recording.head;
  const { kind } = verdictOf({ ...results, scenario: scenario.id, seed });
  if (recordingPath === undefined || kind === "met") return {};
  writeRecording(recordingPath, recording);
  return { recordingPath };
}

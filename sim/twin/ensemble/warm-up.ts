import { instantUs, type ReservedInstants } from "../faults/fault-injector.ts";
import type { Recording } from "../recording/recording-types.ts";
import { ScenarioRun } from "../run-scenario.ts";
import { canonical, type RunInputs } from "./run-inputs.ts";

/** Simulated microseconds between two calls of `onProgress`. */
const sliceUs = 5_000_000;

/** A platform that has been warmed up to just before the first fault of every run that will begin from it. */
export interface WarmPlatform {
  readonly atUs: number;
  readonly digest: string;
  readonly snapshot: ArrayBuffer;
  readonly frames: Recording["frames"];
  readonly reservedInstants: ReservedInstants;
}

/**
 * Text that is equal for runs whose platforms are the same until a fault strikes: everything but the faults and what is
 * only read or judged afterwards. A field that a scenario gains later counts as different until it is known not to be.
 */
export function warmUpText({ scenario, topology, orderFlow }: RunInputs): string {
  const { id: _, title, description, faults, objectives, ...rest } = scenario;
  // Outcomes are counted by service objective; recovery and loss are judged after the run.
  const counted = objectives.filter(({ kind }) => kind === "service");
  return canonical({ ...rest, counted, topology, orderFile: orderFlow?.contentHash });
}

/** The last microsecond before any of the runs meets its first fault; `undefined` when one has none, or at once. */
export function lastCalmUs(runs: readonly RunInputs[]): number | undefined {
  const firsts = runs.map(({ scenario }) => Math.min(...scenario.faults.map(instantUs)));
  const firstUs = Math.min(...firsts);
  const isBounded = firsts.every((first) => first !== Number.POSITIVE_INFINITY);
  return isBounded && firstUs > 1 ? firstUs - 1 : undefined;
}

/**
 * Warms a platform up for runs that agree in `warmUpText` and in the seed of the warm-up; `undefined` when `onProgress`
 * ended it early.
 */
export function warmUp(
  runs: readonly RunInputs[],
  seed: string,
  onProgress: (fractionDone: number) => boolean = () => true,
): WarmPlatform | undefined {
  const atUs = lastCalmUs(runs);
  const [first] = runs;
  if (atUs === undefined || first === undefined) throw new Error("nothing to warm up before");
  const reservedInstants = reservedFor(runs);
  const run = new ScenarioRun({ ...first, seed }, reservedInstants);
  while (run.nowUs < atUs) {
    run.advance(Math.min(sliceUs, atUs - run.nowUs));
    if (!onProgress(run.nowUs / run.durationUs)) return undefined;
  }
  return {
    atUs,
    digest: run.digest(),
    snapshot: run.snapshot(),
    frames: run.frames,
    reservedInstants,
  };
}

/**
 * Runs on from a warm platform to the end. With `fresh`, chance is the run's own seed's from there on, and the run is
 * one of many futures of that platform; without, it is bit for bit the run that begins at zero with the same seed.
 */
export function runWarm(
  inputs: RunInputs,
  warm: WarmPlatform,
  options: {
    readonly fresh: boolean;
    readonly onProgress?: (fractionDone: number) => boolean;
  },
): Recording | undefined {
  const run = new ScenarioRun(inputs, warm.reservedInstants);
  run.continueWarm(warm.snapshot, warm.frames, options.fresh ? inputs.seed : undefined);
  while (!run.isDone) {
    run.advance(sliceUs);
    if (options.onProgress?.(run.nowUs / run.durationUs) === false) return undefined;
  }
  return run.recording();
}

/** For each position, the instants at which any of the runs has its fault of that position, each once, in order. */
function reservedFor(runs: readonly RunInputs[]): ReservedInstants {
  const count = Math.max(...runs.map(({ scenario }) => scenario.faults.length));
  return Array.from({ length: count }, (_, at) => {
    const instants = runs.flatMap(({ scenario }) => {
      const fault = scenario.faults[at];
      return fault === undefined ? [] : [instantUs(fault)];
    });
    return [...new Set(instants)].sort((a, b) => a - b);
  });
}

/** A run of the worker, followed from its first frames to its end; one at a time. */
import * as Comlink from "comlink";
import type { RecordingHead } from "../../../sim/twin/recording/recording-types.ts";
import type { EventRecord } from "../../../sim/twin/results-types.ts";
import type { OpenHead } from "../../../sim/twin/run-scenario.ts";
import { everyTurnTaken } from "../charts/in-turn.ts";
import { createRecordingView, grownView, type RecordingView } from "../playback/recording-view.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";
import { ask, die, onWorkerDeath, WorkerEnded } from "../worker/client.ts";
import type { FrameChunk, RunRequest } from "../worker/messages.ts";
import { messageOf, tellMistakes } from "./shown-run.ts";

/** Who follows a run. */
export interface RunWatcher {
  /** Asks for the same once more. */
  readonly again: () => Promise<boolean>;
  readonly began: (view: RecordingView) => void;
  readonly advanced: (view: RecordingView) => void;
  readonly ended?: (view: RecordingView) => void;
}

/** Of the run that is simulated now: what an ended worker has sent before may still come, and is not listened to. */
let runNow: object | undefined;

let lastRun: () => Promise<boolean> = () => Promise.resolve(false);

/** Runs something and follows it; false when it did not come to its end, which the reader has been told. */
export async function watchRun(
  request: RunRequest,
  title: string,
  watcher: RunWatcher,
): Promise<boolean> {
  lastRun = watcher.again;
  const own = {};
  state.failure.value = undefined;
  const startedMs = performance.now();
  let head: OpenHead | undefined;
  let frames: (Float32Array | Float64Array)[] = [];
  let events: EventRecord[] = [];
  let view: RecordingView | undefined;
  // A run that goes on is shown until this one has begun.
  state.running.value ??= { title, doneUs: 0, durationUs: 1, rate: 0, startedMs };
  const take = (chunk: FrameChunk): void | Promise<void> => {
    if (head === undefined || runNow !== own) return;
    place(frames, chunk);
    events = [...events.slice(0, chunk.eventsBefore), ...chunk.newEvents];
    const availableUs = (chunk.toFrame - 1) * head.frameStepUs;
    const isFirst = view === undefined;
    view =
      view === undefined
        ? createRecordingView({ ...head, events }, frames, availableUs, true)
        : grownView(view, events, availableUs);
    const seconds = (performance.now() - startedMs) / 1000;
    state.running.value = {
      title,
      doneUs: chunk.nowUs,
      durationUs: head.durationUs,
      rate: chunk.nowUs / 1_000_000 / seconds,
      startedMs,
    };
    if (!isFirst) return watcher.advanced(view);
    watcher.began(view);
    return drawn();
  };
  const listener = Comlink.proxy({
    began: (openHead: OpenHead) => {
      runNow = own;
      head = openHead;
      frames = openHead.channels.map(({ kind }) =>
        kind === "count"
          ? new Float64Array(openHead.frameCount)
          : new Float32Array(openHead.frameCount),
      );
    },
    explained: (explained: OpenHead) => {
      // The same platform as before: the map is laid out once.
      head = { ...explained, topology: head?.topology ?? explained.topology };
      if (view !== undefined) view = { ...view, head: { ...head, events } };
    },
    advanced: take,
    ended: (whole: RecordingHead) => {
      if (runNow !== own) return;
      const topology = head?.topology ?? whole.topology;
      const last = createRecordingView({ ...whole, topology }, frames);
      watcher.advanced(last);
      watcher.ended?.(last);
    },
  });
  try {
    const outcome = await ask((worker) => worker.run(request, listener));
    if (outcome.ok && outcome.value) {
      if (runNow === own) leaveRun();
      return true;
    }
    // Of one that never began, nothing else may go on that is shown as running.
    if (runNow === own || runNow === undefined) leaveRun();
    if (outcome.ok) return false;
    if (request.kind === "text") tellMistakes(title, "scenario", outcome.mistakes);
    else for (const { problem, remedy } of outcome.mistakes) state.notify(`${problem}. ${remedy}.`);
  } catch (error) {
    // A bug of ours in the worker: told as what it is, with all that is needed to repeat it.
    if (!(error instanceof WorkerEnded)) die(messageOf(error));
  }
  return false;
}

/** Nothing is simulated any more; what there is of an unfinished run stays on screen. */
function leaveRun(): void {
  runNow = undefined;
  state.running.value = undefined;
  const shown = state.view.value;
  if (shown?.isLive === true) state.view.value = { ...shown, isLive: false };
}

/** Milliseconds for which a run waits for its first picture: a page that is hidden draws none. */
const drawnWithinMs = 500;

/** Resolves once what has just changed was laid out and painted, and its charts drawn. */
function drawn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, drawnWithinMs);
    requestAnimationFrame(() =>
      requestAnimationFrame(async () => {
        await everyTurnTaken();
        // With the next task this frame is painted too.
        setTimeout(resolve);
      }),
    );
  });
}

function place(frames: readonly (Float32Array | Float64Array)[], chunk: FrameChunk): void {
  const count = chunk.toFrame - chunk.fromFrame;
  let level = 0;
  let cumulative = 0;
  for (const values of frames) {
    if (values instanceof Float32Array) {
      values.set(chunk.levels.subarray(level * count, (level + 1) * count), chunk.fromFrame);
      level += 1;
    } else {
      const from = cumulative * count;
      values.set(chunk.counts.subarray(from, from + count), chunk.fromFrame);
      cumulative += 1;
    }
  }
}

/** Ends the run that is simulated now, if there is one. */
export function cancelRun(): void {
  // A worker that has ended has nothing to cancel.
  ask((worker) => worker.cancel()).catch(() => {});
  leaveRun();
}

/** Runs again what was running when the worker died, or when it was cancelled. */
export function runAgain(): void {
  void lastRun();
}

onWorkerDeath((message) => {
  const run = state.running.value;
  leaveRun();
  if (run === undefined) return;
  const { view } = state;
  const head = view.value?.head;
  state.failure.value = {
    title: `The simulation stopped at ${clockText(run.doneUs)}`,
    lines: [message],
    report: [
      `stormbell ${head?.programVersion ?? ""}: the simulation stopped at ${clockText(run.doneUs)}`,
      `scenario ${head?.scenario.id ?? run.title}, seed ${head?.seed ?? ""}`,
      `error ${message}`,
      `last event ${JSON.stringify(head?.events.at(-1) ?? null)}`,
    ].join("\n"),
    again: { label: "Run again", act: runAgain },
  };
});

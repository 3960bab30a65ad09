/** Gets recordings onto the screen: the demonstration, a file, a run that is going on. */
import * as Comlink from "comlink";
import type { RecordingHead } from "../../sim/twin/recording/recording-types.ts";
import type { EventRecord } from "../../sim/twin/results-types.ts";
import type { OpenHead } from "../../sim/twin/run-scenario.ts";
import type { FaultSpec } from "../../sim/twin/scenario-types.ts";
import type { Address } from "./address.ts";
import { createRecordingView, grownView, type RecordingView } from "./playback/recording-view.ts";
import { clockText } from "./playback/times.ts";
import { pause, play, seek } from "./player.ts";
import * as state from "./state.ts";
import { die, onWorkerDeath, simulation } from "./worker/client.ts";
import type { FrameChunk, RunRequest, ToldMistake } from "./worker/messages.ts";

/** Seconds of demonstration before its fault. */
const demonstrationLeadUs = 40_000_000;

export async function loadDemonstration(options: { readonly autoplay: boolean }): Promise<void> {
  const response = await fetch("./demonstration.stormrec");
  const bytes = new Uint8Array(await response.arrayBuffer());
  const opened = await openBytes(bytes, "demonstration", { kind: "demonstration", name: "" });
  if (!opened) return;
  const [fault] = state.faultInstants.value;
  seek(Math.max(0, (fault ?? 0) - demonstrationLeadUs));
  if (options.autoplay && !state.reducedMotion.value) play();
}

/** The file that `stormbell ui FILE` serves beside the page; false when there is none. */
export async function openServedFile(): Promise<boolean> {
  const name = document.querySelector<HTMLMetaElement>("meta[name=stormbell-file]")?.content;
  if (name === undefined) return false;
  const response = await fetch("./file");
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!/\.ya?ml$/.test(name)) return openBytes(bytes, name, { kind: "file", name });
  state.isIntroduced.value = true;
  const text = new TextDecoder().decode(bytes);
  return runScenario({ kind: "text", text, fileName: name, seed: "1" }, name);
}

/** Runs what a link names, with the branches it lists. */
export async function loadFromAddress(address: Address): Promise<void> {
  if (address.run === "file") {
    state.notify("The link shows a file that its sender had open. Open that file to follow it.");
    await loadDemonstration({ autoplay: false });
    return;
  }
  state.isIntroduced.value = true;
  const done = await runScenario(
    { kind: "library", id: address.run, seed: address.seed },
    address.run,
  );
  pause();
  if (!done) {
    await loadDemonstration({ autoplay: false });
    return;
  }
  await repeatBranches(address);
}

async function repeatBranches(address: Address): Promise<void> {
  if (address.decisions === "") return;
  let decisions: readonly (readonly [string, FaultSpec])[];
  try {
    decisions = JSON.parse(address.decisions);
    if (!Array.isArray(decisions)) throw new TypeError("not a list");
  } catch {
    state.notify("The link's d (its branches) could not be read.");
    return;
  }
  for (const [title, fault] of decisions) await breakSomething(fault, title);
}

export async function openBytes(
  bytes: Uint8Array,
  name: string,
  source: state.Source,
): Promise<boolean> {
  const outcome = await simulation().open(
    Comlink.transfer(bytes, [bytes.buffer as ArrayBuffer]),
    name,
  );
  if (!outcome.ok) {
    tellMistakes(name, outcome.mistakes);
    return false;
  }
  state.mistakes.value = undefined;
  show(createRecordingView(outcome.value.head, outcome.value.frames), source);
  return true;
}

export function tellMistakes(title: string, mistakes: readonly ToldMistake[]): void {
  state.mistakes.value = { title, mistakes };
  state.dialog.value = "open";
}

/** Shows a recording from its beginning; branches of the one before are dropped. */
function show(view: RecordingView, source: state.Source): void {
  pause();
  state.view.value = view;
  state.source.value = source;
  state.instantUs.value = 0;
  state.selected.value = "";
  state.opened.value = "";
  state.region.value = "";
  state.whySeq.value = undefined;
  state.span.value = undefined;
  state.branches.value = [];
  state.compareId.value = "";
  state.failure.value = undefined;
  state.mapView.value = { x: 0, y: 0, k: 1 };
}

/** Runs a scenario in the worker and shows it from its first frames on. */
export function runScenario(request: RunRequest, title: string): Promise<boolean> {
  return watchRun(request, title, {
    began: (view) => {
      show(view, {
        kind: request.kind === "library" ? "scenario" : "file",
        name: request.kind === "library" ? request.id : title,
      });
      if (!state.reducedMotion.value) play();
    },
    advanced: (view) => {
      state.view.value = view;
    },
  });
}

/** Continues the run on screen with a further fault, and keeps what came of it beside the run. */
export async function breakSomething(fault: FaultSpec, title: string): Promise<boolean> {
  const base = state.view.value;
  if (base?.head.results === undefined) return false;
  const head = base.head as RecordingHead;
  const atUs = fault.atSeconds * 1_000_000;
  let refused = "";
  const done = await watchRun({ kind: "branch", head, fault }, title, {
    began: () => {},
    advanced: () => {},
    ended: (view) => {
      refused = prefixDifference(base, view, atUs);
      if (refused !== "") return;
      const id = `b${state.branches.value.length + 1}`;
      state.branches.value = [...state.branches.value, { id, title, view, fromUs: atUs, fault }];
      state.compareId.value = id;
      state.tab.value = "compare";
    },
  });
  if (refused === "") return done;
  state.notify(
    `The branch was refused: before ${clockText(atUs)} it differs from the recording in ${refused}. The recording was made by another version of the program.`,
  );
  return false;
}

/** Name of a channel that differs before an instant at which two runs should part; empty when none does. */
function prefixDifference(base: RecordingView, branch: RecordingView, untilUs: number): string {
  const ratio = base.head.frameStepUs / branch.head.frameStepUs;
  if (!Number.isInteger(ratio)) return "its frames' step";
  const numbers = new Map(
    branch.head.channels.map(({ component, name }, at) => [`${component} ${name}`, at]),
  );
  const last = Math.floor((untilUs - 1) / base.head.frameStepUs);
  for (const [at, { component, name }] of base.head.channels.entries()) {
    const own = base.frames[at];
    const other = branch.frames[numbers.get(`${component} ${name}`) ?? -1];
    if (own === undefined || other === undefined || name.startsWith("calls ")) continue;
    for (let frame = 0; frame <= last; frame += 1) {
      if (!Object.is(own[frame], other[frame * ratio])) return `${component} ${name}`;
    }
  }
  return "";
}

interface RunWatcher {
  readonly began: (view: RecordingView) => void;
  readonly advanced: (view: RecordingView) => void;
  readonly ended?: (view: RecordingView) => void;
}

let lastRequest: { request: RunRequest; title: string } | undefined;

async function watchRun(request: RunRequest, title: string, watcher: RunWatcher): Promise<boolean> {
  lastRequest = { request, title };
  state.failure.value = undefined;
  const startedMs = performance.now();
  let head: OpenHead | undefined;
  let frames: (Float32Array | Float64Array)[] = [];
  let events: EventRecord[] = [];
  let view: RecordingView | undefined;
  state.running.value = { title, doneUs: 0, durationUs: 1, rate: 0, startedMs };
  const take = (chunk: FrameChunk) => {
    if (head === undefined) return;
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
    if (isFirst) watcher.began(view);
    else watcher.advanced(view);
  };
  const going = simulation().run(
    request,
    Comlink.proxy({
      began: (openHead: OpenHead) => {
        head = openHead;
        frames = openHead.channels.map(({ kind }) =>
          kind === "count"
            ? new Float64Array(openHead.frameCount)
            : new Float32Array(openHead.frameCount),
        );
      },
      advanced: take,
      ended: (whole: RecordingHead) => {
        const last = createRecordingView(whole, frames);
        watcher.advanced(last);
        watcher.ended?.(last);
      },
    }),
  );
  try {
    const outcome = await going;
    state.running.value = undefined;
    if (outcome.ok) return outcome.value;
    if (request.kind === "text") tellMistakes(title, outcome.mistakes);
    else for (const { problem, remedy } of outcome.mistakes) state.notify(`${problem}. ${remedy}.`);
  } catch (error) {
    // A bug of ours in the worker: told as what it is, with all that is needed to repeat it.
    die(error instanceof Error ? error.message : String(error));
  }
  return false;
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

export function cancelRun(): void {
  void simulation().cancel();
  state.running.value = undefined;
}

/** Runs again what was running when the worker died. */
export function runAgain(): void {
  if (lastRequest === undefined) return;
  void runScenario(lastRequest.request, lastRequest.title);
}

onWorkerDeath((message) => {
  const run = state.running.value;
  state.running.value = undefined;
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
  };
});

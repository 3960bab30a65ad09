/** Gets recordings onto the screen: the demonstration, a file, a run that is going on. */
import * as Comlink from "comlink";
import type { FaultSpec } from "../../sim/twin/faults/fault-types.ts";
import type { RecordingHead } from "../../sim/twin/recording/recording-types.ts";
import type { EventRecord } from "../../sim/twin/results-types.ts";
import type { OpenHead } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Address } from "./address.ts";
import { shippedScenario } from "./library.ts";
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

/** The files that `stormbell ui FILE [OTHER]` serves beside the page, the second one to compare; false when there is none. */
export async function openServedFiles(): Promise<boolean> {
  const names = [...document.querySelectorAll<HTMLMetaElement>("meta[name=stormbell-file]")].map(
    ({ content }) => content,
  );
  let isOpen = false;
  for (const [at, name] of names.entries()) {
    const response = await fetch(`./file/${at + 1}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const isBeside = at > 0;
    if (isBeside && !isOpen) break;
    const opened = await openContent(bytes, name, isBeside);
    if (at === 0) isOpen = opened;
  }
  return isOpen;
}

/** A file's content: a recording, or a scenario in YAML or JSON. */
export async function openContent(
  bytes: Uint8Array,
  name: string,
  isBeside = false,
): Promise<boolean> {
  if (!isScenario(bytes, name)) {
    return openBytes(bytes, name, { kind: "file", name }, isBeside);
  }
  const text = new TextDecoder().decode(bytes);
  const seed = isBeside ? (state.view.value?.head.seed ?? "1") : "1";
  const request: RunRequest = { kind: "text", text, fileName: name, seed };
  if (isBeside) return runBeside(request, name, { kind: "file" });
  state.isIntroduced.value = true;
  return runScenario(request, name);
}

/** By its ending; JSON may be either, and a recording says what it is in its first words. */
function isScenario(bytes: Uint8Array, name: string): boolean {
  if (/\.ya?ml$/i.test(name)) return true;
  if (!/\.json$/i.test(name)) return false;
  return !new TextDecoder().decode(bytes.subarray(0, 200)).includes('"stormbell-recording"');
}

/** Runs what a link names, with the branches it lists. */
export async function loadFromAddress(address: Address): Promise<void> {
  if (address.run === "file") {
    state.notify("The link shows a file that its sender had open. Open that file to follow it.");
    await loadDemonstration({ autoplay: false });
    return;
  }
  state.isIntroduced.value = true;
  const done = await runShipped(address.run, { seed: address.seed });
  pause();
  if (!done) {
    await loadDemonstration({ autoplay: false });
    return;
  }
  await repeatBranches(address);
}

/** Simulates the branches that a link lists, one after another. */
export async function repeatBranches(address: Address): Promise<void> {
  if (address.decisions === "") return;
  let decisions: readonly (readonly [string, state.Decision])[];
  try {
    decisions = JSON.parse(address.decisions);
    if (!Array.isArray(decisions)) throw new TypeError("not a list");
  } catch {
    state.notify("The link's d (its branches) could not be read.");
    return;
  }
  for (const [title, decision] of decisions) {
    if (decision.kind === "fault") await breakSomething(decision.fault, title);
    else if (decision.kind !== "file") await compareDesign(decision, title);
  }
}

/** A recording, as the program writes it or as JSON: shown, or put beside the run on screen. */
async function openBytes(
  bytes: Uint8Array,
  name: string,
  source: state.Source,
  isBeside = false,
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
  const view = createRecordingView(outcome.value.head, outcome.value.frames);
  if (isBeside) addBranch({ title: name, view, fromUs: 0, decision: { kind: "file" } });
  else show(view, source);
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

/** Runs a shipped scenario; false when there is none of this id, or it did not come to its end. */
export async function runShipped(
  id: string,
  options: { readonly seed: string; readonly openAtUs?: number },
): Promise<boolean> {
  const found = await shippedScenario(id);
  if (found === undefined) {
    state.notify(`No scenario "${id}" is shipped. Choose one from the list of scenarios.`);
    return false;
  }
  const request = { kind: "shipped", id, seed: options.seed, ...found } as const;
  return runScenario(request, found.scenario.title, options.openAtUs);
}

/**
 * Runs a scenario in the worker and shows it from its first frames on. With `openAtUs`, it goes to the instant that matters
 * as soon as the run has come there, unless the reader has gone elsewhere.
 */
export function runScenario(request: RunRequest, title: string, openAtUs = 0): Promise<boolean> {
  let isToOpen = openAtUs > 0;
  return watchRun(request, title, {
    began: (view) => {
      show(view, {
        kind: request.kind === "shipped" ? "scenario" : "file",
        name: request.kind === "shipped" ? request.id : title,
      });
      if (!state.reducedMotion.value) play();
    },
    advanced: (view) => {
      state.view.value = view;
      if (!isToOpen || view.availableUs < openAtUs) return;
      isToOpen = false;
      if (state.instantUs.value < openAtUs && state.isPlaying.value) seek(openAtUs);
    },
  });
}

/** Runs another design beside the run on screen: another scenario, or the same one on another topology. */
export async function compareDesign(
  decision: Extract<state.Decision, { kind: "scenario" | "topology" }>,
  title: string,
): Promise<boolean> {
  const base = state.view.value;
  if (base === undefined) return false;
  const { seed, scenario } = base.head;
  if (decision.kind === "topology") {
    // JSON is YAML, so that every mistake against the other topology is told like any other.
    const text = JSON.stringify(
      { ...scenario, topology: decision.name } satisfies Scenario,
      null,
      1,
    );
    return runBeside({ kind: "text", text, fileName: `${title}.json`, seed }, title, decision);
  }
  const found = await shippedScenario(decision.id);
  if (found === undefined) {
    state.notify(`No scenario "${decision.id}" is shipped.`);
    return false;
  }
  return runBeside({ kind: "shipped", id: decision.id, seed, ...found }, title, decision);
}

function runBeside(request: RunRequest, title: string, decision: state.Decision): Promise<boolean> {
  return watchRun(request, title, {
    began: () => {},
    advanced: () => {},
    ended: (view) => addBranch({ title, view, fromUs: 0, decision }),
  });
}

function addBranch(branch: Omit<state.Branch, "id">): void {
  const id = `b${state.branches.value.length + 1}`;
  state.branches.value = [...state.branches.value, { id, ...branch }];
  state.compareId.value = id;
  state.tab.value = "compare";
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
      addBranch({ title, view, fromUs: atUs, decision: { kind: "fault", fault } });
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

/** Of the run that is simulated now: what an ended worker has sent before may still come, and is not listened to. */
let runNow: object | undefined;

let lastRequest: { request: RunRequest; title: string } | undefined;

async function watchRun(request: RunRequest, title: string, watcher: RunWatcher): Promise<boolean> {
  lastRequest = { request, title };
  const own = {};
  runNow = own;
  state.failure.value = undefined;
  const startedMs = performance.now();
  let head: OpenHead | undefined;
  let frames: (Float32Array | Float64Array)[] = [];
  let events: EventRecord[] = [];
  let view: RecordingView | undefined;
  state.running.value = { title, doneUs: 0, durationUs: 1, rate: 0, startedMs };
  const take = (chunk: FrameChunk) => {
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
      explained: (explained: OpenHead) => {
        head = explained;
        if (view !== undefined) view = { ...view, head: { ...explained, events } };
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
  runNow = undefined;
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

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
import { ask, die, onWorkerDeath, WorkerEnded } from "./worker/client.ts";
import type { FrameChunk, RunRequest, ToldMistake } from "./worker/messages.ts";

/** Seconds of demonstration before its fault. */
const demonstrationLeadUs = 40_000_000;

export async function loadDemonstration(options: { readonly autoplay: boolean }): Promise<void> {
  const order = nextOrder();
  const bytes = await fetched("./demonstration.stormrec", "The demonstration");
  if (bytes === undefined) return;
  const source = { kind: "demonstration", name: "" } as const;
  const opened = await openBytes(bytes, "demonstration", { source, order });
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
    const isBeside = at > 0;
    if (isBeside && !isOpen) break;
    const bytes = await fetched(`./file/${at + 1}`, name);
    if (bytes === undefined) return true;
    const opened = await openContent(bytes, name, isBeside);
    if (at === 0) isOpen = opened;
  }
  return isOpen;
}

/** The bytes of a file that the server has; undefined, and told, when they do not come. */
async function fetched(path: string, title: string): Promise<Uint8Array | undefined> {
  let problem: string;
  try {
    const response = await fetch(path);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    problem = `The server answered ${response.status} ${response.statusText} for ${path}`;
  } catch (error) {
    problem = `${path} did not come: ${messageOf(error)}`;
  }
  state.failure.value = {
    title: `${title} could not be fetched`,
    lines: [`${problem}. See that what serves this page still runs, then load the page again.`],
    report: problem,
    again: { label: "Load again", act: () => location.reload() },
  };
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A file of the user's own, chosen or dropped. */
export async function openFile(file: File, isBeside = false): Promise<boolean> {
  const order = isBeside ? undefined : nextOrder();
  state.mistakes.value = undefined;
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    tellMistakes(file.name, "file", [
      {
        code: "input.unreadable",
        problem: `The file could not be read (${messageOf(error)})`,
        remedy: "Choose a file that is still there, and no folder",
        at: file.name,
      },
    ]);
    return false;
  }
  return openContent(bytes, file.name, isBeside, order);
}

/** A file's content: a recording, or a scenario in YAML or JSON. */
async function openContent(
  bytes: Uint8Array,
  name: string,
  isBeside: boolean,
  order?: number,
): Promise<boolean> {
  if (!isScenario(bytes, name)) {
    const source = { kind: "file", name } as const;
    return openBytes(bytes, name, { source, order: order ?? nextOrder(), isBeside });
  }
  const text = new TextDecoder().decode(bytes);
  state.draft.value = text;
  const seed = isBeside ? (state.view.value?.head.seed ?? "1") : "1";
  const request: RunRequest = { kind: "text", text, fileName: name, seed };
  if (isBeside) return runBeside(request, name, { kind: "file" });
  state.isIntroduced.value = true;
  return runScenario(request, name, { order });
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
  const done = await runShipped(address.run, { seed: address.seed ?? "1" });
  pause();
  if (!done) {
    // What a cancelled run came to stays on screen.
    if (state.view.value === undefined) await loadDemonstration({ autoplay: false });
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

/** What is shown is the newest of what was asked for and could be opened. */
let orderCount = 0;
let shownOrder = 0;

function nextOrder(): number {
  orderCount += 1;
  return orderCount;
}

interface Opening {
  readonly source: state.Source;
  readonly order: number;
  readonly isBeside?: boolean;
}

/** A recording, as the program writes it or as JSON: shown, or put beside the run on screen. */
async function openBytes(bytes: Uint8Array, name: string, opening: Opening): Promise<boolean> {
  const base = state.view.value;
  try {
    const outcome = await ask((worker) =>
      worker.open(Comlink.transfer(bytes, [bytes.buffer as ArrayBuffer]), name),
    );
    if (!outcome.ok) {
      tellMistakes(name, "file", outcome.mistakes);
      return false;
    }
    const view = createRecordingView(outcome.value.head, outcome.value.frames);
    if (opening.isBeside === true) {
      addBranch(base, { title: name, view, fromUs: 0, decision: { kind: "file" } });
    } else {
      if (opening.order < shownOrder) return false;
      if (state.running.value !== undefined) cancelRun();
      show(view, opening.source, opening.order);
    }
  } catch (error) {
    tellMistakes(name, "file", [
      {
        code: "recording.unfit",
        problem: `The recording does not fit together (${messageOf(error)})`,
        remedy: "Copy it again from where it was written, or run its scenario again",
        at: name,
      },
    ]);
    return false;
  }
  return true;
}

export function tellMistakes(
  title: string,
  kind: "scenario" | "file",
  mistakes: readonly ToldMistake[],
): void {
  state.mistakes.value = { title, kind, mistakes };
  state.dialog.value = "open";
}

/** Shows a recording from its beginning; branches of the one before are dropped. */
function show(view: RecordingView, source: state.Source, order: number): void {
  shownOrder = order;
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

/** A shipped scenario; undefined, and told, when there is none of this id or it does not come. */
async function shippedOrTold(id: string): ReturnType<typeof shippedScenario> {
  try {
    const found = await shippedScenario(id);
    if (found === undefined) {
      state.notify(`No scenario "${id}" is shipped. Choose one from the list of scenarios.`);
    }
    return found;
  } catch (error) {
    state.notify(
      `Scenario "${id}" did not come (${messageOf(error)}). See that what serves this page still runs.`,
    );
    return undefined;
  }
}

/** Runs a shipped scenario; false when there is none of this id, or it did not come to its end. */
export async function runShipped(
  id: string,
  options: { readonly seed: string; readonly openAtUs?: number },
): Promise<boolean> {
  const found = await shippedOrTold(id);
  if (found === undefined) return false;
  const request = { kind: "shipped", id, seed: options.seed, ...found } as const;
  return runScenario(request, found.scenario.title, { openAtUs: options.openAtUs });
}

/**
 * Runs a scenario in the worker and shows it from its first frames on. With `openAtUs`, it goes to the instant that matters
 * as soon as the run has come there, unless the reader has gone elsewhere.
 */
export function runScenario(
  request: RunRequest,
  title: string,
  options: { readonly openAtUs?: number | undefined; readonly order?: number | undefined } = {},
): Promise<boolean> {
  const { openAtUs = 0, order = nextOrder() } = options;
  let isToOpen = openAtUs > 0;
  return watchRun(request, title, {
    again: () => runScenario(request, title, { openAtUs }),
    began: (view) => {
      if (order < shownOrder) {
        cancelRun();
        return;
      }
      const isShipped = request.kind === "shipped";
      const source = {
        kind: isShipped ? "scenario" : "file",
        name: isShipped ? request.id : title,
      } as const;
      show(view, source, order);
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
  const found = await shippedOrTold(decision.id);
  if (found === undefined) return false;
  return runBeside({ kind: "shipped", id: decision.id, seed, ...found }, title, decision);
}

function runBeside(request: RunRequest, title: string, decision: state.Decision): Promise<boolean> {
  const base = state.view.value;
  return watchRun(request, title, {
    again: () => runBeside(request, title, decision),
    began: () => {},
    advanced: () => {},
    ended: (view) => addBranch(base, { title, view, fromUs: 0, decision }),
  });
}

/** Puts a run beside the one that it was made for, unless that has left the screen meanwhile. */
function addBranch(base: RecordingView | undefined, branch: Omit<state.Branch, "id">): void {
  if (base === undefined || state.view.value !== base) return;
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
    again: () => breakSomething(fault, title),
    began: () => {},
    advanced: () => {},
    ended: (view) => {
      refused = prefixDifference(base, view, atUs);
      if (refused !== "") return;
      addBranch(base, { title, view, fromUs: atUs, decision: { kind: "fault", fault } });
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
  /** Asks for the same once more. */
  readonly again: () => Promise<boolean>;
  readonly began: (view: RecordingView) => void;
  readonly advanced: (view: RecordingView) => void;
  readonly ended?: (view: RecordingView) => void;
}

/** Of the run that is simulated now: what an ended worker has sent before may still come, and is not listened to. */
let runNow: object | undefined;

let lastRun: () => Promise<boolean> = () => Promise.resolve(false);

async function watchRun(request: RunRequest, title: string, watcher: RunWatcher): Promise<boolean> {
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

/** Runs that the page watches, and the checkpoints from which it may continue them differently. */
import * as Comlink from "comlink";
import { TwinError } from "../../../sim/errors/twin-error.ts";
import { type OpenHead, ScenarioRun } from "../../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../../sim/twin/scenario-types.ts";
import type { Checkpoint, Kept, Preparation } from "./branches.ts";
import { fetchLateCode, hasWords, inWords, withAllCode } from "./late-code.ts";
import type { FrameChunk, RunListener, RunRequest } from "./messages.ts";

/** Milliseconds of work between two reports: short enough for a cancellation to be felt. */
const sliceMs = 120;
/** A checkpoint is taken once so many times what the last one took has been spent on the run itself. */
const workPerCheckpoint = 25;
const checkpointEveryUs = 60_000_000;
const checkpointBytesMax = 256 * 1024 * 1024;
/**
 * More frames than fit in this are refused, with the setting that would make them fewer. Worker and page hold them once
 * each; the largest that ships, three regions with ten shards for half an hour, has 76 MB.
 */
const recordingMbMax = 128;

let kept: Kept | undefined;
/** Runs and cancellations are numbered as they are asked for; the run that goes on is the latest that could begin. */
let askedCount = 0;
let current = 0;

export function cancelLive(): void {
  askedCount += 1;
  current = askedCount;
}

/** Runs to the end, telling the listener as it goes; false when it was cancelled. */
export async function runLive(request: RunRequest, listener: RunListener): Promise<boolean> {
  askedCount += 1;
  const own = askedCount;
  const { options, from, faultCount } = await preparation(request);
  const checkpoints: Checkpoint[] = [];
  let run = await withAllCode(() => new ScenarioRun(options));
  refuseTooLong(run, options.scenario);
  if (own < current) return false;
  // Only now: the run before goes on until this one is known to be sound.
  current = own;
  if (from !== undefined) {
    const { checkpoint, kept: base } = from;
    checkpoints.push(checkpoint);
    await withAllCode(() => run.continueFrom(checkpoint.state, base.run.frames, faultCount));
  }
  const openHead = run.head();
  const isWorded = hasWords();
  listener.began(wordedHead(openHead));
  let isFollowed = false;
  let sliceUs = 500_000;
  const report = reporter(listener, openHead);
  if (run.nowUs > 0) await report(run);
  let checkpointMs = 0;
  let workedMs = 0;
  while (!run.isDone) {
    const beganMs = performance.now();
    const untilUs = run.nowUs + sliceUs;
    await withAllCode(
      () => run.advance(untilUs - run.nowUs),
      () => {
        const { frames } = run;
        run = new ScenarioRun(options);
        const last = checkpoints.at(-1);
        // Further faults are on the agenda of every checkpoint but the one that a branch began with.
        const onAgenda = last === from?.checkpoint ? faultCount : options.scenario.faults.length;
        if (last !== undefined) run.continueFrom(last.state, frames, onAgenda);
      },
    );
    const told = report(run);
    const tookMs = performance.now() - beganMs;
    workedMs += tookMs;
    if (
      run.nowUs - (checkpoints.at(-1)?.atUs ?? 0) >= checkpointEveryUs &&
      workedMs >= workPerCheckpoint * checkpointMs &&
      !run.isDone
    ) {
      const savingMs = performance.now();
      checkpoints.push({ atUs: run.nowUs, state: run.snapshot() });
      thin(checkpoints);
      checkpointMs = performance.now() - savingMs;
      workedMs = 0;
    }
    sliceUs = Math.max(100_000, Math.min(20_000_000, sliceUs * Math.min(2, sliceMs / tookMs)));
    if (isFollowed) await nextTurn();
    else {
      isFollowed = true;
      // Where run and page share two cores, the first picture would come late and in pieces.
      await told;
      // What fails to come now is asked for again where it is needed, and told there.
      fetchLateCode().then(
        () => isWorded || listener.explained(wordedHead(openHead)),
        () => {},
      );
    }
    if (current !== own) return false;
  }
  await fetchLateCode();
  const { head } = run.recording();
  kept = {
    scenario: options.scenario,
    topology: options.topology,
    seed: options.seed,
    run,
    checkpoints,
  };
  // Listener and answer go through two ports, between which there is no order: who has the answer has heard everything.
  await listener.ended(wordedHead(head));
  return true;
}

/** Tells the listener at each call what a run has added since the last. */
function reporter(listener: RunListener, { frameStepUs, frameCount }: OpenHead) {
  let sentFrame = 0;
  let sentEvents = 0;
  return (run: ScenarioRun) => {
    const toFrame = Math.min(frameCount, Math.floor(run.nowUs / frameStepUs) + 1);
    const newEvents = run.eventsFrom(sentEvents);
    const chunk = chunkOf(run, sentFrame, toFrame, newEvents, sentEvents);
    sentFrame = toFrame;
    sentEvents += newEvents.length;
    return listener.advanced(Comlink.transfer(chunk, [chunk.levels.buffer, chunk.counts.buffer]));
  };
}

/** What a recording tells in words; its events and what was put in have none of ours. */
function wordedHead<Head extends OpenHead>(head: Head): Head {
  const { events, scenario, topology, ...rest } = head;
  return { ...inWords(rest), events, scenario, topology } as unknown as Head;
}

async function preparation(request: RunRequest): Promise<Preparation> {
  if (request.kind === "branch") {
    const { branchPreparation } = await import("./branches.ts");
    return branchPreparation(request.head, request.fault, kept);
  }
  const { scenario, topology } =
    request.kind === "shipped" ? request : await ownScenario(request.text, request.fileName);
  return {
    options: { scenario, topology, seed: request.seed },
    faultCount: scenario.faults.length,
  };
}

async function ownScenario(text: string, fileName: string) {
  const [{ scenarioOfText }] = await Promise.all([import("./library.ts"), fetchLateCode()]);
  return scenarioOfText(text, fileName);
}

function refuseTooLong(run: ScenarioRun, scenario: Scenario): void {
  const bytes = run.frames.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const megabytes = Math.ceil(bytes / 1024 / 1024);
  if (megabytes <= recordingMbMax) return;
  throw new TwinError({
    code: "run.recording-too-long",
    problem: `The recording would take ${megabytes} MB in the page, which keeps at most ${recordingMbMax}: ${run.frames.length} channels in ${scenario.durationSeconds} s`,
    remedy:
      "Use a topology with fewer components, zones or shards, or a shorter durationSeconds, or run it from the command line and open what it wrote",
    at: "/topology",
  });
}

function chunkOf(
  run: ScenarioRun,
  fromFrame: number,
  toFrame: number,
  newEvents: FrameChunk["newEvents"],
  eventsBefore: number,
): FrameChunk {
  const count = toFrame - fromFrame;
  const levelCount = run.frames.filter((each) => each instanceof Float32Array).length;
  const levels = new Float32Array(levelCount * count);
  const counts = new Float64Array((run.frames.length - levelCount) * count);
  let level = 0;
  let cumulative = 0;
  for (const values of run.frames) {
    const part = values.subarray(fromFrame, toFrame);
    if (values instanceof Float32Array) {
      levels.set(part, level * count);
      level += 1;
    } else {
      counts.set(part, cumulative * count);
      cumulative += 1;
    }
  }
  return { fromFrame, toFrame, levels, counts, newEvents, eventsBefore, nowUs: run.nowUs };
}

/** Drops every other checkpoint, the older half first, while they take too much room. */
function thin(checkpoints: Checkpoint[]): void {
  const bytes = () => checkpoints.reduce((sum, { state }) => sum + state.byteLength, 0);
  for (let at = 1; bytes() > checkpointBytesMax && checkpoints.length > 2; at += 1) {
    if (at >= checkpoints.length - 1) at = 1;
    checkpoints.splice(at, 1);
  }
}

/** Lets messages in; a timer would wait four milliseconds. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

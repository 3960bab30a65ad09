/** Runs that the page watches, and the checkpoints from which it may continue them differently. */
import * as Comlink from "comlink";
import { TwinError } from "../../../sim/errors/twin-error.ts";
import type { FaultSpec } from "../../../sim/twin/faults/fault-types.ts";
import { fetchJudgement, fetchServices } from "../../../sim/twin/late-parts.ts";
import { programVersion } from "../../../sim/twin/program-version.ts";
import type { RecordingHead } from "../../../sim/twin/recording/recording-types.ts";
import { ScenarioRun } from "../../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../../sim/twin/scenario-types.ts";
import type { Topology } from "../../../sim/twin/topology-types.ts";
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

interface Checkpoint {
  readonly atUs: number;
  readonly state: ArrayBuffer;
}

interface Kept {
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly seed: string;
  readonly run: ScenarioRun;
  readonly checkpoints: readonly Checkpoint[];
}

let kept: Kept | undefined;
let generation = 0;

export function cancelLive(): void {
  generation += 1;
}

/** Runs to the end, telling the listener as it goes; false when it was cancelled. */
export async function runLive(request: RunRequest, listener: RunListener): Promise<boolean> {
  generation += 1;
  const own = generation;
  const { options, from, faultCount } = await preparation(request);
  await fetchServices(options.topology);
  const judgement = fetchJudgement();
  const run = new ScenarioRun(options);
  refuseTooLong(run, options.scenario);
  const checkpoints: Checkpoint[] = [];
  if (from !== undefined) {
    run.continueFrom(from.checkpoint.state, from.kept.run.frames, faultCount);
    checkpoints.push(from.checkpoint);
  }
  const openHead = run.head();
  const { frameStepUs, frameCount } = openHead;
  listener.began(openHead);
  let sentFrame = 0;
  let sentEvents = 0;
  let sliceUs = 500_000;
  const report = () => {
    const toFrame = Math.min(frameCount, Math.floor(run.nowUs / frameStepUs) + 1);
    const newEvents = run.eventsFrom(sentEvents);
    const chunk = chunkOf(run, sentFrame, toFrame, newEvents, sentEvents);
    sentFrame = toFrame;
    sentEvents += newEvents.length;
    listener.advanced(Comlink.transfer(chunk, [chunk.levels.buffer, chunk.counts.buffer]));
  };
  if (run.nowUs > 0) report();
  let checkpointMs = 0;
  let workedMs = 0;
  while (!run.isDone) {
    const beganMs = performance.now();
    run.advance(sliceUs);
    report();
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
    await nextTurn();
    if (generation !== own) return false;
  }
  await judgement;
  kept = {
    scenario: options.scenario,
    topology: options.topology,
    seed: options.seed,
    run,
    checkpoints,
  };
  listener.ended(run.recording().head);
  return true;
}

async function preparation(request: RunRequest): Promise<{
  options: { scenario: Scenario; topology: Topology; seed: string };
  from?: { kept: Kept; checkpoint: Checkpoint };
  faultCount: number;
}> {
  if (request.kind === "branch") return branchPreparation(request.head, request.fault);
  const { scenario, topology } =
    request.kind === "shipped"
      ? request
      : await (await import("./library.ts")).scenarioOfText(request.text, request.fileName);
  return {
    options: { scenario, topology, seed: request.seed },
    faultCount: scenario.faults.length,
  };
}

/** Continues from the nearest checkpoint when the run is one of ours; else the run is repeated from its beginning. */
function branchPreparation(head: RecordingHead, fault: FaultSpec) {
  if (head.orderFile !== undefined) {
    throw new TwinError({
      code: "branch.orders-absent",
      problem: "This recording replayed an order file, which it does not hold",
      remedy: "Run it from the command line with --orders and the further fault in its scenario",
    });
  }
  if (head.programVersion !== programVersion) {
    throw new TwinError({
      code: "branch.other-version",
      problem: `The recording was made by version ${head.programVersion}; this is ${programVersion}, whose run may differ before the branch`,
      remedy: "Run its scenario again with this version, then break something",
    });
  }
  const faults = head.scenario.faults.map((each) => strikingWhereItStruck(each, head));
  const scenario = { ...head.scenario, faults: [...faults, fault] };
  const faultCount = head.scenario.faults.length;
  const base = kept;
  const isOurs =
    base !== undefined &&
    base.seed === head.seed &&
    JSON.stringify(base.scenario) === JSON.stringify(head.scenario);
  if (!isOurs) {
    // The recorded topology has the scenario's changes in it already; making them again changes nothing.
    return { options: { scenario, topology: head.topology, seed: head.seed }, faultCount };
  }
  const options = { scenario, topology: base.topology, seed: base.seed };
  const checkpoint = base.checkpoints.findLast(({ atUs }) => atUs <= fault.atSeconds * 1_000_000);
  if (checkpoint === undefined) return { options, faultCount };
  return { options, from: { kept: base, checkpoint }, faultCount };
}

/**
 * A fault of the recorded run strikes the place that it struck there: what it was to look for (`zone-of:matching`) may
 * stand elsewhere, or nowhere, once something else has been broken before it.
 */
function strikingWhereItStruck(fault: FaultSpec, head: RecordingHead): FaultSpec {
  if (!("zone" in fault) || !fault.zone.startsWith("zone-of:")) return fault;
  const struck = head.events.find(
    (event) =>
      event.stage === "fault" &&
      event.causeSeq < 0 &&
      event.zone !== "" &&
      event.atUs === Math.round(fault.atSeconds * 1_000_000),
  );
  return struck === undefined ? fault : { ...fault, zone: struck.zone };
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

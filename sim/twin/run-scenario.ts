import { isCall } from "../components/fabric/call-sites.ts";
import type { LogEntry } from "../components/fabric/event-log.ts";
import { TwinError } from "../errors/twin-error.ts";
import { none } from "../kernel/none.ts";
import type { OrderFlow } from "./clients/order-flow.ts";
import type { ReservedInstants } from "./faults/fault-injector.ts";
import { programVersion } from "./program-version.ts";
import type { Recording, RecordingHead } from "./recording/recording-types.ts";
import { runResults } from "./results/run-results.ts";
import type { EventRecord } from "./results-types.ts";
import { scalePlatform } from "./scaling/scale-platform.ts";
import type { Scenario } from "./scenario-types.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";
import type { Topology } from "./topology-types.ts";
import { withOverrides } from "./topology-variants.ts";

export interface RunOptions {
  readonly scenario: Scenario;
  /** The topology that the scenario names, without the scenario's overrides. */
  readonly topology: Topology;
  readonly seed: string;
  readonly orderFlow?: OrderFlow | undefined;
  /** Told about ten times a simulated minute how much is done, 0..1; answering false ends the run without a recording. */
  readonly onProgress?: (fractionDone: number) => boolean;
}

/** Simulated microseconds between two calls of `onProgress`. */
const sliceUs = 5_000_000;

/** Runs a scenario from beginning to end; `undefined` when `onProgress` ended it early. */
export function runScenario(options: RunOptions): Recording | undefined {
  const run = new ScenarioRun(options);
  while (!run.isDone) {
    run.advance(sliceUs);
    if (options.onProgress?.(run.nowUs / run.durationUs) === false) return undefined;
  }
  return run.recording();
}

/** Everything of a recording that is known while its run goes on. */
export type OpenHead = Omit<RecordingHead, "digest" | "results">;

/** A run that is taken forward step by step, so that it can be watched, and continued differently from any instant. */
export class ScenarioRun {
  readonly #simulation: Simulation;

  /** `reservedInstants` are those of a warm-up that several runs share. */
  constructor(options: RunOptions, reservedInstants?: ReservedInstants) {
    const scenario = coveringOrderFlow(options.scenario, options.orderFlow);
    refuseFaultsOutside(scenario);
    const topology = withOverrides(options.topology, options.scenario.componentOverrides);
    const whole = { scenario, topology, seed: options.seed, orderFlow: options.orderFlow };
    this.#simulation = new Simulation({ ...sampled(whole), reservedInstants });
  }

  get nowUs(): number {
    return this.#simulation.kernel.nowUs;
  }

  get durationUs(): number {
    return this.#simulation.durationUs;
  }

  get isDone(): boolean {
    return this.nowUs >= this.durationUs;
  }

  /** Runs on for so many simulated microseconds, or to the end. */
  advance(byUs: number): void {
    this.#simulation.kernel.runUntil(Math.min(this.durationUs, this.nowUs + Math.ceil(byUs)));
  }

  /** Events so far, and whatever else does not wait for the end. */
  head(): OpenHead {
    return openHead(this.#simulation, logOf(this.#simulation));
  }

  /** Events from the one with this number on. */
  eventsFrom(seq: number): readonly EventRecord[] {
    const { log } = this.#simulation.fabric;
    const events: EventRecord[] = [];
    for (let at = seq; at < log.count; at += 1) {
      events.push(eventRecord(this.#simulation, log.entry(at)));
    }
    return events;
  }

  /** The frames; those up to the present instant are filled. */
  get frames(): Recording["frames"] {
    return this.#simulation.recorder.frames;
  }

  recording(): Recording {
    return recordingOf(this.#simulation);
  }

  /** The whole state as it stands, for `continueFrom`. */
  snapshot(): ArrayBuffer {
    return this.#simulation.kernel.snapshot();
  }

  /** Hash of the events so far. */
  digest(): string {
    return this.#simulation.kernel.digest();
  }

  /**
   * Takes the place of a run that was warmed up with the same reserved instants, and keeps its own faults. With `seed`,
   * chance is fresh from here on; without, this run ends as if it had run from the beginning by itself.
   */
  continueWarm(snapshot: ArrayBuffer, frames: Recording["frames"], seed: string | undefined): void {
    const { kernel, recorder, faults } = this.#simulation;
    kernel.restore(snapshot, seed === undefined ? { random: "same" } : { random: "fresh", seed });
    recorder.adopt(frames);
    faults.keepOwn();
  }

  /**
   * Takes the place of another run of the same topology, seed and length at the instant of its snapshot, with the frames
   * that it had recorded. This run's scenario may have further faults at its end; they are put on the agenda now.
   */
  continueFrom(snapshot: ArrayBuffer, frames: Recording["frames"], faultCount: number): void {
    const { kernel, recorder, faults, scenario } = this.#simulation;
    kernel.restore(snapshot, { random: "same" });
    recorder.adopt(frames);
    for (let fault = faultCount; fault < scenario.faults.length; fault += 1) faults.schedule(fault);
  }
}

/** The inputs of a run of one in so many; what the scenario asks to be run exactly stays as it is. */
function sampled(whole: SimulationOptions): SimulationOptions {
  const { scale } = whole.scenario;
  if (scale === undefined) return whole;
  if (whole.orderFlow !== undefined) {
    throw new TwinError({
      code: "scale.orders",
      problem: "Replayed orders are all of one symbol, of which a sample keeps all or nothing",
      remedy: "Leave --orders or --scale out",
      at: "--scale",
    });
  }
  // What the components of the whole platform run with is known once it is assembled.
  const { fabric } = new Simulation(whole);
  const { topology, keys, result } = scalePlatform(whole.scenario, whole.topology, scale, (id) =>
    fabric.component(id).parameters(),
  );
  return { ...whole, topology, sample: { keys, result, whole: whole.topology } };
}

/** A fault that never strikes would make a run look better than it is. */
function refuseFaultsOutside(scenario: Scenario): void {
  const outside = scenario.faults.find((fault) => fault.atSeconds >= scenario.durationSeconds);
  if (outside === undefined) return;
  throw new TwinError({
    code: "scenario.fault-outside-run",
    problem: `Fault "${outside.id}" strikes at ${outside.atSeconds} s, and the run ends at ${scenario.durationSeconds} s`,
    remedy: "Let it strike earlier, or raise durationSeconds",
    at: `/faults/${outside.id}/atSeconds`,
  });
}

/** Seconds after the last replayed command. Assumption: enough for it to be matched. */
const afterOrderFlowSeconds = 60;

/** A run with replayed orders lasts long enough to replay them all. */
function coveringOrderFlow(scenario: Scenario, orderFlow: OrderFlow | undefined): Scenario {
  if (orderFlow === undefined || orderFlow.commandCount === 0) return scenario;
  const lastSeconds = Math.ceil(orderFlow.atUs[orderFlow.commandCount - 1]! / 1_000_000);
  return {
    ...scenario,
    durationSeconds: Math.max(scenario.durationSeconds, lastSeconds + afterOrderFlowSeconds),
  };
}

function logOf({ fabric }: Simulation): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  for (let seq = 0; seq < fabric.log.count; seq += 1) entries.push(fabric.log.entry(seq));
  return entries;
}

function recordingOf(simulation: Simulation): Recording {
  const entries = logOf(simulation);
  const digest = simulation.kernel.digest();
  return {
    head: {
      ...openHead(simulation, entries),
      digest,
      results: runResults(simulation, entries),
    },
    frames: simulation.recorder.frames,
  };
}

function openHead(simulation: Simulation, entries: readonly LogEntry[]): OpenHead {
  const { scenario, platform, seed, orderFlow, fabric, recorder } = simulation;
  const channels = recorder.records();
  const metrics = simulation.metrics.record();
  // Two calls may have one path (a retry's fallback, say); their channels stand together, in the order of the calls.
  const calls = fabric.sites.filter(isCall);
  const firstCalls = channels.findIndex(({ name }) => name === `calls ${calls[0]?.path}`);
  return {
    programVersion,
    scenario,
    // A recording is repeated from the whole platform.
    topology: simulation.sample?.whole ?? simulation.topology,
    seed,
    ...(orderFlow === undefined
      ? {}
      : {
          orderFile: {
            name: orderFlow.name,
            contentHash: orderFlow.contentHash,
            commandCount: orderFlow.commandCount,
          },
        }),
    durationUs: simulation.durationUs,
    frameStepUs: recorder.frameStepUs,
    frameCount: recorder.frameCount,
    zones: fabric.zones.zones
      .filter(({ isUnused }) => !isUnused)
      .map(({ id, region }) => ({ id, region: region ?? "" })),
    components: fabric.components.map((component, at) => ({
      id: component.id,
      service: component.service,
      title: platform.components[at]!.title ?? component.id,
      spec: platform.components[at]!,
      parameters: component.parameters(),
    })),
    channels,
    edges: calls.map((site, at) => ({
      path: site.path,
      from: site.caller === none ? "" : fabric.components[site.caller]!.id,
      to: fabric.components[site.component]!.id,
      channel: firstCalls + at,
    })),
    events: entries.map((entry) => eventRecord(simulation, entry)),
    ...(metrics === undefined ? {} : { metrics }),
  };
}

function eventRecord(simulation: Simulation, entry: LogEntry): EventRecord {
  const { fabric, platform } = simulation;
  const component = platform.components[entry.component];
  const struck = entry.zone === none ? undefined : fabric.zones.zones[entry.zone]!;
  // What happens to a region is logged with the first of its zones.
  const isOfRegion = entry.kind.startsWith("region.");
  const zone = isOfRegion ? "" : (struck?.id ?? "");
  const area = isOfRegion ? (struck?.region ?? "") : zone;
  const title = component?.title ?? component?.id ?? "";
  const instance = entry.instance === none ? "" : ` #${entry.instance}`;
  const where = zone === "" ? "" : ` in ${zone}`;
  return {
    atUs: entry.atUs,
    seq: entry.seq,
    kind: entry.kind,
    stage: entry.stage,
    component: component?.id ?? "",
    zone,
    place: title === "" ? area : `${title}${instance}${where}`,
    causeSeq: entry.causeSeq,
    value: entry.value,
  };
}

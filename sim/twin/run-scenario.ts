import type { LogEntry } from "../components/fabric/event-log.ts";
import { TwinError } from "../errors/twin-error.ts";
import { none } from "../kernel/none.ts";
import type { OrderFlow } from "./clients/order-flow.ts";
import { programVersion } from "./program-version.ts";
import type { Recording } from "./recording/recording-types.ts";
import { runResults } from "./results/run-results.ts";
import type { EventRecord } from "./results-types.ts";
import type { Scenario } from "./scenario-types.ts";
import { Simulation } from "./simulation.ts";
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
  const scenario = coveringOrderFlow(options.scenario, options.orderFlow);
  refuseFaultsOutside(scenario);
  const simulation = new Simulation({
    scenario,
    topology: withOverrides(options.topology, options.scenario.componentOverrides),
    seed: options.seed,
    orderFlow: options.orderFlow,
  });
  const { kernel, durationUs } = simulation;
  while (kernel.nowUs < durationUs) {
    kernel.runUntil(Math.min(durationUs, kernel.nowUs + sliceUs));
    if (options.onProgress?.(kernel.nowUs / durationUs) === false) return undefined;
  }
  return recordingOf(simulation);
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

function recordingOf(simulation: Simulation): Recording {
  const { scenario, topology, seed, orderFlow, kernel, fabric, recorder } = simulation;
  const entries: LogEntry[] = [];
  for (let seq = 0; seq < fabric.log.count; seq += 1) entries.push(fabric.log.entry(seq));
  const digest = kernel.digest();
  const channels = recorder.records();
  return {
    head: {
      programVersion,
      scenario,
      topology,
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
      digest,
      durationUs: simulation.durationUs,
      frameStepUs: recorder.frameStepUs,
      frameCount: recorder.frameCount,
      zones: fabric.zones.zones.map(({ id, region }) => ({ id, region: region ?? "" })),
      components: fabric.components.map((component, at) => ({
        id: component.id,
        service: component.service,
        title: topology.components[at]!.title ?? component.id,
        parameters: component.parameters(),
      })),
      channels,
      edges: fabric.sites.map((site) => ({
        path: site.path,
        from: site.caller === none ? "" : fabric.components[site.caller]!.id,
        to: fabric.components[site.component]!.id,
        channel: channels.findIndex((channel) => channel.name === `calls ${site.path}`),
      })),
      events: entries.map((entry) => eventRecord(simulation, entry)),
      results: runResults(simulation, entries),
    },
    frames: recorder.frames,
  };
}

function eventRecord(simulation: Simulation, entry: LogEntry): EventRecord {
  const { fabric, topology } = simulation;
  const component = topology.components[entry.component];
  const zone = entry.zone === none ? "" : fabric.zones.zones[entry.zone]!.id;
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
    place: title === "" ? zone : `${title}${instance}${where}`,
    causeSeq: entry.causeSeq,
    value: entry.value,
  };
}

/**
 * Time that each operation spends by itself, parted into service and waiting. Within a service, executions that began
 * while no other was in progress did not wait for one; what the others took longer is waiting.
 */
import { blockLength, bootstrapIntervals } from "../../statistics/bootstrap.ts";
import { mean, quantile, standardDeviation } from "../../statistics/descriptive.ts";
import { operationName } from "./call-graph.ts";
import { isExecution } from "./span-roles.ts";
import type { SpanNode } from "./span-tree.ts";

export interface ClassTimes {
  readonly service: string;
  readonly operation: string;
  readonly n: number;
  readonly failed: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Milliseconds by itself: service and waiting together. */
  readonly selfMs: {
    readonly mean: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
  };
  /** 90 % interval of the mean. */
  readonly selfInterval: readonly [number, number];
  readonly durationMs: number;
  /** Executions that began while their service did nothing else. */
  readonly alone: number;
  /** Mean of those, with its 90 % interval; `null` when they are fewer than the least. */
  readonly serviceMs: number | null;
  readonly serviceInterval: readonly [number, number] | null;
  /** Deviation of the logarithms of those, with its 90 % interval. */
  readonly spread: number | null;
  readonly spreadInterval: readonly [number, number] | null;
  /** What the mean over all lies above it; never negative. */
  readonly waitingMs: number | null;
  /** Mean number of others in progress at the start. */
  readonly meanOthers: number;
}

/** Fewest executions without company from which a service time is told. */
export const aloneMin = 30;
const replicates = 200;
const sampleMax = 20_000;

/** By total time, greatest first. Failed executions are left out of the times. */
export function classTimes(nodes: readonly SpanNode[], seed: string): readonly ClassTimes[] {
  const executions = nodes.filter(isExecution);
  const others = othersInProgress(executions);
  const groups = new Map<string, SpanNode[]>();
  for (const node of executions) {
    const name = operationName(node);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [node]);
    else group.push(node);
  }
  return [...groups.values()]
    .map((group) => timesOf(group, others, seed))
    .sort(
      (a, b) => b.n * b.selfMs.mean - a.n * a.selfMs.mean || (a.operation < b.operation ? -1 : 1),
    );
}

function timesOf(
  group: readonly SpanNode[],
  others: ReadonlyMap<SpanNode, number>,
  seed: string,
): ClassTimes {
  const whole = group.filter(({ span }) => !span.hasFailed);
  const served = whole.length > 0 ? whole : group;
  const self = served.map(({ selfMs }) => selfMs);
  const alone = served.filter((node) => others.get(node) === 0).map(({ selfMs }) => selfMs);
  const logs = alone.filter((each) => each > 0).map(Math.log);
  const hasSpread = logs.length === alone.length && logs.length >= aloneMin;
  const [first] = served;
  const serviceMs = alone.length >= aloneMin ? mean(alone) : null;
  return {
    service: first!.span.service,
    operation: first!.span.operation,
    n: served.length,
    failed: group.length - whole.length,
    fromMs: first!.span.startMs,
    toMs: served.at(-1)!.span.endMs,
    selfMs: {
      mean: mean(self),
      p50: quantile(self, 0.5),
      p95: quantile(self, 0.95),
      p99: quantile(self, 0.99),
    },
    selfInterval: interval(self, seed, mean),
    durationMs: mean(served.map(({ span }) => span.endMs - span.startMs)),
    alone: alone.length,
    serviceMs,
    serviceInterval: serviceMs === null ? null : interval(alone, seed, mean),
    spread: hasSpread ? standardDeviation(logs) : null,
    spreadInterval: hasSpread ? interval(logs, seed, standardDeviation) : null,
    waitingMs: serviceMs === null ? null : Math.max(0, mean(self) - serviceMs),
    meanOthers: mean(served.map((node) => others.get(node) ?? 0)),
  };
}

function interval(
  values: readonly number[],
  seed: string,
  of: (drawn: Float64Array) => number,
): readonly [number, number] {
  const step = Math.ceil(values.length / sampleMax);
  const sample = step <= 1 ? values : values.filter((_, i) => i % step === 0);
  const [found] = bootstrapIntervals(
    { rows: sample.length, block: blockLength(sample.slice(0, 2000)), replicates, seed },
    (rows) => [of(Float64Array.from(rows, (row) => sample[row]!))],
  );
  return found ?? [Number.NaN, Number.NaN];
}

/** For each execution, how many others of its service were in progress when it began. */
function othersInProgress(executions: readonly SpanNode[]): ReadonlyMap<SpanNode, number> {
  const byService = new Map<string, SpanNode[]>();
  for (const node of executions) {
    const list = byService.get(node.span.service);
    if (list === undefined) byService.set(node.span.service, [node]);
    else list.push(node);
  }
  const others = new Map<SpanNode, number>();
  for (const list of byService.values()) {
    const ends = list.map(({ span }) => span.endMs).sort((a, b) => a - b);
    let ended = 0;
    for (const [begun, node] of list.entries()) {
      while (ended < ends.length && ends[ended]! <= node.span.startMs) ended += 1;
      others.set(node, Math.max(0, begun - ended));
    }
  }
  return others;
}

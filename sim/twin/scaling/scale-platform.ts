/**
 * A run of one in k: of the symbols and users it keeps whole partitions, at exact capacity and with exactly their own load,
 * and of what all of them share (fleets, databases, quotas) only the servers that their part of the load would find.
 *
 *   symbols, users ─┬─ kept    ─▶ their engines, queues, journals, shards: as they are
 *                   └─ dropped ─▶ theirs stand idle
 *   shared stations ─▶ servers x (load of what is kept / load of all)
 */
import { TwinError } from "../../errors/twin-error.ts";
import type { Parameter } from "../../facts/parameter.ts";
import { symbolWeights } from "../clients/symbol-weights.ts";
import { type Copy, copiesOf } from "../platform/copies.ts";
import { componentsOfFunctions } from "../results/function-components.ts";
import type { Scenario } from "../scenario-types.ts";
import type { BusinessFunction, ComponentSpec, Topology } from "../topology-types.ts";
import { forAcceptance } from "../topology-variants.ts";
import { type SampledKeys, sampledKeys } from "./sampled-keys.ts";
import { scaledComponent } from "./scaled-stations.ts";
import { isJudgedOnSample, type ScalingResult } from "./scaling-types.ts";

export interface ScaledPlatform {
  readonly topology: Topology;
  readonly keys: SampledKeys;
  readonly result: ScalingResult;
}

/** `parametersOf` tells the numbers that a component of the whole platform runs with, by the id of its first copy. */
export function scalePlatform(
  scenario: Scenario,
  topology: Topology,
  oneOf: number,
  parametersOf: (id: string) => Readonly<Record<string, Parameter>>,
): ScaledPlatform {
  const copies = copiesOf(topology);
  const thinned = thinnedIds(copies, oneOf);
  refuseHalves(copies, oneOf, thinned);
  refuseCallers(topology);
  const keys = sampledKeys(
    oneOf,
    symbolWeights(scenario.workload, false),
    scenario.workload.userCount,
  );
  const shared = topology.components.map((spec) => thinned.has(spec.id) || isShared(copies, spec));
  const divided = dividedFunctions(
    forAcceptance(topology, scenario.acceptance ?? topology.acceptance),
    (id) => !shared[topology.components.findIndex((each) => each.id === id)],
  );
  const scaled = topology.components.map((spec, at) =>
    shared[at]
      ? scaledComponent(spec, parametersOf(firstOf(copies, spec).id), keys.loadShare)
      : { spec, stations: [], isScaled: true },
  );
  const stations = scaled.flatMap((each) => each.stations);
  refuseUnscalable(scenario, topology, stations);
  return {
    topology: { ...topology, components: scaled.map(({ spec }) => spec) },
    keys,
    result: {
      oneOf,
      loadShare: keys.loadShare,
      userLoad: keys.loadShare / keys.userShare,
      stations,
      leftWhole: scaled.filter(({ isScaled }) => !isScaled).map(({ spec }) => spec.id),
      notJudged: scenario.objectives
        .filter((objective) => !isJudgedOnSample(objective, divided))
        .map(({ id }) => id),
    },
  };
}

/** Services of which a partition stands in one place and falls alone; managed ones stand in several zones each. */
const ownPlaces: ReadonlySet<ComponentSpec["service"]> = new Set([
  "aurora",
  "elasticache",
  "journal",
  "matching-service",
]);

/** Functions that rest on something divided by symbols or users that may fall in one partition and stand in the others. */
function dividedFunctions(
  topology: Topology,
  isDivided: (id: string) => boolean,
): ReadonlySet<BusinessFunction> {
  const members = componentsOfFunctions(topology);
  const fallsAlone = new Set(
    topology.components
      .filter(({ id, service }) => ownPlaces.has(service) && isDivided(id))
      .map(({ id }) => id),
  );
  return new Set(
    [...members]
      .filter(([, ids]) => [...ids].some((id) => fallsAlone.has(id)))
      .map(([name]) => name),
  );
}

/** Whether symbols or users each have a copy of their own; what is divided by item takes part of everybody's load. */
function isShared(copies: readonly Copy[], { id }: ComponentSpec): boolean {
  return copies
    .filter(({ declared }) => declared.id === id)
    .every(({ by }) => by === undefined || by === "item");
}

function firstOf(copies: readonly Copy[], { id }: ComponentSpec): Copy {
  return copies.find(({ declared }) => declared.id === id)!;
}

/**
 * Components divided by keys of which a sample finds every copy in use, and which get their share of servers, as what everybody
 * shares does:
 * - databases divided by user into a number of partitions that has no divisor in common with the sample's: each keeps as
 *   large a part of its users as any other;
 * - Kafka clusters and data streams of orders of which there is one a region.
 *
 * An engine is never one of them: it has one server, and there is no part of one.
 */
function thinnedIds(copies: readonly Copy[], oneOf: number): ReadonlySet<string> {
  const ids = new Set(copies.map(({ declared }) => declared.id));
  for (const id of ids) {
    const own = copies.filter(({ declared }) => declared.id === id);
    const isThinned = own.every(({ by, declared: { service }, partitionCount }) => {
      if (service === "msk" || (service === "kinesis" && by === "symbol"))
        return partitionCount === 1;
      const isOfUsers = service === "aurora" && by === "user";
      return isOfUsers && commonDivisor(partitionCount, oneOf) === 1;
    });
    if (!isThinned) ids.delete(id);
  }
  return ids;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** A partition of which half the keys were dropped would be less busy than it is; an engine for all symbols is such a one. */
function refuseHalves(copies: readonly Copy[], oneOf: number, thinned: ReadonlySet<string>): void {
  const counts = copies
    .filter(
      ({ by, declared, standsFor }) =>
        standsFor === undefined &&
        !thinned.has(declared.id) &&
        (by === "symbol" || by === "user" || declared.service === "matching-service"),
    )
    .map(({ partitionCount, declared }) => ({ id: declared.id, partitionCount }));
  const half = counts.find(({ partitionCount }) => partitionCount % oneOf !== 0);
  if (half === undefined) return;
  const most = Math.min(...counts.map(({ partitionCount }) => partitionCount));
  const apt = Array.from({ length: most }, (_, at) => at + 1).filter(
    (each) => each > 1 && counts.every(({ partitionCount }) => partitionCount % each === 0),
  );
  throw new TwinError({
    code: "scale.half-partition",
    problem: `"${half.id}" has ${half.partitionCount === 1 ? "one partition" : `${half.partitionCount} partitions`}, of which a sample of 1:${oneOf} would keep parts`,
    remedy:
      apt.length === 0
        ? "Run it exactly: everybody shares what can't be divided"
        : `Use ${apt.map((each) => `1:${each}`).join(", ")}, or run it exactly`,
    at: "--scale",
  });
}

/**
 * How full the batches for a partition are depends on how many tasks send to it, of which a sample has fewer: a queue that
 * grants so many calls a second, batches or not, would meet its limit in the whole and not in the sample.
 */
function refuseCallers({ components }: Topology): void {
  const plain = components.find(
    (spec) =>
      spec.service === "sqs-fifo" && spec.partitions !== undefined && spec.highThroughput !== true,
  );
  if (plain === undefined) return;
  throw new TwinError({
    code: "scale.calls-limited",
    problem: `"${plain.id}" grants each partition 300 calls a second, and a sample has fewer tasks that call it with fuller batches`,
    remedy: "Run it exactly, or give it highThroughput",
    at: "--scale",
  });
}

/** What strikes or adds a number of tasks would be another fault, or another remedy, on a smaller fleet. */
function refuseUnscalable(
  { faults, runbooks = [] }: Scenario,
  { components }: Topology,
  stations: ScalingResult["stations"],
): void {
  const isSmaller = (id: string) =>
    stations.some(({ component, what }) => component === id && what.startsWith("taskCount"));
  const counted = faults.find(
    (fault) =>
      "symbol" in fault ||
      (fault.kind === "instance-kill" && isSmaller(fault.component)) ||
      (fault.kind === "instance-slow" && fault.count !== undefined && isSmaller(fault.component)),
  );
  const step = runbooks
    .flatMap(({ steps }) => steps)
    .find(({ action }) => action.do === "scale-out" || action.do === "restart");
  const scaling = components.find(
    (spec) =>
      spec.service === "application-auto-scaling" &&
      (spec.steps ?? spec.scheduled ?? spec.predictive) !== undefined,
  );
  const culprit =
    (counted && `fault "${counted.id}"`) ??
    (step && `step "${step.id}" of a runbook`) ??
    (scaling && `a policy of "${scaling.id}"`);
  if (culprit === undefined) return;
  throw new TwinError({
    code: "scale.counted",
    problem: `In a sample ${culprit} would mean something else: it names a symbol or a number of tasks`,
    remedy: "Run it exactly, without --scale",
    at: "--scale",
  });
}

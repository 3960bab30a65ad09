/** Load tests of a service: what it served at most, and the CPU time of a request that follows from its processors. */
import { type Estimate, identified, isNarrow, unsettled } from "../../estimate.ts";
import { type EcsSpec, meanCpuMs } from "../estimate-parameters.ts";
import type { Placement, PlacementInput } from "../placement.ts";

const none: Placement = { parameters: [], findings: [] };

/**
 * Processors and CPU time enter only as their quotient. Processors are configuration, so that the capacity gives the CPU
 * time, if processors were what ran out in the test.
 */
export function placeCapacity({ source, report, topology }: PlacementInput): Placement {
  const spec = topology.components.find(({ id }) => id === source.of);
  if (spec?.service !== "ecs-fargate") return none;
  const found = Object.entries(report.estimates).filter(
    ([name]) => name === "peakThroughput" || /^capacity\b/.test(name),
  );
  if (found.length !== 1) {
    return {
      ...none,
      findings: [
        {
          severity: "warning",
          what: `${found.length} tests stand in the file: give one file a test, to be set beside ${spec.id}`,
          at: source.file,
        },
      ],
    };
  }
  const [[, capacity]] = found as [[string, Estimate]];
  const cores = spec.taskCount * Math.max(1, Math.round(spec.vcpu));
  return {
    parameters: [
      {
        name: `${spec.id}.capacity-per-second`,
        before: (cores * 1000) / meanCpuMs(spec),
        estimate: capacity,
        usableFor: "the load at which it stops serving more, with as many tasks as in the test",
        notUsableFor: "another number of tasks, or another mix of requests",
      },
      {
        name: `${spec.id}.cpu-ms`,
        before: meanCpuMs(spec),
        estimate: demandOf(spec, cores, capacity),
        usableFor: "utilisation, and how many tasks a load needs",
        notUsableFor: "one operation alone, or the spread of CPU times",
      },
    ],
    findings: [],
  };
}

function demandOf({ taskCount, vcpu }: EcsSpec, cores: number, capacity: Estimate): Estimate {
  const about = { n: capacity.n, period: capacity.period, unit: "ms of one vCPU a request" };
  const assuming = `${taskCount} tasks of ${vcpu} vCPU, as the topology has them, over the capacity measured, if processors are what ran out`;
  const [low, high] = (capacity.interval ?? [null, null]).map((each) =>
    each === null || !(each > 0) ? null : (cores * 1000) / each,
  ) as [number | null, number | null];
  const settledBy = capacity.settledBy ?? "Load the service until its processors are full";
  if (capacity.state === "identified" && capacity.value !== null) {
    const value = (cores * 1000) / capacity.value;
    if (isNarrow(value, [high, low]))
      return identified(value, [high, low], { ...about, why: assuming });
    return unsettled(
      "not-identified",
      { value },
      { ...about, why: `${assuming}; the capacity has no narrow interval`, settledBy },
    );
  }
  if (low === null)
    return unsettled("not-identified", {}, { ...about, why: capacity.why, settledBy });
  return unsettled(
    "only-a-bound",
    { interval: [null, low] },
    {
      ...about,
      why: `${assuming}: as the knee was not reached, CPU time is at most this`,
      settledBy,
    },
  );
}

/** Hosts that are alike in the twin and were not when measured. */
export function placeHostSpread({ source, report }: PlacementInput): Placement {
  const estimate =
    report.estimates["betweenHostVariation"] ?? report.estimates["withinHostVariation"];
  if (estimate === undefined) return none;
  const [id = ""] = source.of.split(".");
  return {
    parameters: [
      {
        name: `${id}.host-variation`,
        before: 0,
        estimate,
        usableFor: "how slow a slow host is, as the factor of a slow-node fault",
        notUsableFor: "the twin without such a fault: its hosts are alike",
      },
    ],
    findings: [],
  };
}

/** Everything that minute metrics can tell of a platform's parameters, each with the state of what is known. */

import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import type { ComponentSpec, RequestName, Topology } from "../../sim/twin/topology-types.ts";
import { type Estimate, type Evidence, identified, isNarrow, unsettled } from "../estimate.ts";
import { fitHitRatio } from "../estimators/cache/hit-ratio.ts";
import { chiSquareInterval } from "../statistics/dispersion-interval.ts";
import { isoTime } from "../tables/parse-time.ts";
import type { Observations } from "./observations.ts";
import { cpuSigmaUsual, type Parameter } from "./parameter.ts";
import { fitRatio, type RatioFit } from "./ratio-estimate.ts";

export interface EstimationInput {
  readonly topology: Topology;
  readonly workload: WorkloadSpec;
  readonly observations: Observations;
}

export type EcsSpec = Extract<ComponentSpec, { service: "ecs-fargate" }>;

/** Requests that put a command into the order queue. */
const orderKinds: readonly RequestName[] = ["place", "cancel", "amend"];

export function estimateParameters(input: EstimationInput): readonly Parameter[] {
  return [
    ...workloadParameters(input),
    ...input.topology.components.flatMap(componentParameters(input)),
  ];
}

/** Share of the mix that orders, cancels and amends have. */
export function orderShareOf(mix: WorkloadSpec["mix"]): number {
  return orderKinds.reduce((total, kind) => total + (mix[kind] ?? 0), 0);
}

function workloadParameters({ topology, workload, observations }: EstimationInput): Parameter[] {
  const gateway = topology.components.find(({ service }) => service === "api-gateway");
  const counts = gateway && observations.of(gateway.id, "requests");
  if (counts === undefined) {
    return [unknownRate(workload, observations)];
  }
  const known = Array.from(counts).filter(Number.isFinite);
  const seconds = Float64Array.from(counts, () => observations.periodSeconds);
  const queue = topology.components.find(({ service }) => service === "sqs-fifo");
  const orders = queue && observations.of(queue.id, "orders");
  const evidence = evidenceOf(observations, known.length);
  return [
    {
      name: "workload.rate-per-second",
      before: workload.ratePerSecond,
      estimate: settled(fitRatio(counts, seconds), "requests/s", evidence, {
        why: `mean of Count over the periods${retryNote}`,
        settledBy: "Export more periods",
      }),
      usableFor: "load between the smallest and the largest seen, up to 1.2 times the largest",
      notUsableFor: "seasons and days that the export does not cover",
    },
    {
      name: "workload.self-excitation",
      before: workload.selfExcitation,
      estimate: selfExcitation(known, evidence),
      usableFor: "how much counts of a period vary beyond chance",
      notUsableFor: "bursts within a period",
    },
    {
      name: "workload.order-share",
      before: orderShareOf(workload.mix),
      estimate: settled(
        orders === undefined ? undefined : fitRatio(orders, counts),
        "share of requests",
        evidence,
        {
          why: "NumberOfMessagesSent over Count",
          settledBy: "Export NumberOfMessagesSent (Sum) of the order queue for the same periods",
        },
      ),
      usableFor: "load of queue, journal and matching",
      notUsableFor: "how orders divide into places, cancels and amends",
    },
    {
      name: "workload.mix",
      before: null,
      estimate: unsettled(
        "not-identified",
        {},
        {
          ...evidence,
          unit: "share of requests",
          why: "counts are of all kinds of request together; kinds keep the shares that the scenario gives them",
          settledBy: "ALB access logs of an hour: the path of each request tells its kind",
        },
      ),
      usableFor: "nothing",
      notUsableFor: "demand of one kind of request",
    },
  ];
}

const retryNote =
  "; clients' retries are among the requests, which matters only where requests fail";

function unknownRate(workload: WorkloadSpec, observations: Observations): Parameter {
  return {
    name: "workload.rate-per-second",
    before: workload.ratePerSecond,
    estimate: unsettled(
      "not-identified",
      {},
      {
        ...evidenceOf(observations, 0),
        unit: "requests/s",
        why: "no count of requests at the entry was mapped",
        settledBy: "Export Count (Sum) of the API, or RequestCount (Sum) of its load balancer",
      },
    ),
    usableFor: "nothing",
    notUsableFor: "any load",
  };
}

/**
 * Branching ratio of arrivals that excite others: counts of periods far longer than the excitement lasts have variance
 * over mean 1 / (1 - ratio)^2, if the rate itself stays the same. Where it moves, the dispersion is an upper bound.
 */
function selfExcitation(counts: readonly number[], evidence: Evidence): Estimate {
  const about = { ...evidence, unit: "branching ratio" };
  const settledBy = "Times of single requests: an ALB access log of an hour";
  if (counts.length < 8) {
    return unsettled(
      "not-identified",
      {},
      {
        ...about,
        why: `${counts.length} periods are too few for a variance`,
        settledBy,
      },
    );
  }
  const { dispersion, interval } = chiSquareInterval(counts);
  const ratioOf = (value: number) => 1 - 1 / Math.sqrt(Math.max(1, value));
  const [low, high] = [ratioOf(interval[0]), ratioOf(interval[1])];
  const value = ratioOf(dispersion);
  const why = `variance over mean of the counts is ${dispersion.toPrecision(3)} (90 %: ${interval.map((each) => each.toPrecision(3)).join(" to ")})`;
  if (low <= 0 || high > 0.9) {
    return unsettled(
      "only-a-bound",
      { value, interval: [low <= 0 ? null : low, high] },
      {
        ...about,
        why: low <= 0 ? `${why}: chance alone may be enough` : `${why}: the rate itself moves`,
        settledBy,
      },
    );
  }
  return identified(value, [low, high], { ...about, why });
}

function componentParameters({ topology, observations }: EstimationInput) {
  return (component: ComponentSpec): Parameter[] => {
    if (component.service === "ecs-fargate") return ecsParameters(component, observations);
    if (component.service === "elasticache") return [hitRatio(component.id, observations)];
    if (component.service === "aurora")
      return [databaseDemand(component.id, topology, observations)];
    return [];
  };
}

/** Mean CPU of a request over all operations, and what the file says it is. */
function ecsParameters(spec: EcsSpec, observations: Observations): Parameter[] {
  const requests = observations.of(spec.id, "requests");
  const cpu = observations.of(spec.id, "cpu-percent");
  const tasks = observations.of(spec.id, "task-count");
  const busyMs =
    cpu &&
    Float64Array.from(
      cpu,
      (percent, i) =>
        (percent / 100) *
        (tasks?.[i] ?? spec.taskCount) *
        Math.max(1, Math.round(spec.vcpu)) *
        observations.periodSeconds *
        1000,
    );
  const fit = busyMs && requests ? fitRatio(busyMs, requests) : undefined;
  const evidence = evidenceOf(observations, fit?.n ?? 0);
  const demand: Parameter = {
    name: `${spec.id}.cpu-ms`,
    before: meanCpuMs(spec),
    estimate: settled(fit, "ms of one vCPU a request", evidence, {
      why: `utilisation law: CPUUtilization x tasks x vCPU over requests${tasks === undefined ? "; the number of tasks is the topology's" : ""}`,
      settledBy: `Export CPUUtilization (Average) and RunningTaskCount of ${spec.id}, and RequestCount (Sum) of its target group`,
    }),
    usableFor: "utilisation, and how many tasks a load needs",
    notUsableFor: "one operation alone, or the spread of CPU times",
  };
  if (spec.operations.length < 2) return [demand];
  return [
    demand,
    {
      name: `${spec.id}.cpu-ms by operation`,
      before: null,
      estimate: unsettled(
        fit === undefined ? "not-identified" : "only-a-combination",
        {},
        {
          ...evidence,
          unit: "ms of one vCPU a request",
          why: `only the mean over ${spec.operations.map(({ name }) => name).join(", ")} is known; each keeps its proportion to the others`,
          settledBy: "Spans with CPU time, or a period in which the mix changes",
        },
      ),
      usableFor: "nothing",
      notUsableFor: "another mix of requests",
    },
  ];
}

/** Mean over the operations as if each were asked for equally often; they are scaled by one factor. */
export function meanCpuMs(spec: EcsSpec): number {
  const means = spec.operations.map(({ cpuMs }) =>
    typeof cpuMs === "number"
      ? cpuMs
      : cpuMs.median * Math.exp((cpuMs.sigma ?? cpuSigmaUsual) ** 2 / 2),
  );
  return means.reduce((total, each) => total + each, 0) / means.length;
}

function hitRatio(id: string, observations: Observations): Parameter {
  const hits = observations.of(id, "cache-hits");
  const misses = observations.of(id, "cache-misses");
  const rows = Array.from(
    hits ?? [],
    (hit, i) => [hit, hit + (misses?.[i] ?? Number.NaN)] as const,
  );
  const known = rows.filter(([hit, all]) => Number.isFinite(hit) && all > 0);
  const evidence = { ...evidenceOf(observations, known.length), unit: "share of reads" };
  const base = {
    name: `${id}.hit-ratio`,
    before: null,
    usableFor:
      "comparison with the twin, whose hit ratio follows from keys, popularity and lifetimes",
    notUsableFor: "another cache size or another lifetime of entries",
  };
  if (known.length < 4) {
    return {
      ...base,
      estimate: unsettled(
        "not-identified",
        {},
        {
          ...evidence,
          why: `${known.length} periods have hits and misses`,
          settledBy: `Export CacheHits and CacheMisses (Sum) of ${id}`,
        },
      ),
    };
  }
  const fit = fitHitRatio(
    known.map(([hit]) => hit),
    known.map(([, all]) => all),
  );
  return {
    ...base,
    estimate: identified(fit.ratio, fit.interval, {
      ...evidence,
      why: `Beta-binomial over ${known.length} periods`,
    }),
  };
}

function databaseDemand(id: string, topology: Topology, observations: Observations): Parameter {
  const readers = topology.flows.length;
  return {
    name: `${id}.cpu-us a statement`,
    before: null,
    estimate: unsettled(
      "not-identified",
      {},
      {
        ...evidenceOf(observations, 0),
        unit: "us",
        why: `reads of ${readers} flows and commits of the matching service share one CPU figure, and reads are not counted`,
        settledBy: "Performance Insights: DBLoadCPU by statement, or db.SQL calls per second",
      },
    ),
    usableFor: "nothing",
    notUsableFor: "capacity of the database",
  };
}

function settled(
  fit: RatioFit | undefined,
  unit: string,
  evidence: Evidence,
  { why, settledBy }: { readonly why: string; readonly settledBy: string },
): Estimate {
  const about = { ...evidence, unit };
  if (fit === undefined) {
    return unsettled(
      "not-identified",
      {},
      {
        ...about,
        why: "fewer than four periods have what it takes",
        settledBy,
      },
    );
  }
  if (isNarrow(fit.value, fit.interval))
    return identified(fit.value, fit.interval, { ...about, why });
  return unsettled(
    "not-identified",
    { value: fit.value, interval: fit.interval },
    {
      ...about,
      why: `${why}; the interval spans more than a factor of 3 either way`,
      settledBy,
    },
  );
}

function evidenceOf({ startMs, periods, periodSeconds }: Observations, n: number): Evidence {
  return {
    n,
    period: { from: isoTime(startMs), to: isoTime(startMs + periods * periodSeconds * 1000) },
  };
}

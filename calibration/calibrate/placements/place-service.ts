/** Durations and traces of a service: what each operation works, and how much its CPU times are spread. */
import { type Estimate, identified, unsettled } from "../../estimate.ts";
import type { Finding } from "../../fit-report.ts";
import { mean } from "../../statistics/descriptive.ts";
import type { EcsSpec } from "../estimate-parameters.ts";
import { cpuSigmaUsual, type Parameter, type TopologyNumber } from "../parameter.ts";
import type { Placement, PlacementInput } from "../placement.ts";

/** Utilisation in percent below which a duration is taken as service, without waiting. */
const idlePercentMax = 20;

const msPerUnit: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};

/** Durations one a row of one operation, or of all of a service. */
export function placeService(input: PlacementInput): Placement {
  const { source, report, topology, observations } = input;
  const [id, operation] = source.of.split(".");
  const spec = topology.components.find((each) => each.id === id) as EcsSpec;
  const { mean: found, logDeviation } = report.estimates;
  const scale = msPerUnit[found?.unit ?? ""];
  if (found === undefined || scale === undefined) {
    return {
      parameters: [],
      findings: [
        {
          severity: "note",
          what:
            found === undefined
              ? "percentiles of response times are no service times: nothing of the twin is set by them"
              : `durations in "${found.unit}" cannot be turned into ms: end the header in _s or _ms`,
          at: source.file,
        },
      ],
    };
  }
  const cpu = Array.from(observations.of(spec.id, "cpu-percent") ?? []).filter(Number.isFinite);
  const demand = asService(scaled(found, scale), cpu.length === 0 ? undefined : mean(cpu));
  const operations = spec.operations.flatMap(({ name }, at) =>
    operation === undefined || operation === name ? [at] : [],
  );
  return {
    parameters: operations.flatMap((at) =>
      operationParameters(spec, at, demand, logDeviation && withState(logDeviation, demand)),
    ),
    findings: [],
  };
}

/** In milliseconds. */
function scaled(found: Estimate, scale: number): Estimate {
  const times = (each: number | null) => (each === null ? null : each * scale);
  const [low = null, high = null] = found.interval ?? [];
  return { ...found, value: times(found.value), interval: [times(low), times(high)], unit: "ms" };
}

/** Response times hold waiting; they are service times only where nothing had to wait. */
function asService(found: Estimate, cpuPercent: number | undefined): Estimate {
  const { value, interval, n, period, unit } = found;
  if (cpuPercent !== undefined && cpuPercent < idlePercentMax)
    return identified(value!, interval, {
      n,
      period,
      unit,
      why: `${found.why}; measured at a utilisation of ${cpuPercent.toFixed(1)} %, where next to nothing waits. Calls that the operation makes must not be inside the durations`,
    });
  return unsettled(
    "only-a-bound",
    { interval: [null, interval?.[1] ?? value] },
    {
      n,
      period,
      unit,
      why:
        cpuPercent === undefined
          ? "durations hold waiting, and how busy the service was is not known: CPU time is at most this"
          : `durations at a utilisation of ${cpuPercent.toFixed(1)} % hold waiting: CPU time is at most this`,
      settledBy: `Durations from hours at which CPUUtilization is below ${idlePercentMax} %, with that metric among --metrics; or spans`,
    },
  );
}

/** The spread is that of service only where the durations are. */
function withState(spread: Estimate, demand: Estimate): Estimate {
  if (demand.state === "identified" || spread.state !== "identified") return spread;
  return unsettled(
    "not-identified",
    {},
    {
      ...spread,
      why: `spread of durations with waiting inside: ${demand.why}`,
      settledBy: demand.settledBy!,
    },
  );
}

/** Own times of operations from traces. Where utilisation tells the mean of all, traces divide it among them. */
export function placeSpans(input: PlacementInput): Placement {
  const { report, topology, readOff, source } = input;
  const classes = report.details["classes"] as readonly SpanClass[];
  const findings: Finding[] = [];
  const parameters = topology.components.flatMap((spec) => {
    if (spec.service !== "ecs-fargate") return [];
    const own = classes.filter(({ service }) => service === spec.id);
    const placed = own.flatMap((each) => {
      const at = operationOf(spec, each.operation);
      if (at !== undefined) return [{ at, each }];
      findings.push({
        severity: "warning",
        what: `${spec.id}: the operation "${each.operation}" of the traces is none of ${spec.operations.map(({ name }) => name).join(", ")}, and tells the twin nothing`,
        at: source.file,
      });
      return [];
    });
    const factor = levelFactor(
      spec,
      placed.map(({ each }) => each),
      readOff,
      report.estimates,
    );
    return placed.flatMap(({ at, each }) => {
      const name = `${each.service} ${each.operation}`;
      const service = report.estimates[`${name} service time`]!;
      const spread = report.estimates[`${name} spread`];
      return operationParameters(spec, at, levelled(service, factor), spread);
    });
  });
  const known = new Set(topology.components.map(({ id }) => id));
  const strangers = [...new Set(classes.map(({ service }) => service))].filter(
    (id) => !known.has(id),
  );
  if (strangers.length > 0)
    findings.push({
      severity: "note",
      what: `services of the traces that the topology has no component for: ${strangers.slice(0, 10).join(", ")}${strangers.length > 10 ? ` and ${strangers.length - 10} more` : ""}`,
      at: source.file,
    });
  return { parameters, findings };
}

interface SpanClass {
  readonly service: string;
  readonly operation: string;
  readonly n: number;
}

/** By its own name, or the only one whose name is a word of it (`POST /place`); an only operation takes all. */
function operationOf(spec: EcsSpec, name: string): number | undefined {
  const words = new Set(name.toLowerCase().split(/[^a-z0-9-]+/));
  const named = spec.operations.flatMap((each, at) =>
    each.name === name || words.has(each.name) ? [at] : [],
  );
  if (named.length === 1) return named[0];
  return spec.operations.length === 1 ? 0 : undefined;
}

/** CPU time a millisecond of own time: utilisation knows the level, traces only proportions. */
function levelFactor(
  spec: EcsSpec,
  classes: readonly SpanClass[],
  readOff: readonly Parameter[],
  estimates: Readonly<Record<string, Estimate>>,
): { readonly factor: number; readonly relative: number } | undefined {
  const cpu = readOff.find(({ name }) => name === `${spec.id}.cpu-ms`)?.estimate;
  if (cpu?.state !== "identified" || cpu.value === null || cpu.interval === null) return undefined;
  let [total, n] = [0, 0];
  for (const each of classes) {
    const value = estimates[`${each.service} ${each.operation} service time`]?.value;
    if (value === null || value === undefined) return undefined;
    total += each.n * value;
    n += each.n;
  }
  if (n === 0 || classes.length < spec.operations.length) return undefined;
  const [low, high] = cpu.interval as readonly [number, number];
  return { factor: cpu.value / (total / n), relative: (high - low) / 2 / cpu.value };
}

function levelled(
  service: Estimate,
  level: { readonly factor: number; readonly relative: number } | undefined,
): Estimate {
  const { value, interval } = service;
  const unit = "ms of one vCPU a request";
  if (level === undefined || service.state !== "identified" || value === null)
    return { ...service, unit };
  const [low, high] = interval as readonly [number, number];
  // Chance in the trace and in the utilisation are apart, so their squares add up.
  const below = Math.hypot(1 - low / value, level.relative);
  const above = Math.hypot(high / value - 1, level.relative);
  const found = value * level.factor;
  return {
    ...service,
    unit,
    value: found,
    interval: [found * (1 - below), found * (1 + above)],
    why: `own time of ${value.toPrecision(4)} ms in the traces, times ${level.factor.toPrecision(3)}: the operations together must use the CPU time that utilisation shows`,
  };
}

/** CPU time of one operation and, where it is known, its spread; the median follows from both. */
function operationParameters(
  spec: EcsSpec,
  at: number,
  demand: Estimate,
  spread: Estimate | undefined,
): Parameter[] {
  const { name, cpuMs } = spec.operations[at]!;
  const sigmaBefore = typeof cpuMs === "number" ? 0 : (cpuMs.sigma ?? cpuSigmaUsual);
  const medianBefore = typeof cpuMs === "number" ? cpuMs : cpuMs.median;
  const before = medianBefore * Math.exp(sigmaBefore ** 2 / 2);
  const hasSpread = spread?.state === "identified" && spread.value !== null;
  const sigma = hasSpread ? spread.value! : sigmaBefore;
  const mean = demand.state === "identified" ? demand.value! : before;
  const change = (key: "median" | "sigma", value: number): TopologyNumber => ({
    component: spec.id,
    path: ["operations", at, "cpuMs", key],
    value,
  });
  const median = mean * Math.exp(-(sigma ** 2) / 2);
  return [
    {
      name: `${spec.id}.${name}.cpu-ms`,
      before,
      estimate: demand,
      usableFor: "another mix of requests, and how many tasks it needs",
      notUsableFor:
        "loads at which the operation itself works differently (fuller caches, longer books)",
      sets:
        typeof cpuMs === "number" && !hasSpread
          ? [{ component: spec.id, path: ["operations", at, "cpuMs"], value: mean }]
          : [change("median", median)],
    },
    ...(spread === undefined
      ? []
      : [
          {
            name: `${spec.id}.${name}.cpu-sigma`,
            before: sigmaBefore,
            estimate: spread,
            usableFor: "high percentiles of latency at low and middle load",
            notUsableFor: "tails beyond the durations that were recorded",
            sets: [
              change("sigma", sigma),
              // The mean stays what it was, so the median moves with the spread.
              ...(demand.state === "identified" ? [] : [change("median", median)]),
            ],
          },
        ]),
  ];
}

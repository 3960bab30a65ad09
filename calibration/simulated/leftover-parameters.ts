/** Parameters of the twin that no formula reads off metrics: found by running the twin until it looks like production. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import type { ComponentSpec, Topology } from "../../sim/twin/topology-types.ts";
import { cpuSigmaUsual } from "../calibrate/parameter.ts";

export interface Platform {
  readonly topology: Topology;
  readonly workload: WorkloadSpec;
}

/** One parameter, its range, and how the twin is given it. */
export interface LeftoverParameter {
  /** `order-service.cpu-sigma`, `workload.symbol-skew`. */
  readonly name: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly before: number;
  readonly apply: (platform: Platform, value: number) => Platform;
}

type EcsSpec = Extract<ComponentSpec, { service: "ecs-fargate" }>;

/** Everything that can be found so; `SERVICE.cpu-sigma` keeps the mean, which utilisation already tells. */
function leftoverParameters({ topology, workload }: Platform): readonly LeftoverParameter[] {
  const services = topology.components.filter(
    (each): each is EcsSpec => each.service === "ecs-fargate",
  );
  return [
    ...services.map(spreadOf),
    {
      name: "workload.self-excitation",
      unit: "branching ratio",
      low: 0,
      high: 0.95,
      before: workload.selfExcitation ?? 0,
      apply: (platform, selfExcitation) => ({
        ...platform,
        workload: { ...platform.workload, selfExcitation },
      }),
    },
    {
      name: "workload.symbol-skew",
      unit: "exponent",
      low: 0,
      high: 2,
      before: workload.symbolSkew,
      apply: (platform, symbolSkew) => ({
        ...platform,
        workload: { ...platform.workload, symbolSkew },
      }),
    },
  ];
}

/** The parameters of these names; throws `calibrate.leftover-unknown`. */
export function namedLeftovers(
  platform: Platform,
  names: readonly string[],
): readonly LeftoverParameter[] {
  const all = leftoverParameters(platform);
  return names.map((name) => {
    const found = all.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw new TwinError({
      code: "calibrate.leftover-unknown",
      problem: `There is no parameter "${name}" that can be found by simulation`,
      remedy: `Give --simulate one or more of ${all.map((each) => each.name).join(", ")}`,
    });
  });
}

function spreadOf(spec: EcsSpec): LeftoverParameter {
  const sigmas = spec.operations.map(({ cpuMs }) =>
    typeof cpuMs === "number" ? 0 : (cpuMs.sigma ?? cpuSigmaUsual),
  );
  return {
    name: `${spec.id}.cpu-sigma`,
    unit: "sigma of the logarithm",
    low: 0.05,
    high: 1.5,
    before: sigmas.reduce((total, each) => total + each, 0) / sigmas.length,
    apply: (platform, sigma) => ({
      ...platform,
      topology: {
        ...platform.topology,
        components: platform.topology.components.map((each) =>
          each.id === spec.id && each.service === "ecs-fargate" ? withSpread(each, sigma) : each,
        ),
      },
    }),
  };
}

function withSpread(spec: EcsSpec, sigma: number): EcsSpec {
  return {
    ...spec,
    operations: spec.operations.map((operation) => {
      const { cpuMs } = operation;
      const mean =
        typeof cpuMs === "number"
          ? cpuMs
          : cpuMs.median * Math.exp((cpuMs.sigma ?? cpuSigmaUsual) ** 2 / 2);
      return { ...operation, cpuMs: { median: mean * Math.exp(-(sigma ** 2) / 2), sigma } };
    }),
  };
}

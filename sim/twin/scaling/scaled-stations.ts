import type { Parameter } from "../../facts/parameter.ts";
import type { ComponentSpec } from "../topology-types.ts";
import type { ScaledStation } from "./scaling-types.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Parameters that are a shared station's servers or the rate that its account is granted, by service. */
const sharedParameters: Readonly<Partial<Record<ComponentSpec["service"], readonly string[]>>> = {
  "api-gateway": ["ratePerSecond", "burst"],
  cloudfront: ["requestsPerSecond"],
  // What one partition key may have is left: the keys that are kept have it to themselves.
  dynamodb: ["onDemandReadUnits", "onDemandWriteUnits", "tableUnitsMax"],
  elasticache: ["operationsPerSecond"],
  eventbridge: ["putsPerSecond", "invocationsPerSecond"],
  kinesis: ["shardRecordsPerSecond", "shardMegabytesPerSecond"],
  msk: ["brokerDiskMibPerSecond", "brokerNetworkMibPerSecond"],
  "sqs-fifo": ["callsPerSecond"],
  aurora: ["vcpuCount", "connectionsMax"],
};

/** Of these there are whole ones only. */
const countedParameters: ReadonlySet<string> = new Set(["vcpuCount", "connectionsMax", "burst"]);

/** Services whose capacity is each caller's or key's own, or that have none that a load could fill. */
const wholeServices: ReadonlySet<ComponentSpec["service"]> = new Set([
  "application-auto-scaling",
  "cloudwatch",
  "load-balancer",
  "route53",
  "waf",
]);

export interface ScaledComponent {
  readonly spec: ComponentSpec;
  readonly stations: readonly ScaledStation[];
  /** Whether something of it was made smaller, or nothing had to be. */
  readonly isScaled: boolean;
}

/** A shared component with a share of its servers; `parameters` are those that it runs with. */
export function scaledComponent(
  spec: ComponentSpec,
  parameters: Readonly<Record<string, Parameter>>,
  share: number,
): ScaledComponent {
  const stations: ScaledStation[] = [];
  const note = (what: string, from: number, to: number) => {
    stations.push({ component: spec.id, what, from, to });
    return to;
  };
  const own = scaledFields(spec as unknown as Fields, share, note);
  const names = (sharedParameters[spec.service] ?? []).filter(
    (name) => parameters[name] !== undefined && (spec as unknown as Fields)[name] === undefined,
  );
  const changed = names.map((name) => {
    const from = parameters[name]!.value;
    const to = countedParameters.has(name) ? whole(from * share) : from * share;
    return [name, note(name, from, to)] as const;
  });
  const regions = Object.entries(spec.perRegion ?? {}).map(([region, fields]) => [
    region,
    scaledFields(fields, share, (what, from, to) => note(`${what} in ${region}`, from, to)),
  ]);
  return {
    spec: {
      ...spec,
      ...own,
      ...(regions.length === 0 ? {} : { perRegion: Object.fromEntries(regions) }),
      ...(changed.length === 0
        ? {}
        : { parameters: { ...spec.parameters, ...Object.fromEntries(changed) } }),
    } as ComponentSpec,
    stations,
    isScaled: stations.length > 0 || wholeServices.has(spec.service),
  };
}

/** Fields that say how many there are, or how much; bounds of scaling among them. */
const countedFields = ["taskCount", "taskCountMin", "taskCountMax"] as const;
const rateFields = ["ratePerSecond", "burst", "readUnits", "writeUnits"] as const;
const boundFields = ["readUnitsMin", "readUnitsMax", "writeUnitsMin", "writeUnitsMax"] as const;

function scaledFields(
  fields: Fields,
  share: number,
  note: (what: string, from: number, to: number) => number,
): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (name === "scaling" || name === "provisioned") {
        return [name, scaledFields(value as Fields, share, note)];
      }
      if (typeof value !== "number") return [name, value];
      if (includes(countedFields, name)) return [name, note(name, value, whole(value * share))];
      if (includes(rateFields, name) || includes(boundFields, name)) {
        return [name, note(name, value, value * share)];
      }
      return [name, value];
    }),
  );
}

function includes(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** At least one. */
function whole(value: number): number {
  return Math.max(1, Math.round(value));
}

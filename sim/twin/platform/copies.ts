import type { PartitionKey } from "../../components/fabric/partition-law.ts";
import type { ComponentSpec, Topology } from "../topology-types.ts";

/** One of the components that a declared component stands for. */
export interface Copy {
  readonly id: string;
  /** Component as the topology declares it. */
  readonly declared: ComponentSpec;
  /** Position of the declared component. */
  readonly at: number;
  /** `undefined` for a component that is declared once for all regions. */
  readonly region: string | undefined;
  /** Region for whose copy it stands by; `undefined` for one that stands for itself. */
  readonly standsFor: string | undefined;
  /** Counted from 1 within its region; 0 for a component that is not partitioned. */
  readonly partition: number;
  /** Partitions that the component has in this region; 1 when it is not partitioned. */
  readonly partitionCount: number;
  readonly by: PartitionKey | undefined;
}

const servicesOfVenue: ReadonlySet<string> = new Set([
  "sqs-fifo",
  "msk",
  "journal",
  "matching-service",
]);

/**
 * Every component that a topology stands for: for each declared one its regions, for each region its partitions, and after
 * them its standbys.
 */
export function copiesOf(topology: Topology): readonly Copy[] {
  return topology.components.flatMap((declared, at) => [
    ...(declared.inRegions ?? [undefined]).flatMap((region) =>
      copiesIn(topology, declared, at, region).map((copy) => ({ ...copy, standsFor: undefined })),
    ),
    ...Object.entries(declared.standbyIn ?? {}).flatMap(([home, region]) =>
      copiesIn(topology, declared, at, home).map((copy) => ({
        ...copy,
        id: standbyId(copy.id),
        region,
        standsFor: home,
      })),
    ),
  ]);
}

/** What the standby of a copy is called. */
export function standbyId(id: string): string {
  return `${id}-standby`;
}

function copiesIn(
  topology: Topology,
  declared: ComponentSpec,
  at: number,
  region: string | undefined,
): readonly Omit<Copy, "standsFor">[] {
  const partitions = partitionsIn(declared, region);
  return Array.from({ length: partitions?.count ?? 1 }, (_, index) => ({
    id: copyId(declared.id, region, partitions === undefined ? 0 : index + 1),
    declared,
    at,
    region,
    partition: partitions === undefined ? 0 : index + 1,
    partitionCount: partitions?.count ?? 1,
    by: partitions?.by ?? (region === undefined ? undefined : homeKey(declared, topology)),
  }));
}

/** What holds orders in several regions holds each symbol in one of them, divided further or not. */
function homeKey({ id, service }: ComponentSpec, topology: Topology): PartitionKey | undefined {
  const isQueue = topology.components.some(
    (each) => each.service === "matching-service" && each.queue === id,
  );
  return isQueue || servicesOfVenue.has(service) ? "symbol" : undefined;
}

/** How a declared component is divided in a region. */
function partitionsIn(
  declared: ComponentSpec,
  region: string | undefined,
): { readonly count: number; readonly by: PartitionKey } | undefined {
  const { partitions } = declared;
  const own = region === undefined ? undefined : declared.perRegion?.[region]?.["partitionCount"];
  if (partitions === undefined || typeof own !== "number") return partitions;
  return { ...partitions, count: own };
}

function copyId(id: string, region: string | undefined, partition: number): string {
  return [id, region, partition === 0 ? undefined : partition]
    .filter((part) => part !== undefined)
    .join("-");
}

/** Copies of a partitioned component have its name and a number; those of a standby have the number before the last word. */
export function isCopyOf(id: string, component: string): boolean {
  if (id === component) return true;
  const last = standbyId("");
  const isStandby = component.endsWith(last);
  const stem = isStandby ? component.slice(0, -last.length) : component;
  if (!id.startsWith(`${stem}-`) || id.endsWith(last) !== isStandby) return false;
  return /^\d+$/.test(id.slice(stem.length + 1, isStandby ? -last.length : undefined));
}

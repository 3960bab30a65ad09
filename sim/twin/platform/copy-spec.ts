import { TwinError } from "../../errors/twin-error.ts";
import type { ComponentSpec } from "../topology-types.ts";
import { type Copy, standbyId } from "./copies.ts";

/** Fields whose text names a component. */
const componentFields = new Set([
  "balancer",
  "capacityProvider",
  "cloudwatch",
  "component",
  "journal",
  "queue",
  "source",
  "stream",
  "target",
]);
/** Fields that list components by name. */
const componentListFields = new Set(["endpoints", "targets"]);
/** Fields with the names of zones; in a component that stands in several regions, what follows the region's name. */
const zoneFields = new Set(["readerZones", "storageZones", "writerZone", "zones"]);

/** Fields that hold one thing which names components in turn: the alarm that starts a policy, what a table scales by. */
const nestedFields = new Set(["alarm", "scaling"]);

/** What only the expansion reads. */
const expansionFields = new Set([
  "asStandby",
  "inRegions",
  "partitionCount",
  "partitions",
  "perRegion",
  "standbyIn",
]);

/** By service: the field that says what a standby stands by for. A queue has none: it is empty until orders are sent to it. */
const standbyFields: Readonly<Partial<Record<ComponentSpec["service"], string>>> = {
  aurora: "secondaryOf",
  journal: "replicaOf",
  "matching-service": "standbyFor",
};

/** Fields that name what a component of another region stands by for. */
const ownerFields = new Set(["backupOf", "replicaOf", "secondaryOf", "standbyFor"]);

/** Copies of a declared component that a copy has to do with: those of its region and of its partition, if it has them. */
export function relatedCopies(
  from: Pick<Copy, "region" | "standsFor" | "partition" | "partitionCount" | "by">,
  copies: readonly Copy[],
  declaredId: string,
): readonly Copy[] {
  const all = copies.filter(({ declared }) => declared.id === declaredId);
  const inRegion = all.filter(
    ({ region }) => region === undefined || from.region === undefined || region === from.region,
  );
  // Standbys for one region belong together; where a component has none, they use what stands for itself.
  const alike = inRegion.filter(({ standsFor }) => standsFor === from.standsFor);
  const near =
    alike.length > 0 ? alike : inRegion.filter(({ standsFor }) => standsFor === undefined);
  const beside = near.filter(
    (copy) =>
      from.partition > 0 &&
      copy.partition === from.partition &&
      copy.by === from.by &&
      copy.partitionCount === from.partitionCount,
  );
  return beside.length > 0 ? beside : near;
}

/** The spec of one copy: its id and zones, and the names of those beside it. */
export function specOf(copy: Copy, copies: readonly Copy[]): ComponentSpec {
  const { declared, region, partition, id, standsFor } = copy;
  const own = region === undefined ? {} : (declared.perRegion?.[region] ?? {});
  const where = [
    region,
    partition === 0 ? undefined : partition,
    standsFor === undefined ? undefined : `for ${standsFor}`,
  ].filter((part) => part !== undefined);
  const title = [declared.title ?? declared.id, ...where].join(" ");
  const merged = {
    ...declared,
    ...own,
    ...ownerFieldsOf(own, copy, copies),
    ...standbyFieldsOf(copy, copies),
    id,
    ...(where.length === 0 ? {} : { title }),
  };
  return rewritten(merged, copy, copies) as ComponentSpec;
}

/** A partition stands by for the partition with its number, which the topology names without one. */
function ownerFieldsOf(own: object, { partition }: Copy, copies: readonly Copy[]): object {
  return Object.fromEntries(
    Object.entries(own)
      .filter(([field, value]) => ownerFields.has(field) && typeof value === "string")
      .map(([field, value]) => [field, `${String(value)}-${partition}`])
      .filter(([, numbered]) => copies.some(({ id }) => id === numbered)),
  );
}

/** What a standby has instead: the fields declared for it, and what it stands by for. */
function standbyFieldsOf({ declared, id, standsFor }: Copy, copies: readonly Copy[]): object {
  if (standsFor === undefined) return {};
  const field = standbyFields[declared.service];
  const owner = copies.find((copy) => copy.standsFor === undefined && standbyId(copy.id) === id);
  const ownerOf = field === undefined || owner === undefined ? {} : { [field]: owner.id };
  return { ...declared.asStandby, ...ownerOf };
}

function rewritten(fields: object, copy: Copy, copies: readonly Copy[]): object {
  const { region } = copy;
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key]) => !expansionFields.has(key))
      .map(([key, value]) => {
        if (componentFields.has(key) && typeof value === "string") {
          return [key, onlyOne(copy, copies, value, key)];
        }
        if (componentListFields.has(key) && Array.isArray(value)) {
          return [
            key,
            value.flatMap((id: string) => relatedCopies(copy, copies, id).map((each) => each.id)),
          ];
        }
        if (zoneFields.has(key)) {
          const zones = region === undefined ? value : inRegion(value, region);
          return [key, key === "zones" ? rotated(zones, copy.partition) : zones];
        }
        if (Array.isArray(value)) {
          return [key, value.flatMap((item: unknown) => items(item, copy, copies))];
        }
        if (nestedFields.has(key) && typeof value === "object" && value !== null) {
          return [key, rewritten(value, copy, copies)];
        }
        return [key, value];
      }),
  );
}

/** An item of a list that names a component of several copies (an alarm, say) is there once for each of them. */
function items(item: unknown, copy: Copy, copies: readonly Copy[]): readonly unknown[] {
  if (typeof item !== "object" || item === null) return [item];
  const named = Object.entries(item).find(
    ([key, value]) => componentFields.has(key) && typeof value === "string",
  );
  if (named === undefined) return [rewritten(item, copy, copies)];
  const [key, value] = named as [string, string];
  const related = relatedCopies(copy, copies, value);
  return related.map((each) => ({
    ...rewritten({ ...item, [key]: undefined }, copy, copies),
    [key]: each.id,
    ...("id" in item && related.length > 1
      ? { id: `${String(item.id)}${each.id.slice(each.declared.id.length)}` }
      : {}),
  }));
}

function onlyOne(copy: Copy, copies: readonly Copy[], id: string, field: string): string {
  const related = relatedCopies(copy, copies, id);
  const [first, second] = related;
  if (first !== undefined && second === undefined) return first.id;
  throw new TwinError({
    code: "topology.copies-ambiguous",
    problem: `"${copy.declared.id}" names "${id}" as its ${field}, of which ${related.length} copies come into question`,
    remedy: `Divide both alike (partitions, inRegions), or name a component with one copy`,
    at: `/components/${copy.at}/${field}`,
  });
}

/** Each partition's list begins with another zone, so that partitions with one place each don't all stand in the first. */
function rotated(zones: unknown, partition: number): unknown {
  if (!Array.isArray(zones) || partition === 0) return zones;
  const by = (partition - 1) % zones.length;
  return [...zones.slice(by), ...zones.slice(0, by)];
}

function inRegion(value: unknown, region: string): unknown {
  if (Array.isArray(value)) return value.map((zone) => `${region}${zone}`);
  return `${region}${String(value)}`;
}

import { outside } from "../components/fabric/zones.ts";
import type { ComponentSpec, Topology } from "./topology-types.ts";

/**
 * Zones in which a component's instances may stand, in declared order: those its declaration names, under whatever
 * key, and all zones of a region it names. A component that names none is global and stands outside.
 */
export function zonesOfComponent(topology: Topology, spec: ComponentSpec): readonly string[] {
  const named = new Set(placesIn(spec));
  const zones = topology.regions.flatMap((region) =>
    region.zones.map(({ id }) => id).filter((id) => named.has(id) || named.has(region.id)),
  );
  return zones.length > 0 ? zones : [outside];
}

/** Every text in a declaration; places are told from the rest by being known to the topology. */
function placesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(placesIn);
  if (value !== null && typeof value === "object") return Object.values(value).flatMap(placesIn);
  return [];
}

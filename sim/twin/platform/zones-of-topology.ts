import { outside, type Zone } from "../../components/fabric/zones.ts";
import type { Topology } from "../topology-types.ts";

/** Zones that a region has at least. Assumption: AWS builds no region of fewer. */
const regionZonesMin = 3;

/**
 * The outside world first, then the availability zones in the order of their declaration, then those of a region that the
 * platform does not use: control planes and storage that AWS spreads over the region stand in them, too.
 */
export function zonesOf(topology: Topology): readonly Zone[] {
  const within = topology.regions.flatMap((region) =>
    region.zones.map(({ id }) => ({ id, region: region.id })),
  );
  const unused = topology.regions.flatMap((region) =>
    Array.from({ length: Math.max(0, regionZonesMin - region.zones.length) }, (_, at) => ({
      id: `${region.id}-unused-${at + 1}`,
      region: region.id,
      isUnused: true,
    })),
  );
  return [{ id: outside, region: undefined }, ...within, ...unused];
}

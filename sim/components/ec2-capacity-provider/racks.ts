import { none } from "../../kernel/none.ts";
import type { PlacementSpec } from "./ec2-capacity-provider-spec.ts";

/** What the choice of a rack goes by. */
export interface RackView {
  /** Hosts of the group on a rack of the zone, those on their way among them. */
  readonly hostsOn: (rack: number) => number;
  /** Whether a host on it is without power. */
  readonly isDark: (rack: number) => boolean;
  /** 0..1, for hosts that nobody places. */
  readonly luck: number;
}

/** How many racks there are for whom, and how many hosts fit on one. */
export interface RackLimits {
  readonly racksPerZone: number;
  readonly spreadMax: number;
  readonly partitionsMax: number;
  readonly clusterRacks: number;
  readonly hostsPerRack: number;
}

/**
 * Rack of a zone on which the next host of a group is launched, by its placement strategy; `none` when there is no capacity
 * (InsufficientInstanceCapacity).
 *
 * - none: wherever there is room: any of many racks, some hosts beside each other by chance;
 * - `spread`: a rack for each host, seven in a zone at most;
 * - `partition`: partitions share no rack; the one with the fewest hosts is next;
 * - `cluster`: close to each other on few racks, as long as those have room.
 */
export function rackForHost(
  placement: PlacementSpec | undefined,
  limits: RackLimits,
  { hostsOn, isDark, luck }: RackView,
): number {
  if (placement === undefined) {
    const first = Math.floor(luck * limits.racksPerZone);
    for (let at = 0; at < limits.racksPerZone; at += 1) {
      const rack = (first + at) % limits.racksPerZone;
      if (!isDark(rack)) return rack;
    }
    return none;
  }
  switch (placement.strategy) {
    case "spread":
      return firstRack(limits.spreadMax, (rack) => hostsOn(rack) === 0);
    case "cluster":
      return firstRack(
        limits.clusterRacks,
        (rack) => !isDark(rack) && hostsOn(rack) < limits.hostsPerRack,
      );
    case "partition":
      return emptiest(placement.partitions ?? limits.partitionsMax, hostsOn, isDark);
  }
}

function firstRack(count: number, fits: (rack: number) => boolean): number {
  for (let rack = 0; rack < count; rack += 1) if (fits(rack)) return rack;
  return none;
}

/** A partition without power gets nothing new while another has it. */
function emptiest(
  count: number,
  hostsOn: (rack: number) => number,
  isDark: (rack: number) => boolean,
): number {
  let best: number = none;
  for (let rack = 0; rack < count; rack += 1) {
    if (isDark(rack)) continue;
    if (best === none || hostsOn(rack) < hostsOn(best)) best = rack;
  }
  return best;
}

import { outsideZone, type Zone } from "../components/fabric/zones.ts";
import { allFacts, factNumberAt } from "../facts/facts.ts";
import type { NetworkSpec } from "./topology-types.ts";

/** Assumption: a client on another network of the same continent, to the nearest edge. */
const clientRttMsDefault = 20;

/** One-way latency between zones in microseconds, from the topology's round trips or the facts catalogue's. */
export function zoneLatencyUs(
  zones: readonly Zone[],
  network: NetworkSpec | undefined,
): (from: number, to: number) => number {
  const clientUs = (network?.clientRttMs ?? clientRttMsDefault) * 500;
  const interZoneUs =
    (network?.interZoneRttMs ?? factNumberAt("net.rtt.inter-az", "typical", 1)) * 500;
  const sameZoneUs =
    (network?.sameZoneRttMs ?? factNumberAt("net.rtt.same-az", "typical", 1)) * 500;
  return (from, to) => {
    if (from === to) return from === outsideZone ? 0 : sameZoneUs;
    // Edge components stand outside, where the clients are: the whole way from a client to the region is charged here.
    if (from === outsideZone || to === outsideZone) return clientUs;
    const fromRegion = zones[from]!.region!;
    const toRegion = zones[to]!.region!;
    return fromRegion === toRegion ? interZoneUs : interRegionUs(fromRegion, toRegion);
  };
}

/** Assumption for pairs of regions without a fact: an ocean's width of fibre. */
const interRegionRttMsDefault = 100;

function interRegionUs(from: string, to: string): number {
  const known = allFacts().find(
    ({ key }) => key === `net.rtt.${from}.${to}` || key === `net.rtt.${to}.${from}`,
  );
  return (known === undefined ? interRegionRttMsDefault : factNumberAt(known.key)) * 500;
}

/**
 * Platforms, workloads and faults at random, each given by its seed alone. Zones, copies, sizes, intervals and durations
 * are drawn from what files may say, their edges included; what AWS takes minutes for is hastened in most platforms, so
 * that a run of a minute gets through failures and recoveries.
 */
import type { ComponentSpec, Topology } from "../../sim/twin/topology-types.ts";
import { Choices } from "./random-choices.ts";
import { type Placement, placed, placement, type Region } from "./random-places.ts";
import { asNetworkBalancer, hastened, sizes } from "./random-sizes.ts";
import {
  withCells,
  withChangeCapture,
  withEventBus,
  withKeeping,
  withLimitless,
  withOrderStream,
  withPlacement,
} from "./random-variants.ts";
import { shippedTopology } from "./small-drill.ts";

const regionIds = ["us-east-1", "eu-west-1", "ap-southeast-1"];

/** Components that stand outside all regions. */
const global = ["dns", "edge", "firewall"];
const venue = ["order-queue", "matching", "journal"];

export function randomTopology(seed: number): Topology {
  const choices = new Choices(seed, "topology");
  const regions = regionIds.slice(0, choices.oneOf([1, 1, 1, 2, 2, 3])).map(
    (id): Region => ({
      id,
      zones: ["a", "b", "c", "d"].slice(0, choices.oneOf([1, 2, 2, 3, 3, 3, 3, 4])),
    }),
  );
  const partitionCount = choices.oneOf([1, 1, 2, 3, 4]);
  const isHasty = choices.chance(0.8);
  const shipped = shippedTopology();
  const placesById = new Map<string, Readonly<Record<string, Placement>>>();
  const components = shipped.components.map((component) => {
    if (global.includes(component.id)) return component;
    const sized = hastened(
      asNetworkBalancer({ ...component, ...sizes(component, choices) } as ComponentSpec, seed),
      isHasty,
    );
    const places = Object.fromEntries(
      regions.map(({ id, zones }) => [id, placement(component, zones, choices)]),
    );
    placesById.set(component.id, places);
    const isDivided = venue.includes(component.id) && partitionCount > 1;
    const partitions = isDivided ? { count: partitionCount, by: "symbol" } : undefined;
    return placed(
      { ...sized, ...(partitions && { partitions }) } as ComponentSpec,
      regions,
      places,
    );
  });
  const hosted = choices.chance(0.25) ? [hostsFor(regions, isHasty)] : [];
  const isEverywhere = (id: string) =>
    regions.every(
      (region) => placesById.get(id)?.[region.id]?.["zones"]?.length === region.zones.length,
    );
  const onHosts = (component: ComponentSpec) =>
    hosted.length > 0 && ["matching", "market-data-service"].includes(component.id)
      ? ({ ...component, capacityProvider: "hosts" } as ComponentSpec)
      : component;
  const random: Topology = {
    ...shipped,
    id: `random-${seed}`,
    acceptance: choices.oneOf(["queue", "journal"]),
    regions: regions.map(({ id, zones }) => ({
      id,
      ...(choices.chance(0.5) && { share: choices.between(1, 3) }),
      zones: zones.map((zone) => ({ id: `${id}${zone}` })),
    })),
    components: [
      ...components.map((component) => withinReach(onHosts(component), isEverywhere)),
      ...hosted,
    ],
  };
  const further = choices.chance(0.25) ? withEventBus(random, regions, choices) : random;
  const divided = withCells(withPlacement(further, choices), choices);
  const kept = withKeeping(withLimitless(withChangeCapture(divided, seed), seed), seed);
  return withOrderStream(kept, seed, isHasty);
}

/** A network balancer whose nodes lack tasks in their own zones uses those of the others: else it resets what comes to such a node. */
function withinReach(
  component: ComponentSpec,
  isEverywhere: (id: string) => boolean,
): ComponentSpec {
  if (component.service !== "load-balancer" || component.type !== "network") return component;
  return component.targets.every(isEverywhere) ? component : { ...component, crossZone: true };
}

/** Hosts for tasks, too few for all of them at times. */
function hostsFor(regions: readonly Region[], isHasty: boolean): ComponentSpec {
  const [only] = regions;
  const isRegional = regions.length > 1;
  return {
    service: "ec2-capacity-provider",
    id: "hosts",
    instanceType: "c7g.2xlarge",
    hostCount: 3,
    hostCountMax: 12,
    targetPercent: 80,
    zones: isRegional ? ["a"] : (only?.zones ?? []).map((zone) => `${only?.id}${zone}`),
    ...(isRegional && { inRegions: regions.map(({ id }) => id) }),
    ...(isRegional && {
      perRegion: Object.fromEntries(regions.map(({ id, zones }) => [id, { zones }])),
    }),
    ...(isHasty && {
      // As quick as everything else in these short runs.
      parameters: {
        launchUsP50: 8_000_000,
        launchUsP95: 15_000_000,
        reviewUs: 5_000_000,
        warmUpUs: 10_000_000,
        zoneAvoidedUs: 15_000_000,
      },
    }),
  } as ComponentSpec;
}

/** Where the components of a random platform stand. */
import type { ComponentSpec } from "../../sim/twin/topology-types.ts";
import { type Choices, first } from "./random-choices.ts";

export interface Region {
  readonly id: string;
  /** What follows the region's name in its zones'. */
  readonly zones: readonly string[];
}

export type Placement = Readonly<Record<string, string | readonly string[]>>;

/** Where a component stands in a region: everywhere, or where the draw has it. */
export function placement(
  { service }: ComponentSpec,
  zones: readonly string[],
  choices: Choices,
): Placement {
  switch (service) {
    case "aurora":
      return {
        writerZone: choices.oneOf(zones),
        readerZones: Array.from({ length: choices.between(0, 4) }, () => choices.oneOf(zones)),
      };
    case "elasticache":
      return { zones: Array.from({ length: choices.between(1, 3) }, () => choices.oneOf(zones)) };
    case "journal":
    case "matching-service":
    case "ecs-fargate":
      return { zones: choices.several(zones, choices.between(1, zones.length)) };
    case "application-auto-scaling":
    case "cloudwatch":
      return {};
    default:
      return { zones: [...zones] };
  }
}

/** In one region a component names its zones in full; in several, it stands for one in each. */
export function placed(
  component: ComponentSpec,
  regions: readonly Region[],
  places: Readonly<Record<string, Placement>>,
): ComponentSpec {
  const named = (change: (zone: string) => string, { id } = first(regions)) =>
    Object.fromEntries(
      Object.entries(places[id] ?? {}).map(([field, value]) => [
        field,
        typeof value === "string" ? change(value) : value.map(change),
      ]),
    );
  if (regions.length === 1) {
    return { ...component, ...named((zone) => `${first(regions).id}${zone}`) };
  }
  // Every region has a zone "a"; what really holds is said for each region.
  return {
    ...component,
    ...named(() => "a"),
    inRegions: regions.map(({ id }) => id),
    perRegion: places,
  } as ComponentSpec;
}

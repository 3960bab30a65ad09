import { partitionOf } from "../../components/fabric/partition-law.ts";
import { TwinError } from "../../errors/twin-error.ts";
import { none } from "../../kernel/none.ts";
import type { Copy } from "./copies.ts";
import type { Platform } from "./expand-topology.ts";

/** What the engine, the queue and the journal of a part of the symbols are called. */
export interface VenuePart {
  readonly matching: string;
  readonly queue: string;
  readonly journal: string;
}

/** The parts of a platform's venue, in the order of its matching services: each has a queue and a journal of its own. */
export function venueParts({ components }: Platform): readonly VenuePart[] {
  const parts = components.flatMap((component) =>
    component.service === "matching-service"
      ? [{ matching: component.id, queue: component.queue, journal: component.journal }]
      : [],
  );
  const isShareable = (id: string) =>
    components.some(
      (component) => component.id === id && ["msk", "kinesis"].includes(component.service),
    );
  for (const field of ["queue", "journal"] as const) {
    for (const [at, part] of parts.entries()) {
      // The partitions of a topic, or a stream's shards, are shared out among the engines that read it.
      if (isShareable(part[field])) continue;
      const other = parts.findIndex((each) => each[field] === part[field]);
      if (other < at) throw sharedBy(part[field], field, parts[other]!.matching, part.matching);
    }
  }
  return parts;
}

/** By part of the venue: the part that can take its books over, or -1. */
export function standbysOf({ components }: Platform): readonly number[] {
  const services = components.filter((component) => component.service === "matching-service");
  return services.map(({ id }) => services.findIndex((other) => other.standbyFor === id));
}

/** Part of the venue that each symbol belongs to, by symbol; `none` in a platform without a venue. */
export function partsOfSymbols(platform: Platform, symbolCount: number): Int32Array {
  const services = platform.copies.filter(
    ({ declared, standsFor }) => declared.service === "matching-service" && standsFor === undefined,
  );
  if (services.length === 0) return new Int32Array(symbolCount).fill(none);
  const regions = regionsOf(services).map((name) => ({
    share: platform.regions.find(({ id }) => id === name)?.share ?? 1,
    count: services.filter(({ region }) => region === name).length,
  }));
  return Int32Array.from({ length: symbolCount }, (_, symbol) =>
    partitionOf("symbol", symbol, regions),
  );
}

function regionsOf(copies: readonly Copy[]): readonly (string | undefined)[] {
  return [...new Set(copies.map(({ region }) => region))];
}

function sharedBy(id: string, field: string, one: string, other: string): TwinError {
  return new TwinError({
    code: "topology.venue-shared",
    problem: `"${one}" and "${other}" share the ${field} "${id}"`,
    remedy: `Divide "${id}" as the matching service is divided (partitions by symbol, inRegions): each engine needs a ${field} of its own`,
    at: "/components",
  });
}

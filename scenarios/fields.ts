/** Small schemas that scenario and topology files share; a field's unit is in its name. */
import * as z from "zod";

export const id = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    "lower-case words joined by hyphens, such as order-service",
  );

export const text = z.string().min(1);

/** 0 to 1. */
export const share = z.number().min(0).max(1);

export const atLeastZero = z.number().min(0);

export const moreThanZero = z.number().gt(0);

export const count = z.int().min(0);

export const countFromOne = z.int().min(1);

/** Retries are few: with eight and a doubling pause, a caller would still be busy with a request long forgotten. */
export const retriesMax = z.int().min(0).max(7);

/** What a caller, client or component, does with its pauses. */
export const backoff = z
  .strictObject({
    jitter: z
      .enum(["full", "decorrelated", "none"])
      .describe("What chance does to a pause: a random part of a doubling span when left out")
      .exactOptional(),
    msMax: moreThanZero
      .describe("Longest span in milliseconds; 1,024 times the first when left out")
      .exactOptional(),
  })
  .describe("Pauses before retries; exponential with full jitter when left out");

/** What a text field names, so that a check can tell a name that leads nowhere. */
export type Named = "component" | "zone" | "region" | "zone-or-region" | "place";

/** Fields that name something declared elsewhere. */
export const namedFields = z.registry<{
  readonly names: Named;
  readonly services?: readonly string[];
}>();

/** Id of a component of the topology, of certain services where only those make sense. */
export function componentName(description: string, ...services: readonly string[]) {
  return text
    .describe(description)
    .register(namedFields, { names: "component", ...(services.length === 0 ? {} : { services }) });
}

/** Id of a zone of the topology. */
export function zoneName(description: string) {
  return text.describe(description).register(namedFields, { names: "zone" });
}

/** Id of a region of the topology. */
export function regionName(description: string) {
  return text.describe(description).register(namedFields, { names: "region" });
}

/** Id of a zone, or `zone-of:COMPONENT`. */
export function placeName(description: string) {
  return text.describe(description).register(namedFields, { names: "place" });
}

/** Id of a zone or a region of the topology. */
export function zoneOrRegionName(description: string) {
  return text.describe(description).register(namedFields, { names: "zone-or-region" });
}

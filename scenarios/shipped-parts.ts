import type { Shipped } from "../sim/twin/claims/claim-types.ts";
import { componentSchema } from "./component-schemas.ts";
import { faultSchema } from "./fault-schema.ts";

/** What files may speak of today, read off their schemas. */
export function shippedParts(topologies: readonly string[]): Shipped {
  return {
    topologies,
    faultKinds: faultSchema.options.map(({ shape }) => shape.kind.value),
    services: componentSchema.options.map(({ shape }) => shape.service.value),
    fields: Object.fromEntries(
      componentSchema.options.map(({ shape }) => [shape.service.value, Object.keys(shape)]),
    ),
  };
}

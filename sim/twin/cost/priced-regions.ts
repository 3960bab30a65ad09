import { pricedRegions } from "../../facts/prices/price.ts";

/** Regions in which a platform can stand: a run is billed, so each of its regions needs prices. */
export const billableRegions: readonly string[] = pricedRegions;

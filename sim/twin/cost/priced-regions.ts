import { pricedRegions, unpricedRegions } from "../../facts/prices/price.ts";

/** Regions in which a platform can stand. */
export const billableRegions: readonly string[] = [...pricedRegions, ...unpricedRegions];

/** Whether a region is billed by its own prices, not by those of another. */
export function hasOwnPrices(region: string): boolean {
  return (pricedRegions as readonly string[]).includes(region);
}

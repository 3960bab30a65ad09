/**
 * Every price by key and region. A price is read from the facts where they have it; where not, it is an assumption with
 * source, date and confidence. Where no price of a region is known, the us-east-1 price is multiplied by the rough
 * regional factor of the facts, and the result is marked as doubtful.
 */
import { TwinError } from "../../errors/twin-error.ts";
import { factNumberAt, factOf } from "../facts.ts";
import { computePrices } from "./compute-prices.ts";
import { dataPrices } from "./data-prices.ts";
import { edgePrices } from "./edge-prices.ts";
import { messagingPrices } from "./messaging-prices.ts";
import { operationsPrices } from "./operations-prices.ts";
import { type Price, type PricedRegion, pricedRegions, unpricedRegions } from "./price.ts";
import type { PriceEntry, Quote } from "./price-entry.ts";

const entries = {
  ...edgePrices,
  ...computePrices,
  ...dataPrices,
  ...messagingPrices,
  ...operationsPrices,
};

/** A key of the catalogue; a mistyped one does not compile. */
export type PriceKey = keyof typeof entries;

const byKey = entries as Readonly<Record<string, PriceEntry>>;

/** Every key, service by service. */
export function allPriceKeys(): readonly PriceKey[] {
  return Object.keys(byKey) as PriceKey[];
}

/** Makes a price key out of text put together from a topology, such as an instance class; throws when there is none. */
export function priceKey(text: string): PriceKey {
  if (Object.hasOwn(byKey, text)) return text as PriceKey;
  const alike = allPriceKeys().filter((key) => key.startsWith(`${text.split(".")[0]}.`));
  throw new TwinError({
    code: "prices.key-unknown",
    problem: `The price catalogue has no "${text}"`,
    remedy: `Use what it has a price for: ${alike.join(", ")}`,
    at: text,
  });
}

/** The price of an item in a region of AWS; a region that AWS does not have is a mistake. */
export function priceOf(key: PriceKey, region: string): Price {
  const entry = byKey[key]!;
  if (entry.isGlobal === true) return fromQuote(key, region, entry, entry.usEast1, 1);
  if (region === "us-east-1") return fromQuote(key, region, entry, entry.usEast1, 1);
  if (unpricedRegions.includes(region)) {
    return {
      ...fromQuote(key, region, entry, entry.usEast1, 1),
      origin: "scaled",
      why: `the catalogue has no prices of ${region}: the us-east-1 price as it is, which may be off by a third`,
    };
  }
  requirePricedRegion(region);
  const own = entry.regions?.[region as Exclude<PricedRegion, "us-east-1">];
  if (own !== undefined) return fromQuote(key, region, entry, own, 1);
  const factor = factNumberAt("aurora.price.region-multiplier", region);
  return {
    ...fromQuote(key, region, entry, entry.usEast1, factor),
    origin: "scaled",
    why: `no price of ${region} is known: the us-east-1 price times ${factor}, a rule of thumb for databases (${factOf("aurora.price.region-multiplier").key})`,
  };
}

function fromQuote(
  key: PriceKey,
  region: string,
  entry: PriceEntry,
  quote: Quote,
  factor: number,
): Price {
  const limits = [...(entry.tiersFrom ?? []), Number.POSITIVE_INFINITY];
  const { usd, factKey, source, asOf, confidence, why } = quote;
  return {
    key,
    region,
    unit: entry.unit,
    tiers: usd.map((each, tier) => ({
      upTo: limits[tier]!,
      usd: (each * factor) / (entry.quotedFor ?? 1),
    })),
    ...(entry.commitment === undefined ? {} : { commitment: entry.commitment }),
    origin: factKey === undefined ? "assumption" : "fact",
    ...(factKey === undefined ? {} : { factKey }),
    source,
    asOf,
    confidence,
    ...(why === undefined ? {} : { why }),
  };
}

function requirePricedRegion(region: string): void {
  if ((pricedRegions as readonly string[]).includes(region)) return;
  throw new TwinError({
    code: "prices.region-unknown",
    problem: `AWS has no region "${region}", as far as the price catalogue knows`,
    remedy: `Use one of ${[...pricedRegions, ...unpricedRegions].join(", ")}`,
    at: region,
  });
}

/** What AWS asks for one unit of something, in tiers by the amount of a month. */
import type { FactConfidence, FactKey } from "../facts.ts";

/** Regions whose prices the catalogue knows. */
export const pricedRegions = ["us-east-1", "eu-west-1", "ap-southeast-1"] as const;

export type PricedRegion = (typeof pricedRegions)[number];

/** Regions of AWS that the catalogue has no prices for: us-east-1's stand in for theirs, and are marked as doubtful. */
export const unpricedRegions: readonly string[] = [
  "us-east-2",
  "us-west-1",
  "us-west-2",
  "ca-central-1",
  "ca-west-1",
  "mx-central-1",
  "sa-east-1",
  "eu-west-2",
  "eu-west-3",
  "eu-central-1",
  "eu-central-2",
  "eu-north-1",
  "eu-south-1",
  "eu-south-2",
  "af-south-1",
  "il-central-1",
  "me-south-1",
  "me-central-1",
  "ap-east-1",
  "ap-east-2",
  "ap-south-1",
  "ap-south-2",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
];

/** Price of the amount between the tier before and `upTo`. */
export interface PriceTier {
  /** Units of the month up to which the tier reaches; infinite for the last. */
  readonly upTo: number;
  /** US dollars for one unit. */
  readonly usd: number;
}

/**
 * Kinds of commitment that make a unit cheaper. What is not under any has none: requests, storage, transfer.
 * `fargate`, `ec2` and `lambda` are under compute savings plans; `aurora` and `elasticache` are reserved.
 */
export type CommitmentFamily = "fargate" | "ec2" | "lambda" | "aurora" | "elasticache";

/** One price of the catalogue in one region. */
export interface Price {
  readonly key: string;
  readonly region: string;
  /** What one unit is: `request`, `GB`, `vCPU-hour`, `GB-month`. */
  readonly unit: string;
  readonly tiers: readonly PriceTier[];
  readonly commitment?: CommitmentFamily;
  /** `scaled`: the us-east-1 price, times a rough factor if one is known, where no price of the region is. */
  readonly origin: "fact" | "assumption" | "scaled";
  readonly factKey?: FactKey;
  readonly source: string;
  /** Date of the text that was read, such as "2026-08". */
  readonly asOf: string;
  readonly confidence: FactConfidence;
  /** For an assumption or a scaled price: why this figure. */
  readonly why?: string;
}

/** Whether nobody has checked it, so that whatever rests on it says so. */
export function isDoubtfulPrice(price: Price): boolean {
  return price.confidence === "from-memory" || price.origin === "scaled";
}

/** US dollars for an amount of one month, tier by tier. */
export function costOfMonth(price: Price, quantity: number): number {
  let usd = 0;
  let below = 0;
  for (const tier of price.tiers) {
    if (quantity <= below) break;
    usd += (Math.min(quantity, tier.upTo) - below) * tier.usd;
    below = tier.upTo;
  }
  return usd;
}

/** Mean US dollars a unit when a month takes so many; the first tier's for none. */
export function meanUnitPrice(price: Price, quantityOfMonth: number): number {
  if (!(quantityOfMonth > 0)) return price.tiers[0]!.usd;
  return costOfMonth(price, quantityOfMonth) / quantityOfMonth;
}

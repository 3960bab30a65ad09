/**
 * The strategy's ways to pay less, as switches on a bill: the consumption stays what the simulation found, prices and
 * storage classes change. What changes the platform itself (a cache, another front end with other latency) is a variant
 * of the topology and is simulated.
 */

import { gigabyte, monthsOf } from "../../components/fabric/meter.ts";
import { MistakeList, TwinError } from "../../errors/twin-error.ts";
import { factNumberAt } from "../../facts/facts.ts";
import { assumption, fromFact, type Parameter } from "../../facts/parameter.ts";
import { type CommitmentFamily, isDoubtfulPrice } from "../../facts/prices/price.ts";
import { type PriceKey, priceOf } from "../../facts/prices/price-catalogue.ts";
import type { CostResult } from "./cost-types.ts";
import { type BareLine, monthOf } from "./month-bill.ts";

export interface Optimisation {
  readonly id: string;
  readonly title: string;
  /** Discounts by what they cover, percent; empty for what works otherwise. */
  readonly discounts: Readonly<Partial<Record<CommitmentFamily, Parameter>>>;
  /** Changes the lines; a sentence says why nothing could be changed. */
  apply?(lines: readonly BareLine[], bill: CostResult): readonly BareLine[] | string;
}

/** Smallest object that is tiered or moved by default. Fact of the S3 documentation, not in the catalogue. */
const tieredObjectBytesMin = 128 * 1024;

const remembered = {
  cacheOneYear: assumption(
    30,
    "%",
    "one-year terms land near 30 % (elasticache.reserved-discount-pct)",
  ),
  fargateThreeYears: assumption(
    50,
    "%",
    "the most that is advertised for Fargate (savings-plans.fargate-1yr-no-upfront-pct)",
  ),
  lambdaOneYear: assumption(12, "%", "list of compute savings plans, remembered"),
  lambdaThreeYears: assumption(17, "%", "the most that is advertised for Lambda, remembered"),
};

export const optimisations: readonly Optimisation[] = [
  {
    id: "reserved-1y",
    title: "Aurora and ElastiCache reserved for a year, nothing upfront",
    discounts: {
      aurora: fromFact("aurora.ri.discount-pct", "1y-no-upfront"),
      elasticache: remembered.cacheOneYear,
    },
  },
  {
    id: "reserved-3y-partial",
    title: "Aurora and ElastiCache reserved for three years, part upfront",
    discounts: {
      aurora: fromFact("aurora.ri.discount-pct", "3y-partial-upfront"),
      elasticache: fromFact("elasticache.reserved-discount-pct"),
    },
  },
  {
    id: "reserved-3y",
    title: "Aurora and ElastiCache reserved for three years, all upfront",
    discounts: {
      aurora: fromFact("aurora.ri.discount-pct", "3y-all-upfront"),
      elasticache: fromFact("elasticache.reserved-discount-pct"),
    },
  },
  {
    id: "savings-plan-1y",
    title: "compute savings plan for a year, nothing upfront",
    discounts: {
      fargate: fromFact("savings-plans.fargate-1yr-no-upfront-pct"),
      ec2: fromFact("savings-plans.c7g-1yr-no-upfront-pct", 0),
      lambda: remembered.lambdaOneYear,
    },
  },
  {
    id: "savings-plan-3y",
    title: "compute savings plan for three years, all upfront (the most that is advertised)",
    discounts: {
      fargate: remembered.fargateThreeYears,
      ec2: fromFact("savings-plans.compute.max-discount-pct"),
      lambda: remembered.lambdaThreeYears,
    },
  },
  {
    id: "ec2-savings-plan-1y",
    title: "EC2 instance savings plan for a year, nothing upfront",
    discounts: { ec2: fromFact("savings-plans.c7g-1yr-no-upfront-pct", 1) },
  },
  {
    id: "ec2-savings-plan-3y",
    title: "EC2 instance savings plan for three years, all upfront (the most that is advertised)",
    discounts: { ec2: fromFact("savings-plans.ec2-instance.max-discount-pct") },
  },
  {
    id: "http-api",
    title: "HTTP API instead of REST",
    discounts: {},
    apply: (lines) =>
      replaced(lines, "api-gateway.rest-request", (line) => [
        reprice(line, "api-gateway.http-request", { what: "HTTP requests" }),
      ]),
  },
  {
    id: "dynamodb-provisioned",
    title: "DynamoDB provisioned at its target use instead of on demand",
    discounts: {},
    apply: provisionTables,
  },
  {
    id: "s3-lifecycle",
    title: "history older than 90 days in Glacier",
    discounts: {},
    apply: (lines, bill) => tierHistory(lines, bill, "lifecycle"),
  },
  {
    id: "s3-intelligent-tiering",
    title: "history in Intelligent-Tiering",
    discounts: {},
    apply: (lines, bill) => tierHistory(lines, bill, "intelligent"),
  },
  {
    id: "privatelink",
    title: "interface endpoints instead of NAT gateways",
    discounts: {},
    apply: usePrivateLink,
  },
];

/** A bill with switches on, and what a switch could not do. */
export interface OptimisedBill {
  readonly bill: CostResult;
  readonly notes: readonly string[];
}

/** Turns switches on, in the order in which they are listed here; an unknown one, or two on the same thing, is a mistake. */
export function withOptimisations(bill: CostResult, ids: readonly string[]): OptimisedBill {
  const chosen = chosenOptimisations(ids);
  const notes: string[] = [];
  let lines: readonly BareLine[] = bill.lines;
  for (const each of chosen) {
    const changed = each.apply?.(lines, bill) ?? discounted(lines, each);
    if (typeof changed === "string") notes.push(`${each.id}: ${changed}`);
    else lines = changed;
  }
  const { monthFactor, requestsPerSecond } = bill;
  return { bill: { ...bill, ...monthOf(lines, { monthFactor, requestsPerSecond }) }, notes };
}

/** The switches by their ids, in the order in which they are applied; told before a long run as well as after it. */
export function chosenOptimisations(ids: readonly string[]): readonly Optimisation[] {
  const mistakes = new MistakeList();
  for (const id of ids) {
    if (optimisations.some((each) => each.id === id)) continue;
    mistakes.add({
      code: "cost.switch-unknown",
      problem: `There is no switch "${id}"`,
      remedy: `Use any of ${optimisations.map((each) => each.id).join(", ")}`,
      at: "--with",
    });
  }
  mistakes.throwIfAny("--with");
  const chosen = optimisations.filter((each) => ids.includes(each.id));
  chosen.forEach((one, at) => {
    const other = chosen.slice(at + 1).find((each) => contradicts(one, each));
    if (other === undefined) return;
    throw new TwinError({
      code: "cost.switches-contradict",
      problem: `"${one.id}" and "${other.id}" are two ways to pay for the same`,
      remedy: "Choose one of them",
      at: "--with",
    });
  });
  return chosen;
}

function contradicts(one: Optimisation, other: Optimisation): boolean {
  const bothTier = one.id.startsWith("s3-") && other.id.startsWith("s3-");
  return bothTier || Object.keys(one.discounts).some((family) => family in other.discounts);
}

function discounted(
  lines: readonly BareLine[],
  { discounts }: Optimisation,
): readonly BareLine[] | string {
  const covered = lines.filter((line) => line.commitment in discounts);
  if (covered.length === 0) return `the bill has nothing of ${Object.keys(discounts).join(", ")}`;
  return lines.map((line) => {
    const discount = discounts[line.commitment as CommitmentFamily];
    if (discount === undefined) return line;
    const doubtful =
      line.doubtful || discount.origin === "assumption" || discount.confidence === "from-memory";
    return { ...line, payShare: line.payShare * (1 - discount.value / 100), doubtful };
  });
}

function provisionTables(
  lines: readonly BareLine[],
  bill: CostResult,
): readonly BareLine[] | string {
  const use = bill.assumptions["provisionedUse"]!.value;
  // Units of a month, spread over its seconds, are capacity; what is provisioned stands for all its hours.
  const quantityFactor = 1 / 3600 / use;
  const isUnit = ({ price }: BareLine) =>
    price === "dynamodb.read-unit" || price === "dynamodb.write-unit";
  if (!lines.some(isUnit)) return "the bill has no table on demand";
  return lines.map((line) => {
    if (!isUnit(line)) return line;
    return line.price === "dynamodb.read-unit"
      ? reprice(line, "dynamodb.read-capacity-hour", { what: "read capacity", quantityFactor })
      : reprice(line, "dynamodb.write-capacity-hour", { what: "write capacity", quantityFactor });
  });
}

/** Parts of the history by age: what is kept for so many days is spread evenly over them. */
function tierHistory(
  lines: readonly BareLine[],
  bill: CostResult,
  how: "lifecycle" | "intelligent",
): readonly BareLine[] | string {
  const keptDays = bill.assumptions["archiveKeptDays"]!.value;
  const puts = lines
    .filter((line) => line.price === "s3.put")
    .reduce((sum, line) => sum + line.steadyQuantity, 0);
  const history = lines.find((line) => line.price === "s3.standard" && line.what === "history");
  if (history === undefined || puts === 0) return "nothing is archived";
  const bytesOfMonth = (history.steadyQuantity / monthsOf(keptDays)) * gigabyte;
  const objectBytes = bytesOfMonth / puts;
  if (objectBytes < tieredObjectBytesMin) {
    return `objects have ${(objectBytes / 1024).toFixed(0)} KB in the mean, and below 128 KB nothing is tiered: write larger objects first`;
  }
  const share = (fromDay: number, toDay: number) =>
    Math.max(0, Math.min(keptDays, toDay) - Math.min(keptDays, fromDay)) / keptDays;
  const part = (price: PriceKey, what: string, quantityFactor: number) => (line: BareLine) =>
    reprice(line, price, { what, quantityFactor });
  if (how === "lifecycle") {
    const minimum = factNumberAt("s3.min-duration-days", "glacierFlexible");
    const keptInGlacier = Math.max(keptDays, 90 + minimum);
    return replaced(lines, "s3.standard", (line) =>
      line.what !== "history"
        ? [line]
        : [
            part("s3.standard", "history", share(0, 90))(line),
            part(
              "s3.glacier-flexible",
              "history in Glacier",
              (keptInGlacier - 90) / keptDays,
            )(line),
            part("s3.lifecycle-transition", "moves to Glacier", puts / line.steadyQuantity)(line),
          ],
    );
  }
  return replaced(lines, "s3.standard", (line) =>
    line.what !== "history"
      ? [line]
      : [
          part("s3.standard", "history, frequent", share(0, 30))(line),
          part("s3.intelligent-infrequent", "history, infrequent", share(30, 90))(line),
          part("s3.intelligent-archive", "history, archive", share(90, keptDays))(line),
          part(
            "s3.intelligent-monitoring",
            "history, watched",
            (puts * monthsOf(keptDays)) / line.steadyQuantity,
          )(line),
        ],
  );
}

function usePrivateLink(
  lines: readonly BareLine[],
  bill: CostResult,
): readonly BareLine[] | string {
  const endpoints = bill.assumptions["endpointCount"]!.value;
  const hours = replaced(lines, "net.nat-hour", (line) => [
    reprice(line, "net.privatelink-hour", {
      what: "interface endpoints",
      quantityFactor: endpoints,
    }),
  ]);
  if (typeof hours === "string") return hours;
  return replaced(hours, "net.nat", (line) => [
    reprice(line, "net.privatelink", { what: "through endpoints to queue, stream and logs" }),
  ]);
}

/** Puts others in place of the lines with a price; a sentence when there is none. */
function replaced(
  lines: readonly BareLine[],
  price: PriceKey,
  by: (line: BareLine) => readonly BareLine[],
): readonly BareLine[] | string {
  if (!lines.some((line) => line.price === price)) return `the bill has no ${price}`;
  return lines.flatMap((line) => (line.price === price ? by(line) : [line]));
}

function reprice(
  line: BareLine,
  key: PriceKey,
  { what, quantityFactor = 1 }: { readonly what: string; readonly quantityFactor?: number },
): BareLine {
  const price = priceOf(key, line.region);
  return {
    ...line,
    price: key,
    what,
    unit: price.unit,
    runQuantity: line.runQuantity * quantityFactor,
    steadyQuantity: line.steadyQuantity * quantityFactor,
    leastQuantity: line.leastQuantity * quantityFactor,
    commitment: price.commitment ?? "",
    doubtful: isDoubtfulPrice(price),
    confidence: price.confidence,
    asOf: price.asOf,
    source: price.source,
  };
}

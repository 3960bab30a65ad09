import { describe, expect, test } from "vitest";
import { costOfMonth, isDoubtfulPrice, meanUnitPrice, pricedRegions } from "./price.ts";
import { allPriceKeys, type PriceKey, priceKey, priceOf } from "./price-catalogue.ts";

const hoursOfMonth = 730;

function cost(key: PriceKey, quantity: number, region = "us-east-1"): number {
  return costOfMonth(priceOf(key, region), quantity);
}

describe("published examples come out to the cent", () => {
  test("two Fargate tasks of 1 vCPU and 2 GB for a month: 72.08 USD (AWS, Keycloak on AWS, cost estimation)", () => {
    const usd =
      cost("fargate.vcpu-hour", 2 * hoursOfMonth) + cost("fargate.gb-hour", 4 * hoursOfMonth);
    expect(usd).toBeCloseTo(72.08, 2);
  });

  test("a balancer with 40 new connections a second for a month: 25.77 USD (same source)", () => {
    const usd =
      cost("load-balancer.hour", hoursOfMonth) +
      cost("load-balancer.lcu-hour", (40 / 25) * hoursOfMonth);
    expect(usd).toBeCloseTo(25.77, 2);
  });

  test("a function of 512 MB, 3 million runs of 1 s, free tier taken off: 18.34 and 0.40 USD (AWS Lambda pricing, example 1)", () => {
    expect(cost("lambda.gb-second", 1_500_000 - 400_000)).toBeCloseTo(18.33, 1);
    expect(cost("lambda.request", 2_000_000)).toBeCloseTo(0.4, 9);
  });

  test("100 records of 35 KB a second for a day: 4 shards 1.44 and 17,280,000 put units 0.24 USD (Kinesis pricing)", () => {
    expect(cost("kinesis.shard-hour", 4 * 24)).toBeCloseTo(1.44, 9);
    expect(cost("kinesis.put-unit", 100 * 2 * 86_400)).toBeCloseTo(0.24, 2);
  });

  test("1.1 billion DNS queries cost the first billion at 400 USD and the rest at half (mirror of the price list)", () => {
    expect(cost("route53.query", 1_100_000_000)).toBeCloseTo(420, 9);
  });

  test("157,000 GB to the internet cost what the mirror of the price list has for Ireland and Singapore", () => {
    const gigabytes = 10_240 + 40_960 + 102_400 + 3_400;
    expect(cost("net.internet-out", gigabytes, "eu-west-1")).toBeCloseTo(
      921.6 + 3481.6 + 7168 + 170,
      6,
    );
    expect(cost("net.internet-out", gigabytes, "ap-southeast-1")).toBeCloseTo(
      1228.8 + 3481.6 + 8396.8 + 272,
      6,
    );
  });
});

test("a month of requests is paid tier by tier, each tier only for what falls into it", () => {
  const rest = (millions: number) => cost("api-gateway.rest-request", millions * 1_000_000);
  expect(rest(5)).toBeCloseTo(17.5, 9);
  expect(rest(333)).toBeCloseTo(333 * 3.5, 9);
  expect(rest(15_000)).toBeCloseTo(333 * 3.5 + 667 * 2.8 + 14_000 * 2.38, 6);
  expect(rest(0)).toBe(0);
});

test("the mean price of a unit times the amount is the cost of the month", () => {
  const price = priceOf("api-gateway.rest-request", "us-east-1");
  for (const quantity of [1, 333e6, 1e9, 4e10]) {
    expect(meanUnitPrice(price, quantity) * quantity).toBeCloseTo(costOfMonth(price, quantity), 3);
  }
  expect(meanUnitPrice(price, 0)).toBe(3.5e-6);
});

describe("every entry", () => {
  test.each(allPriceKeys())("%s has a price, a source and a date in each region", (key) => {
    for (const region of pricedRegions) {
      const price = priceOf(key, region);
      expect(price.tiers.at(-1)!.upTo).toBe(Number.POSITIVE_INFINITY);
      let below = 0;
      for (const tier of price.tiers) {
        expect(tier.usd).toBeGreaterThan(0);
        expect(tier.upTo).toBeGreaterThan(below);
        below = tier.upTo;
      }
      expect(price.source).toMatch(/^https:|^awsdocs/);
      expect(price.asOf).toMatch(/^(<=)?20\d\d/);
      if (price.origin !== "fact") expect(price.why).not.toBeUndefined();
    }
  });

  test("later units are never dearer than earlier ones", () => {
    for (const key of allPriceKeys()) {
      const { tiers } = priceOf(key, "us-east-1");
      const sorted = tiers.toSorted((a, b) => b.usd - a.usd);
      expect(tiers).toEqual(sorted);
    }
  });
});

test("a price that no source gives for a region is the us-east-1 price times the rough factor, and doubtful", () => {
  const price = priceOf(priceKey("aurora.r6g.large-hour"), "eu-west-1");
  expect(price.tiers[0]!.usd).toBeCloseTo(0.26 * 1.15, 9);
  expect(price.origin).toBe("scaled");
  expect(isDoubtfulPrice(price)).toBe(true);
  expect(isDoubtfulPrice(priceOf(priceKey("aurora.r6g.large-hour"), "us-east-1"))).toBe(false);
});

test("a region that the catalogue does not know is billed by us-east-1's prices, and doubtful", () => {
  const price = priceOf("fargate.vcpu-hour", "eu-central-1");
  expect(price.tiers).toEqual(priceOf("fargate.vcpu-hour", "us-east-1").tiers);
  expect(price.region).toBe("eu-central-1");
  expect(price.why).toMatch(/no prices of eu-central-1/);
  expect(isDoubtfulPrice(price)).toBe(true);
});

test("an edge service has one price everywhere", () => {
  expect(priceOf("waf.request", "ap-southeast-1").tiers).toEqual(
    priceOf("waf.request", "us-east-1").tiers,
  );
});

test("an unknown instance class and an unknown region are mistakes that name what there is", () => {
  expect(() => priceKey("aurora.r6g.3xlarge-hour")).toThrow("aurora.r6g.2xlarge-hour");
  expect(() => priceOf("fargate.vcpu-hour", "mars-north-1")).toThrow("prices.region-unknown");
});

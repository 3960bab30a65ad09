import {
  fromFact,
  fromInfracost,
  type PriceEntry,
  remembered,
  tiersFromFact,
} from "./price-entry.ts";

const apiGatewayPage = "https://aws.amazon.com/api-gateway/pricing/";
const elbPage = "https://aws.amazon.com/elasticloadbalancing/pricing/";
const terabyte = 1024;

/** What stands between clients and services: DNS, CDN, firewall, API front end, balancer. */
export const edgePrices = {
  "route53.hosted-zone-month": {
    unit: "zone-month",
    isGlobal: true,
    usEast1: fromInfracost(0.5, "route53_record_test", "one public hosted zone"),
  },
  "route53.query": {
    unit: "query",
    quotedFor: 1_000_000,
    tiersFrom: [1_000_000_000],
    isGlobal: true,
    usEast1: fromInfracost([0.4, 0.2], "route53_record_test", "standard queries"),
  },
  "route53.health-check-month": {
    unit: "check-month",
    isGlobal: true,
    usEast1: fromFact("route53.price.health-check-aws"),
  },
  "route53.health-check-feature-month": {
    unit: "feature-month",
    isGlobal: true,
    usEast1: fromFact("route53.price.health-check-optional-feature"),
  },
  "cloudfront.https-request": {
    unit: "request",
    quotedFor: 10_000,
    usEast1: fromFact("cloudfront.price.https-10k-us"),
    regions: {
      "eu-west-1": fromInfracost(0.012, "cloudfront_distribution_test", "viewers in Europe"),
      "ap-southeast-1": fromInfracost(0.012, "cloudfront_distribution_test", "viewers in Asia"),
    },
  },
  "cloudfront.egress": {
    unit: "GB",
    tiersFrom: [10 * terabyte, 50 * terabyte, 150 * terabyte],
    usEast1: {
      ...fromFact("cloudfront.price.egress-gb-us-first-10tb"),
      usd: [fromFact("cloudfront.price.egress-gb-us-first-10tb").usd[0]!, 0.08, 0.06, 0.04],
      why: "the fact has the first tier; 0.080, 0.060 and 0.040 above 10, 50 and 150 TB are remembered list prices",
    },
    regions: {
      "eu-west-1": remembered(
        [0.085, 0.08, 0.06, 0.04],
        "https://aws.amazon.com/cloudfront/pricing/",
        "viewers in Europe pay what viewers in the United States pay",
      ),
      "ap-southeast-1": remembered(
        [0.12, 0.1, 0.095, 0.09],
        "https://aws.amazon.com/cloudfront/pricing/",
        "viewers in Asia; the first tier agrees with the mirror of the price list",
      ),
    },
  },
  "cloudfront.to-origin": {
    unit: "GB",
    usEast1: fromInfracost(
      0.02,
      "cloudfront_distribution_test",
      "bodies of requests to the origin",
    ),
    regions: {
      "eu-west-1": fromInfracost(0.02, "cloudfront_distribution_test", "edges in Europe"),
      "ap-southeast-1": fromInfracost(0.06, "cloudfront_distribution_test", "edges in Asia"),
    },
  },
  "waf.web-acl-month": { unit: "ACL-month", isGlobal: true, usEast1: fromFact("waf.price", 0) },
  "waf.rule-month": { unit: "rule-month", isGlobal: true, usEast1: fromFact("waf.price", 1) },
  "waf.request": {
    unit: "request",
    quotedFor: 1_000_000,
    isGlobal: true,
    usEast1: fromFact("waf.price", 2),
  },
  "api-gateway.rest-request": {
    unit: "request",
    quotedFor: 1_000_000,
    tiersFrom: [333_000_000, 1_000_000_000, 20_000_000_000],
    usEast1: tiersFromFact("api-gateway.price.rest-per-million", [[0], [1], [2], [3]]),
    regions: {
      "eu-west-1": remembered([3.5, 2.8, 2.38, 1.51], apiGatewayPage, "as in us-east-1"),
      "ap-southeast-1": remembered([4.25, 3.53, 3.0, 1.91], apiGatewayPage, "Singapore's list"),
    },
  },
  "api-gateway.http-request": {
    unit: "request",
    quotedFor: 1_000_000,
    tiersFrom: [300_000_000],
    usEast1: tiersFromFact("api-gateway.price.http-per-million", [[0], [1]]),
    regions: {
      "eu-west-1": remembered([1.11, 1.0], apiGatewayPage, "Ireland's list"),
      "ap-southeast-1": remembered([1.25, 1.15], apiGatewayPage, "Singapore's list"),
    },
  },
  "load-balancer.hour": {
    unit: "hour",
    usEast1: fromFact("alb.price", 0),
    regions: {
      "eu-west-1": remembered(0.0252, elbPage, "Ireland's list"),
      "ap-southeast-1": remembered(0.0252, elbPage, "Singapore's list"),
    },
  },
  "load-balancer.lcu-hour": {
    unit: "LCU-hour",
    usEast1: fromFact("alb.price", 1),
    regions: {
      "eu-west-1": remembered(0.008, elbPage, "as in us-east-1"),
      "ap-southeast-1": remembered(0.008, elbPage, "as in us-east-1"),
    },
  },
  "network-load-balancer.hour": {
    unit: "hour",
    usEast1: fromFact("nlb.price", 0),
    regions: {
      "eu-west-1": remembered(0.0252, elbPage, "Ireland's list"),
      "ap-southeast-1": remembered(0.0252, elbPage, "Singapore's list"),
    },
  },
  "network-load-balancer.nlcu-hour": {
    unit: "NLCU-hour",
    usEast1: fromFact("nlb.price", 1),
    regions: {
      "eu-west-1": remembered(0.006, elbPage, "as in us-east-1"),
      "ap-southeast-1": remembered(0.006, elbPage, "as in us-east-1"),
    },
  },
} satisfies Readonly<Record<string, PriceEntry>>;

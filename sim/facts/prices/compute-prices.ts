import { factOf } from "../facts.ts";
import { assumed, fromFact, type PriceEntry, remembered } from "./price-entry.ts";

const fargatePage = "https://aws.amazon.com/fargate/pricing/";
const fargateIreland = {
  source: "https://github.com/theuves/fgcalc (src/utils/data.js)",
  asOf: "2021",
  confidence: "vendor-blog",
  why: "a calculator's copy of the list; the same as us-east-1, and unchanged there since",
} as const;

/** What runs programs: containers, instances, functions. */
export const computePrices = {
  "fargate.vcpu-hour": {
    unit: "vCPU-hour",
    commitment: "fargate",
    usEast1: fromFact("fargate.price.x86", 0),
    regions: {
      "eu-west-1": assumed(0.04048, fargateIreland),
      "ap-southeast-1": remembered(0.05056, fargatePage, "Singapore's list"),
    },
  },
  "fargate.gb-hour": {
    unit: "GB-hour",
    commitment: "fargate",
    usEast1: fromFact("fargate.price.x86", 1),
    regions: {
      "eu-west-1": assumed(0.004445, fargateIreland),
      "ap-southeast-1": remembered(0.00553, fargatePage, "Singapore's list"),
    },
  },
  "lambda.request": {
    unit: "request",
    quotedFor: 1_000_000,
    usEast1: fromFact("lambda.price", 0),
    regions: {
      "eu-west-1": remembered(0.2, "https://aws.amazon.com/lambda/pricing/", "as in us-east-1"),
      "ap-southeast-1": remembered(
        0.2,
        "https://aws.amazon.com/lambda/pricing/",
        "as in us-east-1",
      ),
    },
  },
  "lambda.gb-second": {
    unit: "GB-second",
    commitment: "lambda",
    usEast1: fromFact("lambda.price", 1),
    regions: {
      "eu-west-1": remembered(
        0.0000166667,
        "https://aws.amazon.com/lambda/pricing/",
        "as in us-east-1",
      ),
      "ap-southeast-1": remembered(
        0.0000166667,
        "https://aws.amazon.com/lambda/pricing/",
        "as in us-east-1",
      ),
    },
  },
  ...c7gPrices(),
} satisfies Readonly<Record<string, PriceEntry>>;

/** `ec2.c7g.2xlarge-hour` and its like, one for each size of the fact. */
function c7gPrices(): Record<`ec2.c7g.${string}-hour`, PriceEntry> {
  const sizes = Object.keys(factOf("ec2.price.c7g").value as object);
  return Object.fromEntries(
    sizes.map((size) => [
      `ec2.c7g.${size}-hour`,
      { unit: "hour", commitment: "ec2", usEast1: fromFact("ec2.price.c7g", size) },
    ]),
  );
}

import { assertNever } from "../assert.ts";
import { KernelError } from "../kernel-error.ts";
import { cdf } from "./cdf.ts";
import type { Distribution } from "./distribution.ts";

/** What is wrong with a distribution, all at once, each with its place; empty when it can be drawn from. */
export function distributionMistakes(distribution: Distribution, at = ""): string[] {
  const need = (holds: boolean, what: string) => (holds ? [] : [`${at}${what}`]);
  switch (distribution.kind) {
    case "deterministic":
      return need(isFinite0(distribution.value), "value must be 0 or more");
    case "uniform":
      return need(
        isFinite0(distribution.low) && isFinite0(distribution.high - distribution.low),
        "low must be 0 or more and high not below it",
      );
    case "exponential":
      return need(isPositive(distribution.mean), "mean must be above 0");
    case "erlang":
      return [
        ...need(isPositive(distribution.mean), "mean must be above 0"),
        ...need(isCount(distribution.shape), "shape must be a whole number, 1 or more"),
      ];
    case "gamma":
    case "weibull":
      return [
        ...need(isPositive(distribution.shape), "shape must be above 0"),
        ...need(isPositive(distribution.scale), "scale must be above 0"),
      ];
    case "lognormal":
      return [
        ...need(isPositive(distribution.median), "median must be above 0"),
        ...need(isFinite0(distribution.sigma), "sigma must be 0 or more"),
      ];
    case "pareto":
      return [
        ...need(isPositive(distribution.shape), "shape must be above 0"),
        ...need(
          isPositive(distribution.low) && distribution.high > distribution.low,
          "low must be above 0 and high above low",
        ),
      ];
    case "hyperexponential":
      return [
        ...weightMistakes(distribution.weights, distribution.means.length, at),
        ...need(distribution.means.every(isPositive), "means must be above 0"),
      ];
    case "empirical":
      return need(
        distribution.values.length > 0 && distribution.values.every(isFinite0),
        "values must be one or more numbers, 0 or more each",
      );
    case "zipf":
      return [
        ...need(
          isCount(distribution.count) && distribution.count <= 10_000_000,
          "count must be a whole number, 1 to 10,000,000",
        ),
        ...need(isFinite0(distribution.exponent), "exponent must be 0 or more"),
      ];
    case "discrete":
      return [
        ...weightMistakes(distribution.weights, distribution.values.length, at),
        ...need(distribution.values.every(isFinite0), "values must be 0 or more"),
      ];
    case "mixture": {
      const weights = distribution.parts.map((part) => part.weight);
      return [
        ...weightMistakes(weights, weights.length, at),
        ...distribution.parts.flatMap((part, i) =>
          distributionMistakes(part.of, `${at}parts[${i}].of.`),
        ),
      ];
    }
    case "truncated":
      return truncationMistakes(distribution, at);
    case "shifted":
      return [
        ...need(isFinite0(distribution.by), "by must be 0 or more"),
        ...distributionMistakes(distribution.of, `${at}of.`),
      ];
    default:
      return assertNever(distribution, "distribution");
  }
}

/** Throws `kernel.distribution` with every mistake, or returns. */
export function requireDistribution(distribution: Distribution, at?: string): void {
  const mistakes = distributionMistakes(distribution);
  if (mistakes.length === 0) return;
  throw new KernelError({
    code: "kernel.distribution",
    problem: `The ${distribution.kind} distribution cannot be drawn from: ${mistakes.join("; ")}`,
    remedy: "Correct these numbers where the distribution is written",
    ...(at === undefined ? {} : { at }),
  });
}

function truncationMistakes(
  { of, low, high }: Extract<Distribution, { kind: "truncated" }>,
  at: string,
): string[] {
  const mistakes = distributionMistakes(of, `${at}of.`);
  if (!(high > low)) return [`${at}high must be above low`, ...mistakes];
  if (mistakes.length > 0) return mistakes;
  const holds = cdf(of, high) - cdf(of, low) > 0;
  return holds ? [] : [`${at}of must have some of its probability above low and up to high`];
}

function weightMistakes(weights: readonly number[], count: number, at: string): string[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const good = weights.length === count && weights.every(isFinite0) && isPositive(sum);
  return good ? [] : [`${at}weights must be ${count} numbers, 0 or more, not all 0`];
}

function isFinite0(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}

function isPositive(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY;
}

function isCount(value: number): boolean {
  return isPositive(value) && Math.floor(value) === value;
}

import { assertNever } from "../assert.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { distributionMistakes } from "../distributions/mistakes.ts";
import { mean } from "../distributions/moments.ts";

/** When things arrive, as data. Rates are per second, times whole or fractional microseconds from the start. */
export type ArrivalProcess =
  /** Independent arrivals at a constant rate. */
  | { readonly kind: "poisson"; readonly ratePerSecond: number }
  /** Independent arrivals at a rate that changes in steps; before the first step, and where the rate is 0, none. */
  | { readonly kind: "stepped"; readonly steps: readonly RateStep[] }
  /** Steps that repeat with a period, such as a trading day; the first step is at 0. */
  | { readonly kind: "periodic"; readonly periodUs: number; readonly steps: readonly RateStep[] }
  /** A Poisson process that switches between two rates and stays in each for an exponential time: MMPP(2). */
  | {
      readonly kind: "mmpp";
      readonly ratesPerSecond: readonly [number, number];
      readonly staysUs: readonly [number, number];
    }
  /**
   * Arrivals that excite more arrivals: each one brings on average `branching` (below 1) others, after exponential
   * times of mean `memoryUs`. Its long-run rate is basePerSecond / (1 - branching).
   */
  | {
      readonly kind: "hawkes";
      readonly basePerSecond: number;
      readonly branching: number;
      readonly memoryUs: number;
    }
  /** Independent gaps of any distribution, in microseconds. */
  | { readonly kind: "renewal"; readonly gapUs: Distribution }
  /** Several at one instant: sizes are rounded, and at least 1. */
  | { readonly kind: "batch"; readonly of: ArrivalProcess; readonly size: Distribution }
  /** These instants, ascending, and then no more. */
  | { readonly kind: "trace"; readonly atUs: readonly number[] }
  /** Several processes together. */
  | { readonly kind: "merged"; readonly parts: readonly ArrivalProcess[] };

/** From this instant on, this rate. */
export interface RateStep {
  /** Microseconds from the start, or from the start of a period. */
  readonly atUs: number;
  /** Arrivals per second, 0 or more. */
  readonly ratePerSecond: number;
}

/** Long-run arrivals per second; of a stepped process its last rate, of a trace its own average. */
export function meanRatePerSecond(process: ArrivalProcess): number {
  switch (process.kind) {
    case "poisson":
      return process.ratePerSecond;
    case "stepped":
      return process.steps[process.steps.length - 1]?.ratePerSecond ?? 0;
    case "periodic":
      return periodicMean(process.steps, process.periodUs);
    case "mmpp": {
      const [first, second] = process.staysUs;
      const [low, high] = process.ratesPerSecond;
      return (low * first + high * second) / (first + second);
    }
    case "hawkes":
      return process.basePerSecond / (1 - process.branching);
    case "renewal":
      return 1e6 / mean(process.gapUs);
    case "batch":
      return meanRatePerSecond(process.of) * mean(process.size);
    case "trace": {
      const lastUs = process.atUs[process.atUs.length - 1] ?? 0;
      return lastUs > 0 ? (process.atUs.length * 1e6) / lastUs : 0;
    }
    case "merged":
      return process.parts.reduce((sum, part) => sum + meanRatePerSecond(part), 0);
    default:
      return assertNever(process, "arrival process");
  }
}

/** What is wrong with a process, all at once, each with its place; empty when it can be drawn from. */
export function arrivalMistakes(process: ArrivalProcess, at = ""): string[] {
  const need = (holds: boolean, what: string) => (holds ? [] : [`${at}${what}`]);
  switch (process.kind) {
    case "poisson":
      return need(isRate(process.ratePerSecond), "ratePerSecond must be 0 or more");
    case "stepped":
      return need(areSteps(process.steps), "steps must ascend, with rates of 0 or more");
    case "periodic":
      return need(
        areSteps(process.steps) &&
          process.steps[0]?.atUs === 0 &&
          process.periodUs > process.steps[process.steps.length - 1]!.atUs &&
          periodicMean(process.steps, process.periodUs) > 0,
        "steps must ascend from 0 to below periodUs, with rates of 0 or more, not all 0",
      );
    case "mmpp":
      return [
        ...need(process.ratesPerSecond.every(isRate), "ratesPerSecond must be 0 or more"),
        ...need(
          process.staysUs.every((stay) => stay > 0),
          "staysUs must be above 0",
        ),
        ...need(
          process.ratesPerSecond.some((rate) => rate > 0),
          "one rate must be above 0",
        ),
      ];
    case "hawkes":
      return [
        ...need(process.basePerSecond > 0, "basePerSecond must be above 0"),
        ...need(process.branching >= 0 && process.branching < 1, "branching must be in [0, 1)"),
        ...need(process.memoryUs > 0, "memoryUs must be above 0"),
      ];
    case "renewal":
      return distributionMistakes(process.gapUs, `${at}gapUs.`);
    case "batch":
      return [
        ...arrivalMistakes(process.of, `${at}of.`),
        ...distributionMistakes(process.size, `${at}size.`),
      ];
    case "trace":
      return need(
        process.atUs.every((us, i) => us >= (process.atUs[i - 1] ?? 0)),
        "atUs must ascend from 0 or later",
      );
    case "merged":
      return process.parts.flatMap((part, i) => arrivalMistakes(part, `${at}parts[${i}].`));
    default:
      return assertNever(process, "arrival process");
  }
}

function isRate(rate: number): boolean {
  return rate >= 0 && rate < Number.POSITIVE_INFINITY;
}

function areSteps(steps: readonly RateStep[]): boolean {
  return (
    steps.length > 0 &&
    steps.every((step, i) => isRate(step.ratePerSecond) && step.atUs > (steps[i - 1]?.atUs ?? -1))
  );
}

function periodicMean(steps: readonly RateStep[], periodUs: number): number {
  let area = 0;
  for (const [i, step] of steps.entries()) {
    area += step.ratePerSecond * ((steps[i + 1]?.atUs ?? periodUs) - step.atUs);
  }
  return area / periodUs;
}

import { KernelError } from "../kernel-error.ts";
import { studentQuantile } from "../math/student.ts";
import { Tally } from "./tally.ts";

/** An estimate and how far off it may be. */
export interface Interval {
  /** The estimate. */
  readonly mean: number;
  /** Half of the interval's length; Infinity when too few values say anything. */
  readonly halfWidth: number;
  /** Mean less half width. */
  readonly low: number;
  /** Mean plus half width. */
  readonly high: number;
  /** Independent values it rests on. */
  readonly count: number;
}

/** How sure an interval is to hold the truth, as 0.95. */
export interface Confidence {
  /** Between 0 and 1. */
  readonly confidence: number;
}

/**
 * Interval for the mean from independent replications, one value each (Student's t). Throws `kernel.confidence` for a
 * confidence that is not between 0 and 1.
 */
export function replicationInterval(values: Iterable<number>, options: Confidence): Interval {
  if (!(options.confidence > 0 && options.confidence < 1)) refuseConfidence(options.confidence);
  const tally = new Tally();
  for (const value of values) tally.record(value);
  const { count } = tally;
  const mean = tally.mean();
  const halfWidth =
    count < 2
      ? Number.POSITIVE_INFINITY
      : studentQuantile(0.5 + options.confidence / 2, count - 1) *
        Math.sqrt(tally.variance() / count);
  return { mean, halfWidth, low: mean - halfWidth, high: mean + halfWidth, count };
}

/**
 * Interval for how much the second design exceeds the first, from pairs of runs with common random numbers. What luck
 * both designs share cancels in each difference, so that far fewer seeds are needed than for two separate intervals.
 * Throws `kernel.pairs` unless both have as many values.
 */
export function pairedInterval(
  first: readonly number[],
  second: readonly number[],
  options: Confidence,
): Interval {
  if (first.length !== second.length) {
    throw new KernelError({
      code: "kernel.pairs",
      problem: `Paired runs come in pairs, not ${first.length} and ${second.length}`,
      remedy: "Give one value of each design for each seed, in the same order",
    });
  }
  return replicationInterval(
    first.map((value, i) => second[i]! - value),
    options,
  );
}

function refuseConfidence(confidence: number): never {
  throw new KernelError({
    code: "kernel.confidence",
    problem: `The confidence is ${confidence}`,
    remedy: "Use a number between 0 and 1, such as 0.95",
  });
}

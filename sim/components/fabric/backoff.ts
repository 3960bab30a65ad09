import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";

/** How long a caller pauses before it tries again. */
export interface BackoffSpec {
  /**
   * What chance does to the pause: `full` takes a random part of a span that doubles with each attempt, `decorrelated` up
   * to three times the pause before, `none` the whole span, so that callers that failed together return together.
   * `full` when left out.
   */
  readonly jitter?: "full" | "decorrelated" | "none";
  /** Longest span, milliseconds. 1,024 times the first when left out. */
  readonly msMax?: number;
}

/** Doublings after which a span grows no more. */
const doublingsMax = 10;

/** The usual way: exponential with full jitter. */
export const usualBackoff: BackoffSpec = {};

/**
 * Microseconds to pause after failed attempt `attempt` (from 0). The draws are keyed by what is retried, so that two
 * designs that fail alike pause alike: `draw` is the coordinate of the first attempt's.
 */
export function pauseUs(
  spec: BackoffSpec,
  firstUs: number,
  attempt: number,
  luck: KeyedStream,
  key: number,
  seed: number,
  draw: number,
): number {
  const mostUs = (spec.msMax ?? Number.POSITIVE_INFINITY) * 1000;
  const spanUs = Math.min(mostUs, firstUs * (1 << Math.min(attempt, doublingsMax)));
  if (spec.jitter === "none") return Math.round(spanUs);
  if (spec.jitter !== "decorrelated") {
    return Math.round(spanUs * luck.uniform(key, seed, draw + attempt));
  }
  const leastUs = Math.min(firstUs, mostUs);
  let lastUs = leastUs;
  for (let at = 0; at <= attempt; at += 1) {
    const rangeUs = Math.max(0, lastUs * 3 - leastUs);
    lastUs = Math.min(mostUs, leastUs + rangeUs * luck.uniform(key, seed, draw + at));
  }
  return Math.round(lastUs);
}

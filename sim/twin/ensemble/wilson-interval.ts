import { normalQuantile } from "../../kernel/math/normal-quantile.ts";

/** A share of trials, and the interval for the probability behind it. */
export interface ShareEstimate {
  readonly hits: number;
  readonly count: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval for a probability. Unlike the textbook interval it says something when all trials, or none,
 * succeeded: 20 of 20 leaves room for 84 %. Without trials it is 0 to 1.
 */
export function wilsonInterval(hits: number, count: number, confidence: number): ShareEstimate {
  if (count === 0) return { hits, count, share: 0, low: 0, high: 1 };
  const z = normalQuantile(0.5 + confidence / 2);
  const share = hits / count;
  const widened = 1 + (z * z) / count;
  const centre = (share + (z * z) / (2 * count)) / widened;
  const half =
    (z / widened) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  // All and nothing end exactly at 1 and 0; rounding would leave a hair.
  return {
    hits,
    count,
    share,
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === count ? 1 : Math.min(1, centre + half),
  };
}

import { gammaP, gammaQ } from "./gamma.ts";

/** Probability that a standard normal variable is at most z; accurate far into both tails. */
export function normalCdf(z: number): number {
  const half = 0.5 * z * z;
  if (z < 0) return 0.5 * gammaQ(0.5, half);
  return half < 1 ? 0.5 + 0.5 * gammaP(0.5, half) : 1 - 0.5 * gammaQ(0.5, half);
}

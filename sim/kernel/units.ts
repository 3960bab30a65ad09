declare const unit: unique symbol;

/** A number that knows its unit; plain numbers are not assignable to it. */
export type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Simulated time since the run began, in whole microseconds. Never wall-clock time. */
export type SimUs = Unit<"SimUs">;

/** Latest instant the kernel can hold exactly: 2^53 - 1 microseconds, about 285 years. */
export const timeUsMax = 9_007_199_254_740_991;

/**
 * Whole microseconds nearest to a drawn duration; halves go up, negatives and less than half become 0.
 * Rounding adds no bias to a service time, where always rounding up would add half a microsecond.
 */
export function roundUs(durationUs: number): number {
  return durationUs > 0 ? Math.floor(durationUs + 0.5) : 0;
}

/**
 * Moving-block bootstrap. Rows of a time series lean on their neighbours, so whole blocks are drawn; drawing single
 * rows would make every interval too narrow.
 */
import { Stream } from "../../sim/kernel/random/stream.ts";
import { autocorrelation, type Numbers, quantileOfSorted, sorted } from "./descriptive.ts";

/**
 * Length of a block: twice the lag before the first one at which the autocorrelation is insignificant, and one more; 1 for
 * rows that do not resemble their neighbours, at most a fifth of the series. A block as long as the memory itself would cut
 * half of it off at its ends.
 */
export function blockLength(residuals: Numbers): number {
  const n = residuals.length;
  const lagMax = Math.max(1, Math.floor(n / 5));
  const bound = 1.96 / Math.sqrt(Math.max(1, n));
  for (let lag = 1; lag <= lagMax; lag += 1) {
    if (Math.abs(autocorrelation(residuals, lag)) < bound) return Math.min(lagMax, 2 * lag - 1);
  }
  return lagMax;
}

/** Row numbers of one resample: blocks of consecutive rows, from anywhere, until as many rows as before. */
export function resampleBlocks(stream: Stream, n: number, length: number): Int32Array {
  const rows = new Int32Array(n);
  const starts = Math.max(1, n - length + 1);
  for (let at = 0; at < n; ) {
    const start = stream.int(starts);
    for (let i = 0; i < length && at < n; i += 1, at += 1) rows[at] = start + i;
  }
  return rows;
}

export interface BootstrapOptions {
  readonly rows: number;
  readonly block: number;
  readonly replicates: number;
  readonly seed: string;
}

/**
 * 90 % intervals by percentiles, one for each number that `refit` returns. Resamples that cannot be fitted (`refit`
 * gives undefined) are left out.
 */
export function bootstrapIntervals(
  { rows, block, replicates, seed }: BootstrapOptions,
  refit: (rows: Int32Array) => readonly number[] | undefined,
): readonly (readonly [number, number])[] {
  const stream = new Stream(seed, "calibration.bootstrap");
  const found: (readonly number[])[] = [];
  for (let i = 0; i < replicates; i += 1) {
    const values = refit(resampleBlocks(stream, rows, block));
    if (values?.every(Number.isFinite)) found.push(values);
  }
  const width = found[0]?.length ?? 0;
  return Array.from({ length: width }, (_, column) => {
    const ascending = sorted(found.map((values) => values[column]!));
    return [quantileOfSorted(ascending, 0.05), quantileOfSorted(ascending, 0.95)] as const;
  });
}

/** Plain descriptions of samples. All take plain or typed arrays and leave them as they are. */

export type Numbers = ArrayLike<number>;

export function sum(values: Numbers): number {
  let total = 0;
  for (let i = 0; i < values.length; i += 1) total += values[i]!;
  return total;
}

export function mean(values: Numbers): number {
  return values.length === 0 ? Number.NaN : sum(values) / values.length;
}

/** Unbiased sample variance; NaN for fewer than two values. */
export function variance(values: Numbers): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += (values[i]! - centre) ** 2;
  return squares / (values.length - 1);
}

export function standardDeviation(values: Numbers): number {
  return Math.sqrt(variance(values));
}

export function sorted(values: Numbers): Float64Array {
  return Float64Array.from(values).sort();
}

/** Quantile of ascending values by interpolation (type 7, as in R and NumPy). */
export function quantileOfSorted(ascending: Numbers, p: number): number {
  if (ascending.length === 0) return Number.NaN;
  const at = p * (ascending.length - 1);
  const below = Math.floor(at);
  const low = ascending[below]!;
  return below + 1 < ascending.length ? low + (at - below) * (ascending[below + 1]! - low) : low;
}

export function quantile(values: Numbers, p: number): number {
  return quantileOfSorted(sorted(values), p);
}

export function median(values: Numbers): number {
  return quantile(values, 0.5);
}

/** Median absolute deviation, scaled to the standard deviation of a normal sample. */
export function robustDeviation(values: Numbers): number {
  const centre = median(values);
  return 1.4826 * median(Float64Array.from(values, (value) => Math.abs(value - centre)));
}

export function correlation(a: Numbers, b: Numbers): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i += 1) {
    ab += (a[i]! - meanA) * (b[i]! - meanB);
    aa += (a[i]! - meanA) ** 2;
    bb += (b[i]! - meanB) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
}

/** Autocorrelation at a lag of a series, about its own mean. */
export function autocorrelation(values: Numbers, lag: number): number {
  const centre = mean(values);
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < values.length; i += 1) {
    bottom += (values[i]! - centre) ** 2;
    if (i >= lag) top += (values[i]! - centre) * (values[i - lag]! - centre);
  }
  return bottom > 0 ? top / bottom : 0;
}

/** Distinct values, ascending. */
export function distinct(values: Numbers): readonly number[] {
  return [...new Set(Array.from(values))].sort((a, b) => a - b);
}

/** Least of the values; Infinity for none. (Math.min takes no more arguments than fit on the stack.) */
export function least(values: Numbers): number {
  let found = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) found = Math.min(found, values[i]!);
  return found;
}

/** Greatest of the values; -Infinity for none. */
export function greatest(values: Numbers): number {
  let found = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) found = Math.max(found, values[i]!);
  return found;
}

/** Euclidean length. */
export function lengthOf(values: Numbers): number {
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += values[i]! * values[i]!;
  return Math.sqrt(squares);
}

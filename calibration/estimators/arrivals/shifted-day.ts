/**
 * Counts without times do not tell when some of them are missing: the hours of the day then stand elsewhere from there on. The
 * usual day before and after tells by how much.
 */
import type { BinnedCounts } from "./profile.ts";

/** Days that make a usual day, and how alike two usual days must be at their best, and how much more than as they stand. */
const daysMin = 3;
const likenessMin = 0.7;
const gainMin = 0.5;

/** Hours by which the day of the later part stands later than that of the part before; `undefined` where it stands as it was. */
export function shiftedDayHours(data: BinnedCounts, cut: number): number | undefined {
  const perDay = Math.round(86_400 / data.binSeconds);
  const isEven = Math.abs(perDay * data.binSeconds - 86_400) < 1;
  if (!isEven || perDay < 12 || Math.min(cut, data.counts.length - cut) < daysMin * perDay)
    return undefined;
  const before = usualDay(data.counts, 0, cut, perDay);
  const after = usualDay(data.counts, cut, data.counts.length, perDay);
  const likeness = before.map((_, lag) => correlation(before, after, lag));
  const best = likeness.reduce((a, each, lag) => (each > likeness[a]! ? lag : a), 0);
  if (!(likeness[best]! >= likenessMin && likeness[best]! - likeness[0]! >= gainMin))
    return undefined;
  const hours = (best * data.binSeconds) / 3600;
  return hours > 12 ? hours - 24 : hours;
}

/** Mean of each bin of the day. */
function usualDay(counts: Float64Array, from: number, to: number, perDay: number): number[] {
  const sums = new Float64Array(perDay);
  const seen = new Float64Array(perDay);
  for (let at = from; at < to; at += 1) {
    if (Number.isNaN(counts[at]!)) continue;
    sums[at % perDay]! += counts[at]!;
    seen[at % perDay]! += 1;
  }
  return Array.from(sums, (sum, bin) => sum / seen[bin]!);
}

/** Of one day with another that stands later by so many bins. */
function correlation(a: readonly number[], b: readonly number[], lag: number): number {
  const n = a.length;
  const later = a.map((_, i) => b[(i + lag) % n]!);
  const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / n;
  const [meanA, meanB] = [mean(a), mean(later)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    ab += (a[i]! - meanA) * (later[i]! - meanB);
    aa += (a[i]! - meanA) ** 2;
    bb += (later[i]! - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Takes the time of day out of a series, as a ratio to the median of that time over the whole series. */
import { median } from "../../statistics/descriptive.ts";

export interface TimedValues {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

const hourMs = 3_600_000;

/** Hourly medians of anything finer: neighbours within an hour repeat one another more than they add. */
export function hourlyMedians({ timesMs, values }: TimedValues): TimedValues {
  const times: number[] = [];
  const medians: number[] = [];
  for (let at = 0; at < values.length; ) {
    const hour = Math.floor(timesMs[at]! / hourMs);
    let end = at;
    while (end < values.length && Math.floor(timesMs[end]! / hourMs) === hour) end += 1;
    times.push(hour * hourMs);
    medians.push(median(values.subarray(at, end)));
    at = end;
  }
  return { timesMs: Float64Array.from(times), values: Float64Array.from(medians) };
}

/**
 * Each value less what its hour usually lies above the median of its own day, so that a level that shifts for good is
 * not taken for a time of day. Needs four days, or gives the input back.
 */
export function withoutTimeOfDay(series: TimedValues): TimedValues {
  const { timesMs, values } = series;
  const days = (timesMs.at(-1)! - timesMs[0]!) / (24 * hourMs);
  if (days < 4) return series;
  const hourOf = (i: number) => Math.floor(timesMs[i]! / hourMs) % 24;
  const above: number[][] = Array.from({ length: 24 }, () => []);
  for (let at = 0; at < values.length; ) {
    const day = Math.floor(timesMs[at]! / (24 * hourMs));
    let end = at;
    while (end < values.length && Math.floor(timesMs[end]! / (24 * hourMs)) === day) end += 1;
    const level = median(values.subarray(at, end));
    // A day that is mostly missing has no level.
    for (let i = at; end - at >= 12 && i < end; i += 1) above[hourOf(i)]!.push(values[i]! - level);
    at = end;
  }
  const usual = above.map((same) => (same.length >= 3 ? median(same) : 0));
  return { timesMs, values: values.map((value, i) => value - usual[hourOf(i)]!) };
}

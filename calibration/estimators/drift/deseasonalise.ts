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

/** Each value less what its hour of day usually adds to the overall median. Needs a week, or gives the input back. */
export function withoutTimeOfDay(series: TimedValues): TimedValues {
  const { timesMs, values } = series;
  const days = (timesMs.at(-1)! - timesMs[0]!) / (24 * hourMs);
  if (days < 4) return series;
  const hourOf = (i: number) => Math.floor(timesMs[i]! / hourMs) % 24;
  const overall = median(values);
  const usual = Array.from({ length: 24 }, (_, hour) => {
    const same = values.filter((_value, i) => hourOf(i) === hour);
    return same.length >= 3 ? median(same) : overall;
  });
  return { timesMs, values: values.map((value, i) => value - usual[hourOf(i)]! + overall) };
}

/** Short exports put together: one of five minutes tells nothing by itself, and many of them in a row do. */
import { seriesName } from "../mapping/propose-mapping.ts";
import { createSeries, type Series } from "../series/series.ts";
import { groupBy } from "../tables/group-by.ts";

/** Periods that an export needs to be judged by itself, and periods that shorter ones are gathered up to. */
export const aloneMin = 8;
const gatheredMax = 60;

/** Periods from the first to the last point of any series. */
export function periodsOf(series: readonly Series[]): number {
  const [first] = series;
  if (first === undefined) return 0;
  const from = Math.min(...series.map(({ timesMs }) => timesMs[0]!));
  const to = Math.max(...series.map(({ timesMs }) => timesMs.at(-1)!));
  return Math.round((to - from) / (first.periodSec * 1000)) + 1;
}

/**
 * The series of an export with those that came before it, no longer back than the latest periods that are gathered. Where
 * both have a point of one time, the new export's stands.
 */
export function joinExports(
  before: readonly Series[],
  fresh: readonly Series[],
  file: string,
): readonly Series[] {
  const endMs = Math.max(...fresh.map(({ timesMs }) => timesMs.at(-1)!));
  const groups = groupBy([...before, ...fresh], seriesName);
  return [...groups.values()].flatMap((same) => {
    const last = same.at(-1)!;
    const fromMs = endMs - (gatheredMax - 1) * last.periodSec * 1000;
    const points = same.flatMap(({ timesMs, values }) =>
      Array.from(timesMs, (atMs, i) => [atMs, values[i]!] as const).filter(
        ([atMs]) => atMs >= fromMs,
      ),
    );
    if (points.length === 0) return [];
    const raw = {
      timesMs: points.map(([atMs]) => atMs),
      values: points.map(([, value]) => value),
      periodSec: last.periodSec,
    };
    return [createSeries(last, raw, file)];
  });
}

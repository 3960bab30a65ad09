/** Load tests, level by level: does Little's law hold, is there a knee, which points stand out? */
import { distinct, mean, median, robustDeviation } from "../../statistics/descriptive.ts";

/** One level of one test. Throughput per second; response in seconds where it was measured. */
export interface LoadPoint {
  readonly load: number;
  readonly throughput: number;
  readonly responseSeconds: number | null;
  readonly line: number;
  /** Row of the table, from 0. */
  readonly row: number;
}

export interface LittlePoint extends LoadPoint {
  /** Throughput times response over load: 1 when the three belong together. `null` when it cannot be computed. */
  readonly little: number | null;
}

/** Distance of X R / N from 1 beyond which a point is not fitted. */
export const littleTolerance = 0.2;

export function withLittle(
  points: readonly LoadPoint[],
  isClosed: boolean,
): readonly LittlePoint[] {
  return points.map((point) => ({
    ...point,
    little:
      isClosed && point.responseSeconds !== null && point.load > 0
        ? (point.throughput * point.responseSeconds) / point.load
        : null,
  }));
}

export function breaksLittle({ little }: LittlePoint): boolean {
  return little !== null && Math.abs(little - 1) > littleTolerance;
}

export interface Knee {
  /** Load from which throughput no longer grows by 5 % a doubling, and the greatest throughput. */
  readonly load: number;
  readonly capacity: number;
  /** Lowest and greatest throughput among the levels from the knee on. */
  readonly plateau: readonly [number, number];
}

/** Growth of throughput over growth of load below which a step counts as flat. */
const flatShare = 0.15;

/**
 * A closed-loop knee: the throughput stops following the load. At least two levels must lie on the plateau, or there
 * is only a bound.
 */
export function findKnee(points: readonly LoadPoint[]): Knee | undefined {
  const ordered = byLevel(points);
  for (let i = 0; i + 1 < ordered.length; i += 1) {
    const from = ordered[i]!;
    const rest = ordered.slice(i);
    const isFlat = rest.slice(1).every((point, k) => {
      const before = rest[k]!;
      return (
        Math.log(point.throughput / before.throughput) <
        flatShare * Math.log(point.load / before.load)
      );
    });
    if (!isFlat) continue;
    const values = rest.map((point) => point.throughput);
    return {
      load: from.load,
      capacity: Math.max(...values),
      plateau: [Math.min(...values), Math.max(...values)],
    };
  }
  return undefined;
}

/** One point a level: the mean of its repetitions. */
function byLevel(points: readonly LoadPoint[]): readonly LoadPoint[] {
  return distinct(points.map(({ load }) => load)).map((load) => {
    const same = points.filter((point) => point.load === load);
    return { ...same[0]!, throughput: mean(same.map(({ throughput }) => throughput)) };
  });
}

/** An open-loop knee: the rate achieved falls behind the rate asked for, and stays behind. */
export function findShortfall(points: readonly LoadPoint[]): Knee | undefined {
  const ordered = [...points].sort((a, b) => a.load - b.load);
  const first = ordered.findIndex((_, i) =>
    ordered.slice(i).every((point) => point.throughput < 0.97 * point.load),
  );
  if (first < 0) return undefined;
  const values = ordered.slice(Math.max(0, first - 1)).map((point) => point.throughput);
  return {
    load: ordered[first]!.load,
    capacity: Math.max(...values),
    plateau: [Math.min(...values), Math.max(...values)],
  };
}

/** Rows whose value lies far above the running median of their neighbours. */
export function outlierRows(values: readonly number[]): readonly number[] {
  if (values.length < 5) return [];
  const gaps = values.map((value, i) => {
    const near = values.filter((_, k) => k !== i && Math.abs(k - i) <= 3);
    return Math.log(value / median(near));
  });
  const spread = Math.max(robustDeviation(gaps), 0.05);
  return gaps.flatMap((gap, i) => (gap > 6 * spread && gap > Math.log(1.5) ? [i] : []));
}

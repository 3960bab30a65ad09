/** How much the same work varies between hosts and within one host: one-way random effects, unbalanced. */

import { studentQuantile } from "../../../sim/kernel/math/student.ts";
import { Stream } from "../../../sim/kernel/random/stream.ts";
import { blockLength, resampleBlocks } from "../../statistics/bootstrap.ts";
import { chiSquareQuantile } from "../../statistics/chi-square.ts";
import { mean, quantileOfSorted, sorted, variance } from "../../statistics/descriptive.ts";

export interface VarianceComponents {
  readonly mean: number;
  readonly betweenDeviation: number;
  readonly withinDeviation: number;
  /** Share of the variance that lies between hosts. */
  readonly intraclass: number;
}

/** Values of each host in the order of time. */
export function varianceComponents(hosts: readonly Float64Array[]): VarianceComponents {
  const counts = hosts.map((each) => each.length);
  const total = counts.reduce((a, b) => a + b, 0);
  const means = hosts.map((each) => mean(each));
  const grand = hosts.reduce((sum, each, i) => sum + means[i]! * each.length, 0) / total;
  const k = hosts.length;
  let within = 0;
  let between = 0;
  for (const [i, values] of hosts.entries()) {
    within += (variance(values) || 0) * (values.length - 1);
    between += values.length * (means[i]! - grand) ** 2;
  }
  const withinSquare = within / Math.max(1, total - k);
  const size = (total - counts.reduce((sum, n) => sum + n * n, 0) / total) / Math.max(1, k - 1);
  const betweenSquare = k > 1 ? Math.max(0, (between / (k - 1) - withinSquare) / size) : Number.NaN;
  return {
    mean: mean(means),
    betweenDeviation: Math.sqrt(betweenSquare),
    withinDeviation: Math.sqrt(withinSquare),
    intraclass: betweenSquare / (betweenSquare + withinSquare),
  };
}

export type ComponentIntervals = Readonly<
  Record<keyof VarianceComponents, readonly [number, number]>
>;

/**
 * 90 % interval of the deviation between hosts, from the chi-square distribution of the spread of so few means; a
 * bootstrap over three hosts would be far too narrow.
 */
export function betweenInterval(deviation: number, hosts: number): readonly [number, number] {
  const freedom = hosts - 1;
  return [
    deviation * Math.sqrt(freedom / chiSquareQuantile(0.95, freedom)),
    deviation * Math.sqrt(freedom / chiSquareQuantile(0.05, freedom)),
  ];
}

/**
 * 90 % interval of the mean over hosts, by Student's t on the means of so few; one host alone tells only of its own mean,
 * by the bootstrap.
 */
export function meanInterval(
  hosts: readonly Float64Array[],
  alone: readonly [number, number],
): readonly [number, number] {
  if (hosts.length < 2) return alone;
  const means = hosts.map((each) => mean(each));
  const half = studentQuantile(0.95, hosts.length - 1) * Math.sqrt(variance(means) / hosts.length);
  return [mean(means) - half, mean(means) + half];
}

/** 90 % intervals: hosts are drawn anew, and blocks of time within each. */
export function componentIntervals(
  hosts: readonly Float64Array[],
  seed: string,
): ComponentIntervals {
  const stream = new Stream(seed, "calibration.capacity");
  const blocks = hosts.map((each) => blockLength(each.length > 400 ? each.subarray(0, 400) : each));
  const draws: VarianceComponents[] = [];
  for (let i = 0; i < 300; i += 1) {
    draws.push(
      varianceComponents(
        hosts.map(() => {
          const h = stream.int(hosts.length);
          const values = hosts[h]!;
          const rows = resampleBlocks(stream, values.length, Math.min(values.length, blocks[h]!));
          return Float64Array.from(rows, (row) => values[row]!);
        }),
      ),
    );
  }
  const interval = (key: keyof VarianceComponents): readonly [number, number] => {
    const ascending = sorted(draws.map((draw) => draw[key]).filter(Number.isFinite));
    return [quantileOfSorted(ascending, 0.05), quantileOfSorted(ascending, 0.95)];
  };
  return {
    mean: interval("mean"),
    betweenDeviation: interval("betweenDeviation"),
    withinDeviation: interval("withinDeviation"),
    intraclass: interval("intraclass"),
  };
}

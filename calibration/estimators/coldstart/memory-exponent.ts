/** How time falls with memory: processor share is proportional to memory, so CPU-bound work goes as memory^-1. */
import { studentQuantile } from "../../../sim/kernel/math/student.ts";
import { mean, median } from "../../statistics/descriptive.ts";

export interface MemoryExponent {
  /** Time is proportional to memory to the power of minus this; 1 is CPU-bound, 0 does not care. */
  readonly exponent: number;
  readonly interval: readonly [number, number] | null;
  readonly levels: number;
}

/** A straight line through the logarithms of the medians at each memory size. */
export function fitMemoryExponent(
  samples: readonly { readonly memoryMb: number; readonly values: Float64Array }[],
): MemoryExponent {
  const x = samples.map(({ memoryMb }) => Math.log(memoryMb));
  const y = samples.map(({ values }) => Math.log(median(values)));
  const n = x.length;
  const [centreX, centreY] = [mean(x), mean(y)];
  const xx = x.reduce((sum, each) => sum + (each - centreX) ** 2, 0);
  const slope = x.reduce((sum, each, i) => sum + (each - centreX) * (y[i]! - centreY), 0) / xx;
  if (n < 3) return { exponent: -slope, interval: null, levels: n };
  const rss = y.reduce(
    (sum, each, i) => sum + (each - centreY - slope * (x[i]! - centreX)) ** 2,
    0,
  );
  const half = studentQuantile(0.95, n - 2) * Math.sqrt(rss / (n - 2) / xx);
  return { exponent: -slope, interval: [-slope - half, -slope + half], levels: n };
}

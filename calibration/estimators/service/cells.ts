/**
 * Durations as counted cells. A duration is never known exactly: it was rounded, or floored, or the clock ticks. So
 * every likelihood is that of falling into a cell, and long samples cost no more than their distinct cells.
 */
import { quantileOfSorted, sorted } from "../../statistics/descriptive.ts";

export interface Cells {
  /** Edges of each cell: the value lies in (low, high]. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly counts: Float64Array;
  readonly total: number;
  /** Step to which the data were rounded; `null` when it does not matter (below 0.2 % of the median). */
  readonly rounding: number | null;
}

export type Rounding = "nearest" | "floor";

/** Cells of a sample of durations above or equal to 0. */
export function cellsOf(values: ArrayLike<number>, rounding: Rounding): Cells {
  const ascending = sorted(values);
  const step = roundingStep(ascending);
  const middle = quantileOfSorted(ascending, 0.5);
  const matters = step !== null && step > 0.002 * middle;
  return matters ? roundedCells(ascending, step, rounding) : fineCells(ascending);
}

/** The coarsest power of ten of which all values are whole multiples; `null` when there is none. */
function roundingStep(ascending: Float64Array): number | null {
  const largest = ascending.at(-1)!;
  if (!(largest > 0)) return null;
  const sample =
    ascending.length > 2000
      ? ascending.filter((_, i) => i % Math.ceil(ascending.length / 2000) === 0)
      : ascending;
  const top = Math.floor(Math.log10(largest));
  for (let power = top; power >= top - 9; power -= 1) {
    const step = 10 ** power;
    if (
      sample.every(
        (value) =>
          Math.abs(value / step - Math.round(value / step)) < 1e-6 * Math.max(1, value / step),
      )
    ) {
      return step;
    }
  }
  return null;
}

function roundedCells(ascending: Float64Array, step: number, rounding: Rounding): Cells {
  const offset = rounding === "nearest" ? 0.5 : 0;
  return collect(
    ascending,
    (value) => Math.round(value / step),
    (mark) => [Math.max(0, (mark - offset) * step), (mark + 1 - offset) * step],
    step,
  );
}

/** Most cells of a long sample: likelihoods over more would tell the families apart no better. */
const cellsMax = 120;

/** Cells of a thousandth of their value in short samples, and of equal ratio, at most so many, in long ones. */
function fineCells(ascending: Float64Array): Cells {
  const least = ascending.find((value) => value > 0) ?? 1;
  const span = Math.log(Math.max(ascending.at(-1)! / least, 1.001));
  const width = ascending.length > 500 ? Math.max(0.005, span / cellsMax) : 0.001;
  return collect(
    ascending,
    (value) => Math.floor(Math.log(Math.max(value, least * 0.999) / least) / width),
    (mark) => [least * Math.exp(mark * width), least * Math.exp((mark + 1) * width)],
    null,
  );
}

function collect(
  ascending: Float64Array,
  markOf: (value: number) => number,
  edges: (mark: number) => readonly [number, number],
  rounding: number | null,
): Cells {
  const marks: number[] = [];
  const counts: number[] = [];
  for (const value of ascending) {
    const mark = markOf(value);
    if (marks.at(-1) === mark) counts[counts.length - 1]! += 1;
    else {
      marks.push(mark);
      counts.push(1);
    }
  }
  return {
    low: Float64Array.from(marks, (mark) => edges(mark)[0]),
    high: Float64Array.from(marks, (mark) => edges(mark)[1]),
    counts: Float64Array.from(counts),
    total: ascending.length,
    rounding,
  };
}

/** Log-likelihood of the cells under a cdf. */
export function logLikelihood({ low, high, counts }: Cells, cdf: (x: number) => number): number {
  let total = 0;
  let before = Number.NaN;
  let edge = Number.NaN;
  for (let i = 0; i < counts.length; i += 1) {
    // Neighbouring cells share an edge; the cdf there is computed once.
    const below = edge === low[i]! ? before : cdf(low[i]!);
    before = cdf(high[i]!);
    edge = high[i]!;
    total += counts[i]! * Math.log(Math.max(1e-300, before - below));
  }
  return total;
}

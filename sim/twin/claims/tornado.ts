/** Which assumptions move what was promised most: each taken to both ends of its range, all others as they are. */
import type { AssumptionRange } from "./claim-types.ts";

/** What is looked at, and what it is measured by. */
export interface TornadoMeasure {
  readonly id: "rto" | "rpo" | "capacity";
  /** For people: `seconds until all functions are back after the loss of a zone`. */
  readonly words: string;
  readonly unit: string;
  /** A scenario, or the id of a capacity search. */
  readonly scenario?: string;
  readonly capacity?: string;
}

export interface TornadoPlan {
  readonly measures: readonly TornadoMeasure[];
  readonly assumptions: readonly TornadoAssumption[];
}

export interface TornadoAssumption extends AssumptionRange {
  /** Measures that it can move at all, and that are tried: what only matters after a fault moves no capacity. All when left out. */
  readonly moves?: readonly TornadoMeasure["id"][];
}

export function canMove({ moves }: TornadoAssumption, { id }: TornadoMeasure): boolean {
  return moves === undefined || moves.includes(id);
}

/** A measure with one assumption elsewhere in its range; null where the run ended before it was over. */
export type MeasureAt = (
  measure: TornadoMeasure,
  variant?: { readonly range: AssumptionRange; readonly value: unknown },
) => number | null;

export interface TornadoBar extends AssumptionRange {
  readonly atLow: number | null;
  readonly atHigh: number | null;
  /** Distance between the farthest of low, usual and high; null when one of them has no bound. */
  readonly swing: number | null;
}

export interface Tornado extends TornadoMeasure {
  readonly usual: number | null;
  /** The one that moves it most comes first; those that move nothing last, in the order of the plan. */
  readonly bars: readonly TornadoBar[];
}

export function tornadoes(plan: TornadoPlan, measureAt: MeasureAt): readonly Tornado[] {
  return plan.measures.map((measure) => {
    const usual = measureAt(measure);
    const tried = plan.assumptions.filter((assumption) => canMove(assumption, measure));
    const bars = tried.map(({ moves: _, ...range }): TornadoBar => {
      const atLow = measureAt(measure, { range, value: range.low });
      const atHigh = measureAt(measure, { range, value: range.high });
      return { ...range, atLow, atHigh, swing: swingOf([usual, atLow, atHigh]) };
    });
    return { ...measure, usual, bars: bars.sort((one, other) => sizeOf(other) - sizeOf(one)) };
  });
}

function swingOf(values: readonly (number | null)[]): number | null {
  const bounded = values.filter((value) => value !== null);
  if (bounded.length === 0) return 0;
  return bounded.length < values.length ? null : Math.max(...bounded) - Math.min(...bounded);
}

function sizeOf({ swing }: TornadoBar): number {
  return swing ?? Number.POSITIVE_INFINITY;
}

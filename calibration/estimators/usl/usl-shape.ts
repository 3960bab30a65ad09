/** Whether throughput follows the load at all: three parameters can be fitted to anything. */
import { betaPart } from "../../../sim/kernel/math/student.ts";
import { distinct, mean } from "../../statistics/descriptive.ts";
import type { UslPoints } from "./usl-interval.ts";

/**
 * `flat`: throughput does not change with the load, beyond chance or beyond 2 %; `straight`: it grows as the load does;
 * `bent`: something between, which is what the law is for.
 */
export type UslShape = "flat" | "straight" | "bent";

/** Chance below which a simpler curve is given up, and change of throughput that counts for none. */
const chanceMax = 0.05;
const flatShare = 0.02;

/** `squares` of the full law with three parameters. */
export function shapeOf(data: UslPoints, squares: number): UslShape {
  const load = Array.from(data.load);
  const throughput = Array.from(data.throughput);
  const centre = mean(throughput);
  const flatSquares = throughput.reduce((total, each) => total + (each - centre) ** 2, 0);
  const slope =
    throughput.reduce((total, each, i) => total + each * load[i]!, 0) /
    load.reduce((total, each) => total + each * each, 0);
  const straightSquares = throughput.reduce(
    (total, each, i) => total + (each - slope * load[i]!) ** 2,
    0,
  );
  const n = throughput.length;
  const tiny = 1e-9 * n * centre * centre;
  if (changeOf(load, throughput) < flatShare || !isWorse(flatSquares, squares, n, tiny))
    return "flat";
  return isWorse(straightSquares, squares, n, tiny) ? "bent" : "straight";
}

/** Greatest less least mean of a level, over the mean of all. */
function changeOf(load: readonly number[], throughput: readonly number[]): number {
  const levels = distinct(load).map((level) =>
    mean(throughput.filter((_, i) => load[i] === level)),
  );
  return (Math.max(...levels) - Math.min(...levels)) / mean(throughput);
}

/** Whether a curve with two parameters fewer fits worse than chance explains (F test). */
function isWorse(simple: number, full: number, n: number, tiny: number): boolean {
  const freedom = n - 3;
  if (freedom < 1) return simple > tiny;
  if (simple - full <= tiny) return false;
  const ratio = (simple - full) / 2 / Math.max(full / freedom, 1e-300);
  return betaPart(freedom / (freedom + 2 * ratio), freedom / 2, 1) < chanceMax;
}

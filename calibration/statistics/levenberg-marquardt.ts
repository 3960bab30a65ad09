/**
 * Bounded nonlinear least squares by Levenberg and Marquardt, with what a calibration needs beside the minimum:
 * the Jacobian, the covariance, which parameters stopped on a bound, and whether it converged.
 * (ml-levenberg-marquardt gives neither covariance nor convergence, and its default steps are off by 2 in 10,000.)
 */

import { EigenvalueDecomposition, inverse, Matrix, solve } from "ml-matrix";
import { lengthOf } from "./descriptive.ts";

export interface LeastSquaresProblem {
  /** Weighted residuals at the parameters. */
  readonly residuals: (parameters: readonly number[]) => Float64Array;
  readonly start: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface LeastSquaresFit {
  readonly parameters: readonly number[];
  /** Sum of squared residuals. */
  readonly squares: number;
  readonly jacobian: Matrix;
  /** Covariance for unit residual variance scaled by the residual variance; undefined where it is singular. */
  readonly covariance: Matrix | undefined;
  readonly onBound: readonly boolean[];
  readonly converged: boolean;
  /** Largest over smallest singular value of the Jacobian with columns scaled to one length. */
  readonly condition: number;
  /** The direction that the data say least about, in scaled parameters. */
  readonly sloppiest: readonly number[];
}

const stepsMax = 400;

export function leastSquares(problem: LeastSquaresProblem): LeastSquaresFit {
  const { residuals, low, high } = problem;
  let at = clip(problem.start, low, high);
  let r = residuals(at);
  let squares = norm2(r);
  let damping = 1e-3;
  let converged = false;
  for (let step = 0; step < stepsMax && !converged; step += 1) {
    const j = jacobianAt(problem, at, r.length);
    const hessian = j.transpose().mmul(j);
    const gradient = j.transpose().mmul(Matrix.columnVector(r));
    let improved = false;
    for (let attempt = 0; attempt < 30; attempt += 1) {
      const next = proposal({ hessian, gradient, at, low, high, damping });
      const nextR = residuals(next);
      const nextSquares = norm2(nextR);
      if (nextSquares <= squares) {
        const moved = Math.max(
          ...next.map((value, i) => Math.abs(value - at[i]!) / (Math.abs(at[i]!) + 1e-12)),
        );
        converged = moved < 1e-10 || squares - nextSquares <= 1e-14 * squares;
        at = next;
        r = nextR;
        squares = nextSquares;
        damping = Math.max(1e-12, damping / 5);
        improved = true;
        break;
      }
      damping *= 4;
    }
    if (!improved) converged = true;
  }
  return conclude(problem, at, r, squares, converged);
}

interface Proposal {
  readonly hessian: Matrix;
  readonly gradient: Matrix;
  readonly at: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly damping: number;
}

/** A damped Gauss-Newton step; parameters that push against their bound are held there. */
function proposal({ hessian, gradient, at, low, high, damping }: Proposal): number[] {
  const free = at
    .map((_, i) => i)
    .filter((i) => {
      const g = gradient.get(i, 0);
      return !((at[i]! <= low[i]! && g > 0) || (at[i]! >= high[i]! && g < 0));
    });
  if (free.length === 0) return [...at];
  const a = new Matrix(free.length, free.length);
  const b = new Matrix(free.length, 1);
  for (const [row, i] of free.entries()) {
    for (const [column, k] of free.entries()) a.set(row, column, hessian.get(i, k));
    a.set(row, row, hessian.get(i, i) * (1 + damping) + 1e-300);
    b.set(row, 0, -gradient.get(i, 0));
  }
  const step = solve(a, b, true);
  const next = [...at];
  for (const [row, i] of free.entries()) next[i] = at[i]! + step.get(row, 0);
  return clip(next, low, high);
}

function jacobianAt(problem: LeastSquaresProblem, at: readonly number[], rows: number): Matrix {
  const j = new Matrix(rows, at.length);
  for (let column = 0; column < at.length; column += 1) {
    const span = problem.high[column]! - problem.low[column]!;
    const scale = Number.isFinite(span) ? span * 1e-9 : 1e-12;
    const h = Math.max(Math.abs(at[column]!) * 1e-6, scale);
    const up = [...at];
    const down = [...at];
    up[column] = Math.min(problem.high[column]!, at[column]! + h);
    down[column] = Math.max(problem.low[column]!, at[column]! - h);
    const width = up[column]! - down[column]!;
    if (!(width > 0)) continue;
    const above = problem.residuals(up);
    const below = problem.residuals(down);
    for (let row = 0; row < rows; row += 1) {
      j.set(row, column, (above[row]! - below[row]!) / width);
    }
  }
  return j;
}

function conclude(
  problem: LeastSquaresProblem,
  at: readonly number[],
  r: Float64Array,
  squares: number,
  converged: boolean,
): LeastSquaresFit {
  const jacobian = jacobianAt(problem, at, r.length);
  const onBound = at.map(
    (value, i) => isOn(value, problem.low[i]!) || isOn(value, problem.high[i]!),
  );
  const { condition, sloppiest } = directions(jacobian);
  const freedom = r.length - at.length;
  return {
    parameters: at,
    squares,
    jacobian,
    covariance: freedom > 0 ? covarianceOf(jacobian, onBound, squares / freedom) : undefined,
    onBound,
    converged,
    condition,
    sloppiest,
  };
}

/** Of the free parameters; a parameter on its bound has no variance here, and its caller must not quote one. */
function covarianceOf(
  j: Matrix,
  onBound: readonly boolean[],
  variance: number,
): Matrix | undefined {
  const free = onBound.flatMap((bound, i) => (bound ? [] : [i]));
  const full = Matrix.zeros(onBound.length, onBound.length);
  if (free.length === 0) return full;
  const part = j.subMatrixColumn(free);
  const scales = free.map((_, i) => lengthOf(part.getColumn(i)) || 1);
  for (const [i, scale] of scales.entries()) part.mulColumn(i, 1 / scale);
  let inner: Matrix;
  try {
    inner = inverse(part.transpose().mmul(part), true);
  } catch {
    return undefined;
  }
  for (const [a, i] of free.entries()) {
    for (const [b, k] of free.entries()) {
      full.set(i, k, (inner.get(a, b) * variance) / (scales[a]! * scales[b]!));
    }
  }
  return full;
}

function directions(j: Matrix): { condition: number; sloppiest: readonly number[] } {
  const scaled = j.clone();
  for (let column = 0; column < scaled.columns; column += 1) {
    const length = lengthOf(scaled.getColumn(column));
    if (length > 0) scaled.mulColumn(column, 1 / length);
  }
  const eigen = new EigenvalueDecomposition(scaled.transpose().mmul(scaled), {
    assumeSymmetric: true,
  });
  const values = eigen.realEigenvalues;
  const least = values.indexOf(Math.min(...values));
  const smallest = Math.max(0, values[least]!);
  return {
    condition: smallest > 0 ? Math.sqrt(Math.max(...values) / smallest) : Number.POSITIVE_INFINITY,
    sloppiest: eigen.eigenvectorMatrix.getColumn(least),
  };
}

function clip(values: readonly number[], low: readonly number[], high: readonly number[]) {
  return values.map((value, i) => Math.min(high[i]!, Math.max(low[i]!, value)));
}

function isOn(value: number, bound: number): boolean {
  return (
    Number.isFinite(bound) && Math.abs(value - bound) <= 1e-9 * Math.max(1e-6, Math.abs(bound))
  );
}

function norm2(r: Float64Array): number {
  let total = 0;
  for (const value of r) total += value * value;
  return Number.isFinite(total) ? total : Number.POSITIVE_INFINITY;
}

/** Least squares with coefficients of 0 or more, on columns scaled to one length, which the solver needs. */

import { fcnnlsVector } from "ml-fcnnls";
import { lengthOf } from "./descriptive.ts";

/** Coefficients b >= 0 that minimise |x b - y|; `columns` are the columns of x, all as long as y. */
export function nonnegativeLeastSquares(
  columns: readonly ArrayLike<number>[],
  y: ArrayLike<number>,
): readonly number[] {
  const scales = columns.map((column) => lengthOf(column) || 1);
  const rows = Array.from({ length: y.length }, (_, row) =>
    columns.map((column, i) => column[row]! / scales[i]!),
  );
  const solution: readonly number[] = fcnnlsVector(rows, Array.from(y)).K.to1DArray();
  return solution.map((value, i) => value / scales[i]!);
}

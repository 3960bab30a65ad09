/**
 * Covariance matrix adaptation (Hansen's (mu/mu_w, lambda) with rank-one and rank-mu updates), for five to twenty
 * parameters whose cost is simulated. Parameters are scaled by the caller so that steps of one size make sense.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { Stream } from "../../sim/kernel/random/stream.ts";
import type { SimplexResult } from "./nelder-mead.ts";

export interface EvolutionOptions {
  readonly start: readonly number[];
  /** Standard deviation of the first generation along every axis. */
  readonly step: number;
  readonly evaluationsMax: number;
  /** Ends when a generation's costs differ by less. */
  readonly tolerance: number;
  readonly seed: string;
}

export function evolve(
  cost: (at: readonly number[]) => number,
  { start, step, evaluationsMax, tolerance, seed }: EvolutionOptions,
): SimplexResult {
  const stream = new Stream(seed, "calibration.cma-es");
  const n = start.length;
  const size = 4 + Math.floor(3 * Math.log(n));
  const parents = Math.floor(size / 2);
  const raw = Array.from({ length: parents }, (_, i) => Math.log(parents + 0.5) - Math.log(i + 1));
  const total = raw.reduce((sum, each) => sum + each, 0);
  const weights = raw.map((each) => each / total);
  const effective = 1 / weights.reduce((sum, each) => sum + each * each, 0);
  // Hansen's default rates of learning.
  const pathRate = (4 + effective / n) / (n + 4 + (2 * effective) / n);
  const stepRate = (effective + 2) / (n + effective + 5);
  const rankOne = 2 / ((n + 1.3) ** 2 + effective);
  const rankMany = Math.min(
    1 - rankOne,
    (2 * (effective - 2 + 1 / effective)) / ((n + 2) ** 2 + effective),
  );
  const damping = 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1) + stepRate;
  const expectedLength = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));

  let mean = [...start];
  let sigma = step;
  let covariance = Matrix.eye(n);
  let path = new Array<number>(n).fill(0);
  let stepPath = new Array<number>(n).fill(0);
  let best: { at: readonly number[]; value: number } = { at: start, value: cost(start) };
  let evaluations = 1;
  let converged = false;
  while (evaluations + size <= evaluationsMax && !converged) {
    const { axes, lengths } = axesOf(covariance);
    const drawn = Array.from({ length: size }, () => {
      const z = Array.from({ length: n }, () => stream.normal());
      const y = times(
        axes,
        z.map((each, i) => each * lengths[i]!),
      );
      const at = mean.map((each, i) => each + sigma * y[i]!);
      return { z, y, at, value: cost(at) };
    }).sort((a, b) => a.value - b.value);
    evaluations += size;
    if (drawn[0]!.value < best.value) best = drawn[0]!;
    const chosen = drawn.slice(0, parents);
    const y = weighted(
      chosen.map((each) => each.y),
      weights,
    );
    const z = weighted(
      chosen.map((each) => each.z),
      weights,
    );
    mean = mean.map((each, i) => each + sigma * y[i]!);
    const stepPush = Math.sqrt(stepRate * (2 - stepRate) * effective);
    const turned = times(axes, z);
    stepPath = stepPath.map((each, i) => (1 - stepRate) * each + stepPush * turned[i]!);
    const push = Math.sqrt(pathRate * (2 - pathRate) * effective);
    path = path.map((each, i) => (1 - pathRate) * each + push * y[i]!);
    covariance = covariance.clone().mul(1 - rankOne - rankMany);
    addOuter(covariance, path, rankOne);
    for (const [i, each] of chosen.entries()) addOuter(covariance, each.y, rankMany * weights[i]!);
    const length = Math.sqrt(stepPath.reduce((sum, each) => sum + each * each, 0));
    sigma *= Math.exp((stepRate / damping) * (length / expectedLength - 1));
    converged = drawn.at(-1)!.value - drawn[0]!.value < tolerance;
  }
  return { ...best, converged };
}

function axesOf(covariance: Matrix): {
  readonly axes: Matrix;
  readonly lengths: readonly number[];
} {
  const found = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  return {
    axes: found.eigenvectorMatrix,
    lengths: found.realEigenvalues.map((each) => Math.sqrt(Math.max(1e-14, each))),
  };
}

function times(matrix: Matrix, vector: readonly number[]): readonly number[] {
  return matrix.mmul(Matrix.columnVector([...vector])).to1DArray();
}

function weighted(vectors: readonly (readonly number[])[], weights: readonly number[]) {
  return vectors[0]!.map((_, i) =>
    vectors.reduce((sum, vector, k) => sum + weights[k]! * vector[i]!, 0),
  );
}

function addOuter(matrix: Matrix, vector: readonly number[], weight: number): void {
  for (const [i, a] of vector.entries()) {
    for (const [j, b] of vector.entries()) matrix.set(i, j, matrix.get(i, j) + weight * a * b);
  }
}

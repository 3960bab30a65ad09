/** The downhill simplex of Nelder and Mead (1965), for up to about five parameters without derivatives. */

export interface SimplexResult {
  readonly at: readonly number[];
  readonly value: number;
  readonly converged: boolean;
}

export interface SimplexOptions {
  readonly start: readonly number[];
  /** Size of the first simplex along each axis. */
  readonly steps: readonly number[];
  readonly evaluationsMax: number;
  /** Ends when the values at all corners differ by less than this share of their size. */
  readonly tolerance: number;
}

interface Corner {
  readonly at: readonly number[];
  readonly value: number;
}

export function minimise(
  f: (at: readonly number[]) => number,
  { start, steps, evaluationsMax, tolerance }: SimplexOptions,
): SimplexResult {
  let evaluations = 0;
  const corner = (at: readonly number[]): Corner => {
    evaluations += 1;
    const value = f(at);
    return { at, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value };
  };
  const corners = [
    corner(start),
    ...start.map((_, i) => corner(start.map((value, k) => (k === i ? value + steps[i]! : value)))),
  ];
  const worstIndex = start.length;
  let converged = false;
  while (!converged && evaluations < evaluationsMax) {
    corners.sort((a, b) => a.value - b.value);
    const best = corners[0]!;
    const worst = corners[worstIndex]!;
    if (Math.abs(worst.value - best.value) <= tolerance * (Math.abs(best.value) + 1e-300)) {
      converged = true;
      break;
    }
    const centre = start.map(
      (_, i) =>
        corners.slice(0, worstIndex).reduce((total, each) => total + each.at[i]!, 0) / worstIndex,
    );
    const along = (factor: number) =>
      corner(centre.map((value, i) => value + factor * (worst.at[i]! - value)));
    const reflected = along(-1);
    if (reflected.value < best.value) {
      const expanded = along(-2);
      corners[worstIndex] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < corners[worstIndex - 1]!.value) {
      corners[worstIndex] = reflected;
    } else {
      const contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
      if (contracted.value < Math.min(reflected.value, worst.value))
        corners[worstIndex] = contracted;
      else {
        for (let i = 1; i <= worstIndex; i += 1) {
          corners[i] = corner(corners[i]!.at.map((value, k) => (value + best.at[k]!) / 2));
        }
      }
    }
  }
  corners.sort((a, b) => a.value - b.value);
  return { at: corners[0]!.at, value: corners[0]!.value, converged };
}

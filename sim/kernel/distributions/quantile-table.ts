import type { Distribution } from "./distribution.ts";
import { requireDistribution } from "./mistakes.ts";
import { quantileFunction } from "./quantile.ts";

/** How finely a distribution is compiled. */
export interface CompileOptions {
  /** Cells of equal probability. Default 1024. */
  readonly cells?: number;
  /** Whose distribution it is, for the message when it cannot be drawn from. */
  readonly at?: string;
}

/**
 * A distribution made fast: cells of equal probability, straight lines inside them. Where a straight line would be
 * wrong by more than 1 part in 4000 (the tails, a jump, atoms), the cell is marked and its quantile computed exactly.
 * A draw is a function of one uniform, so it suits common random numbers, and costs no logarithm.
 */
export class QuantileTable {
  /** What it was compiled from. */
  readonly distribution: Distribution;
  private readonly cells: number;
  private readonly exact: (u: number) => number;
  /** Values at the edges of the cells. */
  private readonly edges: Float64Array;
  /** One bit a cell: whether it is computed exactly. Small beside the edges, so that the table takes little of a cache. */
  private readonly exactCells: Int32Array;
  /** The longest row of cells none of which is: most draws need not look at the bits. */
  private readonly straightFrom: number;
  private readonly straightUntil: number;

  /** @internal */
  constructor(distribution: Distribution, cells: number, at?: string) {
    this.distribution = distribution;
    requireDistribution(distribution, at);
    this.cells = cells;
    this.exact = quantileFunction(distribution);
    this.edges = new Float64Array(cells + 1);
    this.exactCells = new Int32Array((cells >> 5) + 1);
    this.edges[0] = this.exact(0);
    for (let cell = 0; cell < cells; cell += 1) {
      const high = cell + 1 < cells ? this.exact((cell + 1) / cells) : Number.NaN;
      this.edges[cell + 1] = high;
      if (this.isStraight(cell, this.edges[cell]!, high)) continue;
      this.exactCells[cell >> 5] = this.exactCells[cell >> 5]! | (1 << (cell & 31));
    }
    const [from, until] = this.longestStraight();
    this.straightFrom = from;
    this.straightUntil = until;
  }

  /** The value at u in [0, 1). */
  at(u: number): number {
    const place = u * this.cells;
    const cell = place | 0;
    if ((cell < this.straightFrom || cell >= this.straightUntil) && this.isExact(cell)) {
      return this.exact(u);
    }
    const low = this.edges[cell]!;
    return low + (this.edges[cell + 1]! - low) * (place - cell);
  }

  /** How many cells are computed exactly, out of all: what a draw costs beyond the table. */
  exactCellCount(): number {
    let count = 0;
    for (let cell = 0; cell < this.cells; cell += 1) {
      if (this.isExact(cell)) count += 1;
    }
    return count;
  }

  private isExact(cell: number): boolean {
    return ((this.exactCells[cell >> 5]! >>> (cell & 31)) & 1) === 1;
  }

  private longestStraight(): [from: number, until: number] {
    let longest: [number, number] = [0, 0];
    let from = 0;
    for (let cell = 0; cell <= this.cells; cell += 1) {
      if (cell < this.cells && !this.isExact(cell)) continue;
      if (cell - from > longest[1] - longest[0]) longest = [from, cell];
      from = cell + 1;
    }
    return longest;
  }

  private isStraight(cell: number, low: number, high: number): boolean {
    for (const part of probes) {
      const exact = this.exact((cell + part) / this.cells);
      const line = low + part * (high - low);
      if (!(Math.abs(line - exact) <= Math.abs(exact) * 2.5e-4)) return false;
    }
    return true;
  }
}

/** Where a cell is compared with the exact quantile. */
const probes = [0.125, 0.5, 0.875];

/** Tables that are kept for those who compile the same again: the newest so many. */
const sharedMax = 256;
const shared = new Map<string, QuantileTable>();

/**
 * Compiles a distribution once, at assembly, for fast draws. The same distribution gives the same table, which never
 * changes: the tables of a platform with many alike parts then fit the processor's cache. Throws
 * `kernel.distribution` for one that cannot be drawn from.
 */
export function compileQuantiles(
  distribution: Distribution,
  options?: CompileOptions,
): QuantileTable {
  const cells = options?.cells ?? 1024;
  // Before it is looked up, since text does not tell every unfit number from a fit one.
  requireDistribution(distribution, options?.at);
  const name = `${cells} ${JSON.stringify(distribution)}`;
  const known = shared.get(name);
  if (known !== undefined) return known;
  const table = new QuantileTable(distribution, cells, options?.at);
  shared.set(name, table);
  if (shared.size > sharedMax) shared.delete(shared.keys().next().value!);
  return table;
}

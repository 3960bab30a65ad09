const empty = -1;

/** Where a cell of the index begins in `cells`, and its words: the row of an answer or -1, and the hash of its id. */
const cellShift = 1;
const wordRow = 0;
const wordHash = 1;
const cellsPerId = 4;

/**
 * The first answer to each of the last `capacity` request ids, so that a repeated command has no second effect and gets
 * that answer again. A ring of answers in arrival order with an open-addressed index over it; when the ring is full the
 * oldest answer is forgotten. Columns grow by doubling up to the bound.
 *
 * Ids that follow each other stand side by side in the index, and a cell holds the hash of its id: who works through ids
 * that were given out in turn stays within a few cache lines.
 */
export class RequestLog {
  readonly capacityMax: number;
  private ids = new Float64Array(256);
  private sequences = new Float64Array(256);
  private reasons = new Uint8Array(256);
  /** Four times as many cells as the ring has places, so that probes are short. */
  private cells = emptyCells(256);
  private head = 0;
  count = 0;

  constructor(capacityMax: number) {
    this.capacityMax = capacityMax;
  }

  /** Row of the first answer to `requestId`, or -1 when it is new. Valid until the next `add`. */
  find(requestId: number): number {
    if (this.count === 0) return empty;
    const { cells, ids } = this;
    const mask = ids.length * cellsPerId - 1;
    const sought = hash(requestId);
    for (let at = sought & mask; ; at = (at + 1) & mask) {
      const row = cells[(at << cellShift) | wordRow]!;
      if (row === empty) return empty;
      if (cells[(at << cellShift) | wordHash] === sought && ids[row] === requestId) return row;
    }
  }

  sequenceAt(row: number): number {
    return this.sequences[row]!;
  }

  reasonAt(row: number): number {
    return this.reasons[row]!;
  }

  add(requestId: number, sequence: number, reason: number): void {
    if (this.count === this.ids.length && this.ids.length < this.capacityMax) this.grow();
    if (this.count === this.ids.length) this.forgetOldest();
    const row = (this.head + this.count) & (this.ids.length - 1);
    this.ids[row] = requestId;
    this.sequences[row] = sequence;
    this.reasons[row] = reason;
    this.count++;
    this.indexRow(row);
  }

  /** Visits the answers from the oldest to the newest. */
  forEach(visit: (requestId: number, sequence: number, reason: number) => void): void {
    for (let i = 0; i < this.count; i++) {
      const row = (this.head + i) & (this.ids.length - 1);
      visit(this.ids[row]!, this.sequences[row]!, this.reasons[row]!);
    }
  }

  clear(): void {
    this.cells.fill(empty);
    this.head = 0;
    this.count = 0;
  }

  private indexRow(row: number): void {
    const { cells } = this;
    const mask = this.ids.length * cellsPerId - 1;
    const hashed = hash(this.ids[row]!);
    let at = hashed & mask;
    while (cells[(at << cellShift) | wordRow] !== empty) at = (at + 1) & mask;
    cells[(at << cellShift) | wordRow] = row;
    cells[(at << cellShift) | wordHash] = hashed;
  }

  private forgetOldest(): void {
    const { cells, head } = this;
    const mask = this.ids.length * cellsPerId - 1;
    let hole = hash(this.ids[head]!) & mask;
    while (cells[(hole << cellShift) | wordRow] !== head) hole = (hole + 1) & mask;
    // Whatever was pushed past the hole by a collision moves back, so that no probe stops too early.
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const row = cells[(at << cellShift) | wordRow]!;
      if (row === empty) break;
      const hashed = cells[(at << cellShift) | wordHash]!;
      if (((at - hashed) & mask) >= ((at - hole) & mask)) {
        cells[(hole << cellShift) | wordRow] = row;
        cells[(hole << cellShift) | wordHash] = hashed;
        hole = at;
      }
    }
    cells[(hole << cellShift) | wordRow] = empty;
    this.head = (this.head + 1) & (this.ids.length - 1);
    this.count--;
  }

  private grow(): void {
    const capacity = this.ids.length * 2;
    const ids = new Float64Array(capacity);
    const sequences = new Float64Array(capacity);
    const reasons = new Uint8Array(capacity);
    let rows = 0;
    this.forEach((requestId, sequence, reason) => {
      ids[rows] = requestId;
      sequences[rows] = sequence;
      reasons[rows] = reason;
      rows++;
    });
    this.ids = ids;
    this.sequences = sequences;
    this.reasons = reasons;
    this.head = 0;
    this.cells = emptyCells(capacity);
    for (let row = 0; row < this.count; row++) this.indexRow(row);
  }
}

/** An index without entries over a ring of so many places. */
function emptyCells(capacity: number): Int32Array {
  return new Int32Array((capacity * cellsPerId) << cellShift).fill(empty);
}

/** The eight ids of a block have the cells of one cache line for their own; blocks lie anywhere. */
function hash(requestId: number): number {
  const low = requestId | 0;
  const high = Math.floor(requestId / 4294967296) | 0;
  const mixed = Math.imul((low >>> 3) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15) ^ (low & 7);
}

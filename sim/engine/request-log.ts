const empty = -1;

/**
 * The first answer to each of the last `capacity` request ids, so that a repeated command has no second effect and gets
 * that answer again. A ring of answers in arrival order with an open-addressed index over it; when the ring is full the
 * oldest answer is forgotten. Columns grow by doubling up to the bound.
 */
export class RequestLog {
  readonly capacityMax: number;
  private ids = new Float64Array(256);
  private sequences = new Float64Array(256);
  private reasons = new Uint8Array(256);
  /** Ring position for a hash slot, or -1. Twice as long as the ring, so that probes are short. */
  private index = new Int32Array(512).fill(empty);
  private head = 0;
  count = 0;

  constructor(capacityMax: number) {
    this.capacityMax = capacityMax;
  }

  /** Row of the first answer to `requestId`, or -1 when it is new. Valid until the next `add`. */
  find(requestId: number): number {
    if (this.count === 0) return empty;
    const mask = this.index.length - 1;
    for (let at = hash(requestId) & mask; ; at = (at + 1) & mask) {
      const row = this.index[at]!;
      if (row === empty || this.ids[row]! === requestId) return row;
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
    this.index.fill(empty);
    this.head = 0;
    this.count = 0;
  }

  private indexRow(row: number): void {
    const mask = this.index.length - 1;
    let at = hash(this.ids[row]!) & mask;
    while (this.index[at]! !== empty) at = (at + 1) & mask;
    this.index[at] = row;
  }

  private forgetOldest(): void {
    const mask = this.index.length - 1;
    let hole = hash(this.ids[this.head]!) & mask;
    while (this.index[hole]! !== this.head) hole = (hole + 1) & mask;
    this.index[hole] = empty;
    // Whatever was pushed past the hole by a collision moves back, so that no probe stops too early.
    for (let at = (hole + 1) & mask; this.index[at]! !== empty; at = (at + 1) & mask) {
      const home = hash(this.ids[this.index[at]!]!) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        this.index[hole] = this.index[at]!;
        this.index[at] = empty;
        hole = at;
      }
    }
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
    this.index = new Int32Array(capacity * 2).fill(empty);
    for (let row = 0; row < this.count; row++) this.indexRow(row);
  }
}

function hash(requestId: number): number {
  const low = requestId >>> 0;
  const high = (requestId / 4294967296) >>> 0;
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

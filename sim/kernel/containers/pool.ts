import { none } from "../none.ts";
import {
  type ColumnArrays,
  type Columns,
  columnsByteLength,
  createColumns,
  readColumns,
  writeColumns,
} from "./columns.ts";
import { align8, type NumberArray, type Registered, readArray, writeArray } from "./registered.ts";

/** How many slots a pool has; it never grows. */
export interface PoolOptions {
  /** A whole number, 1 or more. */
  readonly slotsMax: number;
}

/**
 * Rows that come and go, kept column by column, with a free list. A slot's generation goes up each time the slot
 * is freed, so that (slot, generation) names one tenant and a stale reference can be told from a live one.
 */
export class Pool<C extends Columns> implements Registered {
  /** Never replaced, so it may be taken apart at assembly. A new tenant finds what the last one left. */
  readonly column: ColumnArrays<C>;
  /** Goes up by one whenever the slot is freed. */
  readonly generation: Int32Array;
  /** How many slots there are. */
  readonly slotsMax: number;
  /** Slots in use. */
  usedCount = 0;
  /** Slots below this have been used at least once; the rest are untouched, and cost nothing in a snapshot. */
  private touchedCount = 0;
  private freeHead = none;
  /** Of slots that have been used. */
  private readonly nextFree: Int32Array;

  constructor(columns: C, options: PoolOptions) {
    this.slotsMax = options.slotsMax;
    this.column = createColumns(columns, options.slotsMax);
    this.generation = new Int32Array(options.slotsMax);
    this.nextFree = new Int32Array(options.slotsMax);
  }

  /** Slots from this on have never had a tenant: who looks at every slot may stop here. */
  get slotsTouched(): number {
    return this.touchedCount;
  }

  /** A slot, or `none` when all are taken. The last slot freed comes first, for it is still in the cache. */
  alloc(): number {
    const slot = this.freeHead;
    if (slot !== none) {
      this.freeHead = this.nextFree[slot]!;
      this.nextFree[slot] = inUse;
      this.usedCount += 1;
      return slot;
    }
    if (this.touchedCount === this.slotsMax) return none;
    const first = this.touchedCount;
    this.nextFree[first] = inUse;
    this.usedCount += 1;
    this.touchedCount = first + 1;
    return first;
  }

  /** Gives a slot back. Freeing a free slot throws: it would hand one slot to two tenants. */
  free(slot: number): void {
    if (!this.isUsed(slot)) throw new Error(`Slot ${slot} was freed although it is not in use`);
    this.nextFree[slot] = this.freeHead;
    this.freeHead = slot;
    this.generation[slot] = (this.generation[slot]! + 1) | 0;
    this.usedCount -= 1;
  }

  /** Whether a slot has a tenant now. */
  isUsed(slot: number): boolean {
    return slot >= 0 && slot < this.touchedCount && this.nextFree[slot] === inUse;
  }

  byteLength(): number {
    const ints = align8(this.touchedCount * 4);
    return 24 + 2 * ints + columnsByteLength(this.arrays(), this.touchedCount);
  }

  write(view: DataView, byteOffset: number): void {
    const count = this.touchedCount;
    view.setFloat64(byteOffset, count, true);
    view.setFloat64(byteOffset + 8, this.usedCount, true);
    view.setFloat64(byteOffset + 16, this.freeHead, true);
    writeArray(this.generation.subarray(0, count), view, byteOffset + 24);
    writeArray(this.nextFree.subarray(0, count), view, byteOffset + 24 + align8(count * 4));
    writeColumns(this.arrays(), count, view, byteOffset + 24 + 2 * align8(count * 4));
  }

  read(view: DataView, byteOffset: number): void {
    const count = view.getFloat64(byteOffset, true);
    if (count > this.slotsMax) throw new Error(`it uses ${count} slots of ${this.slotsMax}`);
    const touchedBefore = this.touchedCount;
    if (count < touchedBefore) this.generation.fill(0, count, touchedBefore);
    this.touchedCount = count;
    this.usedCount = view.getFloat64(byteOffset + 8, true);
    this.freeHead = view.getFloat64(byteOffset + 16, true);
    readArray(this.generation.subarray(0, count), view, byteOffset + 24);
    readArray(this.nextFree.subarray(0, count), view, byteOffset + 24 + align8(count * 4));
    const columnsAt = byteOffset + 24 + 2 * align8(count * 4);
    readColumns(this.arrays(), count, touchedBefore, view, columnsAt);
  }

  private arrays(): Record<string, NumberArray> {
    return this.column as Record<string, NumberArray>;
  }
}

const inUse = -2;

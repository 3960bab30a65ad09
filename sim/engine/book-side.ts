import type { LevelPool } from "./level-pool.ts";
import { widenFloats, widenInts } from "./widen.ts";

/** Most different prices on one side of one book. */
const levelsMax = 2 ** 24;

/** Prices whose level is remembered for each side, a power of two. */
const recentLength = 1024;

const levelsAtFirst = 64;

/** What sides share until their first price: most books of a large venue are traded elsewhere. Never written. */
const noKeys = new Float64Array(0);
const noLevels = new Int32Array(0);
const nothingRecent = new Int32Array(recentLength).fill(-1);

/**
 * One side of a book: its prices in order with the **best last**, so that what happens near the best price moves little
 * memory. A price is held as a *key* that grows towards the best: the price of a buy, the negated price of a sell. One
 * code serves both sides, and an order "as good as any" (a market order waiting for an auction) has the key Infinity.
 */
export class BookSide {
  keys = noKeys;
  /** Row of the level in the level pool, for each key. */
  levels = noLevels;
  count = 0;
  /** Orders here that the plain matching loop must not take: icebergs and all-or-none. */
  specialCount = 0;
  allOrNoneCount = 0;
  /** Rows of levels met lately, at the low bits of their key, or -1: new orders mostly stand where others do. */
  private recent = nothingRecent;

  /** Row of the level with this key in `pool`, or -1. */
  levelOf(key: number, pool: LevelPool): number {
    const recent = this.recent[key & (recentLength - 1)]!;
    if (recent >= 0 && pool.key[recent]! === key) return recent;
    const at = this.indexOf(key);
    if (at === this.count || this.keys[at]! !== key) return -1;
    const level = this.levels[at]!;
    this.recent[key & (recentLength - 1)] = level;
    return level;
  }

  /** Index of the first key that is not below `key`, searched from the best end in widening steps. */
  indexOf(key: number): number {
    const keys = this.keys;
    let high = this.count;
    let step = 1;
    let low = high - 1;
    while (low >= 0 && keys[low]! >= key) {
      high = low;
      low -= step;
      step += step;
    }
    low = low < 0 ? 0 : low + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(index: number, key: number, level: number): void {
    if (this.count === this.keys.length) this.grow();
    const { keys, levels } = this;
    for (let at = this.count; at > index; at--) {
      keys[at] = keys[at - 1]!;
      levels[at] = levels[at - 1]!;
    }
    keys[index] = key;
    levels[index] = level;
    this.count++;
  }

  removeAt(index: number): void {
    const { keys, levels } = this;
    const last = --this.count;
    this.forget(keys[index]!);
    for (let at = index; at < last; at++) {
      keys[at] = keys[at + 1]!;
      levels[at] = levels[at + 1]!;
    }
  }

  /** Takes away the best price. */
  removeBest(): void {
    this.count--;
    this.forget(this.keys[this.count]!);
  }

  clear(): void {
    if (this.recent !== nothingRecent) this.recent.fill(-1);
    this.count = 0;
    this.specialCount = 0;
    this.allOrNoneCount = 0;
  }

  private forget(key: number): void {
    this.recent[key & (recentLength - 1)] = -1;
  }

  private grow(): void {
    if (this.keys === noKeys) {
      this.keys = new Float64Array(levelsAtFirst);
      this.levels = new Int32Array(levelsAtFirst);
      this.recent = new Int32Array(recentLength).fill(-1);
      return;
    }
    const capacity = this.keys.length * 2;
    if (capacity > levelsMax) throw new Error(`matching engine: more than ${levelsMax} prices`);
    this.keys = widenFloats(this.keys, capacity);
    this.levels = widenInts(this.levels, capacity);
  }
}

import type { LevelPool } from "./level-pool.ts";

/** Most different prices on one side of one book. */
const levelsMax = 2 ** 24;

const levelsAtFirst = 64;

/** Prices whose level is remembered: so many for each that there is room for, a power of two, and no more than the most. */
const recentPerLevel = 2;
const recentMax = 1024;

/** What sides share until their first price: most books of a large venue are traded elsewhere. Never written. */
const noKeys = new Float64Array(0);
const noLevels = new Int32Array(0);
const nothingRecent = Int32Array.of(-1);

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
  /** Where the best key is told, for those who want no more of a side than that. */
  private readonly bestKeys: Float64Array;
  private readonly place: number;

  /** The side tells its best key at `place` of `bestKeys`; NaN while nobody stands on it. */
  constructor(bestKeys: Float64Array, place: number) {
    this.bestKeys = bestKeys;
    this.place = place;
  }

  /** Row of the level with this key in `pool`, or -1. */
  levelOf(key: number, pool: LevelPool): number {
    const place = key & (this.recent.length - 1);
    const recent = this.recent[place]!;
    if (recent >= 0 && pool.key[recent]! === key) return recent;
    const at = this.indexOf(key);
    if (at === this.count || this.keys[at]! !== key) return -1;
    const level = this.levels[at]!;
    this.recent[place] = level;
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
    this.tellBest();
  }

  removeAt(index: number): void {
    const { keys, levels } = this;
    const last = --this.count;
    this.forget(keys[index]!);
    for (let at = index; at < last; at++) {
      keys[at] = keys[at + 1]!;
      levels[at] = levels[at + 1]!;
    }
    this.tellBest();
  }

  /** Takes away the best price. */
  removeBest(): void {
    this.count--;
    this.forget(this.keys[this.count]!);
    this.tellBest();
  }

  clear(): void {
    if (this.recent !== nothingRecent) this.recent.fill(-1);
    this.count = 0;
    this.specialCount = 0;
    this.allOrNoneCount = 0;
    this.tellBest();
  }

  private tellBest(): void {
    this.bestKeys[this.place] = this.count > 0 ? this.keys[this.count - 1]! : Number.NaN;
  }

  private forget(key: number): void {
    this.recent[key & (this.recent.length - 1)] = -1;
  }

  /** Twice the room. What a step comes to lies together, so that it shares a page. */
  private grow(): void {
    const capacity = Math.max(levelsAtFirst, this.keys.length * 2);
    if (capacity > levelsMax) throw new Error(`matching engine: more than ${levelsMax} prices`);
    const recentLength = Math.min(capacity * recentPerLevel, recentMax);
    const memory = new ArrayBuffer(12 * capacity + 4 * recentLength);
    const keys = new Float64Array(memory, 0, capacity);
    const levels = new Int32Array(memory, 8 * capacity, capacity);
    keys.set(this.keys);
    levels.set(this.levels);
    this.keys = keys;
    this.levels = levels;
    this.recent = new Int32Array(memory, 12 * capacity, recentLength).fill(-1);
  }
}

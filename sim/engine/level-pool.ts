import { widenFloats, widenInts } from "./widen.ts";

/** The price levels of all books as columns with a free list: first and last order, and the sum of what is shown. */
export class LevelPool {
  head = new Int32Array(1024);
  tail = new Int32Array(1024);
  /** The price as a key that grows towards the best; see `BookSide`. */
  key = new Float64Array(1024);
  shown = new Float64Array(1024);
  private freeHead = -1;
  private fresh = 0;

  allocate(key: number): number {
    let level = this.freeHead;
    if (level >= 0) {
      this.freeHead = this.head[level]!;
    } else {
      if (this.fresh === this.head.length) this.grow();
      level = this.fresh++;
    }
    this.head[level] = -1;
    this.tail[level] = -1;
    this.key[level] = key;
    this.shown[level] = 0;
    return level;
  }

  release(level: number): void {
    this.head[level] = this.freeHead;
    this.freeHead = level;
  }

  clear(): void {
    this.freeHead = -1;
    this.fresh = 0;
  }

  private grow(): void {
    const capacity = this.head.length * 2;
    this.head = widenInts(this.head, capacity);
    this.tail = widenInts(this.tail, capacity);
    this.key = widenFloats(this.key, capacity);
    this.shown = widenFloats(this.shown, capacity);
  }
}

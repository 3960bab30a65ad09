import { none } from "../none.ts";

/**
 * A stretch of the future cut into buckets of equal width. Widths are powers of two and times whole, so the bucket of
 * a time is exact and there is one rule for it: no event is ever put into a bucket that has been served.
 */
export class Rung {
  startUs = 0;
  endUs = 0;
  widthUs = 1;
  inverseWidth = 1;
  /** Buckets before this one have been served. */
  nextBucket = 0;
  bucketCount = 0;
  /** First slot of each bucket's list, the newest; slots are linked through their records. */
  heads: Int32Array = new Int32Array(64);

  /** Lays an empty rung over [startUs, endUs) with buckets of about `widthUs`, made a power of two. */
  open(startUs: number, endUs: number, widthUs: number): void {
    let width = 1;
    while (width < widthUs) width *= 2;
    this.startUs = startUs;
    this.endUs = endUs;
    this.widthUs = width;
    this.inverseWidth = 1 / width;
    this.nextBucket = 0;
    this.bucketCount = Math.ceil((endUs - startUs) / width);
    if (this.heads.length < this.bucketCount) {
      let length = this.heads.length;
      while (length < this.bucketCount) length *= 2;
      this.heads = new Int32Array(length);
    }
    this.heads.fill(none, 0, this.bucketCount);
  }

  /** Where the bucket that was taken last ends; nothing before it is left in this rung. */
  servedUntilUs(): number {
    const endUs = this.startUs + this.nextBucket * this.widthUs;
    return endUs < this.endUs ? endUs : this.endUs;
  }

  /** Where the bucket that was taken last begins. */
  servedFromUs(): number {
    return this.startUs + (this.nextBucket - 1) * this.widthUs;
  }

  /** The list of the next bucket with events in it, or `none`; that bucket counts as served. */
  takeBucket(): number {
    const heads = this.heads;
    for (let bucket = this.nextBucket; bucket < this.bucketCount; bucket += 1) {
      const head = heads[bucket]!;
      if (head !== none) {
        heads[bucket] = none;
        this.nextBucket = bucket + 1;
        return head;
      }
    }
    this.nextBucket = this.bucketCount;
    return none;
  }

  /** The bucket that was taken last counts as not served. */
  putBack(head: number): void {
    this.nextBucket -= 1;
    this.heads[this.nextBucket] = head;
  }

  numbers(): number[] {
    const { startUs, endUs, widthUs, nextBucket } = this;
    return [startUs, endUs, widthUs, nextBucket];
  }

  /** Takes back what `numbers` and the heads in use held. */
  restore([startUs, endUs, widthUs, nextBucket]: readonly number[], heads: Int32Array): void {
    this.open(startUs!, endUs!, widthUs!);
    this.heads.set(heads);
    this.nextBucket = nextBucket!;
  }
}

import type { Packed, PackedReader } from "../containers/packed.ts";
import { none } from "../none.ts";
import { type EventSlots, slotShift, timePlace, timeShift, wordNext } from "./event-slots.ts";
import { Rung } from "./rung.ts";

/** A bucket with more events than this is cut into a rung of its own before it is sorted. */
const batchMax = 32;
/** With so few left on top, they become one batch and the heap takes over again. */
const topServeMax = 8;
/** Events a bucket is meant to hold on average; the early ones of a rung hold more. */
const bucketTarget = 1;
const bucketsMax = 1 << 18;

/**
 * The far future: events that need no order yet. The latest lie unsorted in `top`; when they are reached they are
 * spread over the buckets of a rung, a crowded bucket over a finer rung, and so on. `serve` hands out the next bucket,
 * sorted. So an event is moved two or three times however many are pending, where a heap would move it log n times.
 *
 *     near | rung 1: fine buckets | rung 0: wider buckets | top: unsorted
 *          ^ nearEndUs                                    ^ topStartUs
 *
 * Every list has its newest event first, and lists are spread oldest first, so events of one time keep their order.
 */
export class Ladder {
  /** Events before this instant are not the ladder's; Infinity while the ladder is empty. */
  nearEndUs = Number.POSITIVE_INFINITY;
  /** The batch that `serve` handed out, in order; replaced when it grows. */
  batchSlot: Int32Array = new Int32Array(batchMax);
  batchTime: Float64Array = new Float64Array(batchMax);
  private readonly slots: EventSlots;
  private topSlot: Int32Array = new Int32Array(batchMax);
  private topLength = 0;
  private topStartUs = Number.POSITIVE_INFINITY;
  private topMinUs = Number.POSITIVE_INFINITY;
  private topMaxUs = 0;
  private readonly rungs: Rung[] = [];
  private rungCount = 0;
  private list: Int32Array = new Int32Array(batchMax);

  constructor(slots: EventSlots) {
    this.slots = slots;
  }

  /** Takes a slot whose time is not before `nearEndUs`. */
  insert(slot: number): void {
    const atUs = this.slots.times[(slot << timeShift) + timePlace]!;
    if (atUs >= this.topStartUs) {
      this.insertTop(slot, atUs);
      return;
    }
    let depth = this.rungCount - 1;
    while (atUs >= this.rungs[depth]!.endUs) depth -= 1;
    this.insertRung(this.rungs[depth]!, slot, atUs);
  }

  /**
   * Takes over events, in their order, that were near; from now on near ends where they begin. False, and nothing is
   * taken, when they are all of one time and so can be spread no further.
   */
  takeOver(ordered: Int32Array, count: number): boolean {
    const firstUs = this.timeOf(ordered[0]!);
    const lastUs = this.timeOf(ordered[count - 1]!);
    if (firstUs === lastUs) return false;
    if (this.nearEndUs === Number.POSITIVE_INFINITY) {
      this.topStartUs = firstUs;
      for (let i = 0; i < count; i += 1) this.insertTop(ordered[i]!, this.timeOf(ordered[i]!));
    } else {
      const rung = this.addRung(firstUs, this.nearEndUs, lastUs + 1 - firstUs, count);
      for (let i = 0; i < count; i += 1)
        this.insertRung(rung, ordered[i]!, this.timeOf(ordered[i]!));
    }
    this.nearEndUs = firstUs;
    return true;
  }

  /** Puts the next events into the batch and returns how many; 0 when the ladder is empty. */
  serve(): number {
    for (;;) {
      if (this.rungCount === 0) {
        if (this.topLength <= topServeMax) return this.serveTop();
        this.spreadTop();
      }
      const rung = this.rungs[this.rungCount - 1]!;
      const head = rung.takeBucket();
      if (head === none) {
        this.rungCount -= 1;
        continue;
      }
      const bucketEndUs = rung.servedUntilUs();
      const count = this.gather(head);
      if (count > batchMax && rung.widthUs > 1) {
        this.spreadList(count, rung.servedFromUs(), bucketEndUs);
        continue;
      }
      const served = this.sortIntoBatch(this.list, count, true);
      this.nearEndUs = bucketEndUs;
      if (served > 0) return served;
    }
  }

  /** Makes events that are already in order the batch. */
  hold(ordered: Int32Array, count: number): number {
    return this.sortIntoBatch(ordered, count, false);
  }

  /** Reclaims the slots of cancelled events wherever they lie. */
  sweep(): void {
    let kept = 0;
    for (let i = 0; i < this.topLength; i += 1) {
      const slot = this.topSlot[i]!;
      if (this.slots.isDead(slot)) this.slots.bury(slot);
      else {
        this.topSlot[kept] = slot;
        kept += 1;
      }
    }
    this.topLength = kept;
    for (let depth = 0; depth < this.rungCount; depth += 1) this.sweepRung(this.rungs[depth]!);
  }

  /** The ladder as it lies, without its batch, for a snapshot. */
  pack(): Packed {
    const rungs = this.rungs.slice(0, this.rungCount);
    const { nearEndUs, topStartUs, topMinUs, topMaxUs, rungCount } = this;
    return {
      numbers: [
        ...[nearEndUs, topStartUs, topMinUs, topMaxUs, rungCount],
        ...rungs.flatMap((rung) => rung.numbers()),
      ],
      arrays: [
        this.topSlot.subarray(0, this.topLength),
        ...rungs.map((rung) => rung.heads.subarray(0, rung.bucketCount)),
      ],
    };
  }

  /** Replaces the ladder by one that `pack` gave. */
  unpack(reader: PackedReader): void {
    const [nearEndUs, topStartUs, topMinUs, topMaxUs, rungCount] = reader.take(5);
    this.nearEndUs = nearEndUs!;
    this.topStartUs = topStartUs!;
    this.topMinUs = topMinUs!;
    this.topMaxUs = topMaxUs!;
    this.rungCount = rungCount!;
    const topSlot = reader.int32();
    this.topLength = topSlot.length;
    while (this.topSlot.length < topSlot.length) this.topSlot = doubled(this.topSlot);
    this.topSlot.set(topSlot);
    for (let depth = 0; depth < this.rungCount; depth += 1) {
      if (this.rungs.length === depth) this.rungs.push(new Rung());
      this.rungs[depth]!.restore(reader.take(4), reader.int32());
    }
  }

  /** Makes a restored batch the batch. */
  replaceBatch(slots: Int32Array, times: Float64Array): void {
    if (this.batchSlot.length < slots.length) {
      this.batchSlot = new Int32Array(slots.length);
      this.batchTime = new Float64Array(slots.length);
    }
    this.batchSlot.set(slots);
    this.batchTime.set(times);
  }

  private insertTop(slot: number, atUs: number): void {
    if (this.topLength === this.topSlot.length) this.topSlot = doubled(this.topSlot);
    this.topSlot[this.topLength] = slot;
    this.topLength += 1;
    if (atUs < this.topMinUs) this.topMinUs = atUs;
    if (atUs > this.topMaxUs) this.topMaxUs = atUs;
  }

  private insertRung(rung: Rung, slot: number, atUs: number): void {
    const bucket = ((atUs - rung.startUs) * rung.inverseWidth) | 0;
    this.slots.words[(slot << slotShift) + wordNext] = rung.heads[bucket]!;
    rung.heads[bucket] = slot;
  }

  /** Few are left: they become one batch, and the ladder is empty. */
  private serveTop(): number {
    const served = this.sortIntoBatch(this.topSlot, this.topLength, false);
    this.emptyTop();
    this.topStartUs = Number.POSITIVE_INFINITY;
    this.nearEndUs = Number.POSITIVE_INFINITY;
    return served;
  }

  private spreadTop(): void {
    const count = this.topLength;
    const spanUs = this.topMaxUs + 1 - this.topMinUs;
    const rung = this.addRung(this.topMinUs, Number.POSITIVE_INFINITY, spanUs, count);
    const { times } = this.slots;
    for (let i = 0; i < count; i += 1) {
      const slot = this.topSlot[i]!;
      if (this.slots.isDead(slot)) this.slots.bury(slot);
      else this.insertRung(rung, slot, times[(slot << timeShift) + timePlace]!);
    }
    this.emptyTop();
    this.topStartUs = rung.endUs;
  }

  /** Spreads the gathered list, which is newest first, over a finer rung. */
  private spreadList(count: number, startUs: number, endUs: number): void {
    const rung = this.addRung(startUs, endUs, endUs - startUs, count);
    for (let i = count - 1; i >= 0; i -= 1) {
      const slot = this.list[i]!;
      if (this.slots.isDead(slot)) this.slots.bury(slot);
      else this.insertRung(rung, slot, this.timeOf(slot));
    }
  }

  /** A rung from `startUs`, as fine as `count` events over `spanUs` ask for; it ends at `endUs` or after the span. */
  private addRung(startUs: number, endUs: number, spanUs: number, count: number): Rung {
    if (this.rungs.length === this.rungCount) this.rungs.push(new Rung());
    const rung = this.rungs[this.rungCount]!;
    this.rungCount += 1;
    const reachUs = endUs === Number.POSITIVE_INFINITY ? spanUs : endUs - startUs;
    const width = Math.max(1, (spanUs * bucketTarget) / count, reachUs / bucketsMax);
    rung.open(startUs, startUs + reachUs, width);
    if (endUs === Number.POSITIVE_INFINITY) rung.endUs = startUs + rung.bucketCount * rung.widthUs;
    return rung;
  }

  private emptyTop(): void {
    this.topLength = 0;
    this.topMinUs = Number.POSITIVE_INFINITY;
    this.topMaxUs = 0;
  }

  /** Copies a linked list into `list`, newest first, and returns its length. */
  private gather(head: number): number {
    const { words } = this.slots;
    let count = 0;
    for (let slot = head; slot !== none; slot = words[(slot << slotShift) + wordNext]!) {
      if (count === this.list.length) this.list = doubled(this.list);
      this.list[count] = slot;
      count += 1;
    }
    return count;
  }

  /** Sorts by time, leaving equal times in the order of scheduling; cancelled events are dropped. */
  private sortIntoBatch(from: Int32Array, count: number, newestFirst: boolean): number {
    if (count > this.batchSlot.length) {
      this.batchSlot = new Int32Array(from.length);
      this.batchTime = new Float64Array(from.length);
    }
    const batchSlot = this.batchSlot;
    const batchTime = this.batchTime;
    const { times } = this.slots;
    let length = 0;
    for (let i = 0; i < count; i += 1) {
      const slot = from[newestFirst ? count - 1 - i : i]!;
      if (this.slots.isDead(slot)) {
        this.slots.bury(slot);
        continue;
      }
      const atUs = times[(slot << timeShift) + timePlace]!;
      let place = length;
      while (place > 0 && batchTime[place - 1]! > atUs) {
        batchTime[place] = batchTime[place - 1]!;
        batchSlot[place] = batchSlot[place - 1]!;
        place -= 1;
      }
      batchTime[place] = atUs;
      batchSlot[place] = slot;
      length += 1;
    }
    return length;
  }

  private sweepRung(rung: Rung): void {
    const { words } = this.slots;
    for (let bucket = rung.nextBucket; bucket < rung.bucketCount; bucket += 1) {
      let last = none;
      let next = none;
      for (let slot = rung.heads[bucket]!; slot !== none; slot = next) {
        next = words[(slot << slotShift) + wordNext]!;
        if (!this.slots.isDead(slot)) {
          last = slot;
          continue;
        }
        if (last === none) rung.heads[bucket] = next;
        else words[(last << slotShift) + wordNext] = next;
        this.slots.bury(slot);
      }
    }
  }

  private timeOf(slot: number): number {
    return this.slots.times[(slot << timeShift) + timePlace]!;
  }
}

function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

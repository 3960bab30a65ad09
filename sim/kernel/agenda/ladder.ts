import type { Packed, PackedReader } from "../containers/packed.ts";
import { none } from "../none.ts";
import { type EventSlots, timePlace, timeShift } from "./event-slots.ts";
import type { Near } from "./near.ts";
import { Rung } from "./rung.ts";

/** A bucket with more events than this is cut into a rung of its own before it is sorted. */
const bucketMax = 32;
/** Buckets are handed out together until they have so many events. */
const servedMin = 8;
/** With so few left on top, they are handed out as they are and the ladder is empty. */
const topServeMax = 8;
/** Events a bucket is meant to hold on average; the early ones of a rung hold more. */
const bucketTarget = 0.25;
const bucketsMax = 1 << 19;

/**
 * The far future: events that need no order yet. The latest lie unsorted in `top`; when they are reached they are
 * spread over the buckets of a rung, a crowded bucket over a finer rung, and so on. `serve` hands out the next bucket,
 * sorted. So an event is moved two or three times however many are pending, where a heap would move it log n times.
 *
 *     near | rung 1: fine buckets | rung 0: wider buckets | top: unsorted
 *          ^ near.endUs                                   ^ topStartUs
 *
 * Every list has its newest event first, and lists are spread oldest first, so events of one time keep their order.
 */
export class Ladder {
  private readonly slots: EventSlots;
  private readonly near: Near;
  private topSlot: Int32Array = new Int32Array(bucketMax);
  private topLength = 0;
  private topStartUs = Number.POSITIVE_INFINITY;
  private topMinUs = Number.POSITIVE_INFINITY;
  private topMaxUs = 0;
  private readonly rungs: Rung[] = [];
  private rungCount = 0;
  private list: Int32Array = new Int32Array(bucketMax);

  constructor(slots: EventSlots, near: Near) {
    this.slots = slots;
    this.near = near;
  }

  /** Takes a slot whose time is not before the end of what is near. */
  insert(slot: number): void {
    const atUs = this.slots.timeOf(slot);
    if (atUs >= this.topStartUs) {
      this.insertTop(slot);
      return;
    }
    let depth = this.rungCount - 1;
    while (atUs >= this.rungs[depth]!.endUs) depth -= 1;
    this.insertRung(this.rungs[depth]!, slot);
  }

  /**
   * Takes over what is near, save where it is all of one time and so can be spread no further: then near ends behind
   * that instant.
   */
  takeOver(): void {
    const { near } = this;
    const { endUs } = near;
    const count = near.end - near.at;
    const lastUs = near.times[near.end - 1]!;
    const isOneInstant = near.times[near.at]! === lastUs;
    const firstUs = isOneInstant ? lastUs + 1 : near.times[near.at]!;
    near.endUs = firstUs;
    if (endUs === Number.POSITIVE_INFINITY) this.topStartUs = firstUs;
    else this.addRung(firstUs, endUs, isOneInstant ? endUs - firstUs : lastUs + 1 - firstUs, count);
    if (isOneInstant) return;
    for (let i = near.at; i < near.end; i += 1) this.insert(near.slots[i]!);
    near.empty();
  }

  /** Puts the next events near, where nothing is; false when the ladder is empty. */
  serve(): boolean {
    const { near } = this;
    near.empty();
    for (;;) {
      if (this.rungCount === 0) {
        if (this.topLength <= topServeMax) return this.serveTop();
        this.spreadTop();
      }
      if (this.serveRung(this.rungs[this.rungCount - 1]!)) {
        near.makeRoom();
        return true;
      }
    }
  }

  /** Puts the next events of a rung near; false when it was empty, or had to be cut finer. */
  private serveRung(rung: Rung): boolean {
    const { near } = this;
    while (near.end < servedMin) {
      const head = rung.takeBucket();
      if (head === none) break;
      if (this.sortBucket(head)) continue;
      if (near.end > 0) {
        rung.putBack(head);
        break;
      }
      const count = this.gather(head);
      if (rung.widthUs > 1) {
        this.spreadList(count, rung.servedFromUs(), rung.servedUntilUs());
        return false;
      }
      this.append(this.list, count, true);
    }
    // What is scheduled from now on for a bucket that has been passed, were it empty, comes near.
    near.endUs = rung.servedUntilUs();
    if (near.end > 0) return true;
    this.rungCount -= 1;
    return false;
  }

  /** Sorts a bucket's list behind what is near; false, and nothing is done, when it is crowded. */
  private sortBucket(head: number): boolean {
    const { near } = this;
    const { next: following, times } = this.slots;
    const start = near.end;
    const last = start + bucketMax;
    const nearTimes = near.times;
    const nearSlots = near.slots;
    let end = start;
    for (let slot = head; slot !== none; slot = following[slot]!) {
      if (end === last) return false;
      const atUs = times[(slot << timeShift) | timePlace]!;
      let place = end;
      // The list has its newest event first, so each goes before those of its time.
      while (place > start) {
        const before = nearTimes[place - 1]!;
        if (before < atUs) break;
        nearTimes[place] = before;
        nearSlots[place] = nearSlots[place - 1]!;
        place -= 1;
      }
      nearTimes[place] = atUs;
      nearSlots[place] = slot;
      end += 1;
    }
    near.end = end;
    return true;
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
    const { topStartUs, topMinUs, topMaxUs, rungCount } = this;
    return {
      numbers: [
        ...[this.near.endUs, topStartUs, topMinUs, topMaxUs, rungCount],
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
    const [endUs, topStartUs, topMinUs, topMaxUs, rungCount] = reader.take(5);
    this.near.endUs = endUs!;
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

  private insertTop(slot: number): void {
    const atUs = this.slots.timeOf(slot);
    if (this.topLength === this.topSlot.length) this.topSlot = doubled(this.topSlot);
    this.topSlot[this.topLength] = slot;
    this.topLength += 1;
    if (atUs < this.topMinUs) this.topMinUs = atUs;
    if (atUs > this.topMaxUs) this.topMaxUs = atUs;
  }

  private insertRung(rung: Rung, slot: number): void {
    const bucket = ((this.slots.timeOf(slot) - rung.startUs) * rung.inverseWidth) | 0;
    this.slots.next[slot] = rung.heads[bucket]!;
    rung.heads[bucket] = slot;
  }

  /** Few are left: they become near, and the ladder is empty. */
  private serveTop(): boolean {
    const count = this.topLength;
    this.append(this.topSlot, count, false);
    this.emptyTop();
    this.topStartUs = Number.POSITIVE_INFINITY;
    this.near.endUs = Number.POSITIVE_INFINITY;
    return count > 0;
  }

  private spreadTop(): void {
    const count = this.topLength;
    const spanUs = this.topMaxUs + 1 - this.topMinUs;
    const rung = this.addRung(this.topMinUs, Number.POSITIVE_INFINITY, spanUs, count);
    for (let i = 0; i < count; i += 1) {
      const slot = this.topSlot[i]!;
      if (this.slots.isDead(slot)) this.slots.bury(slot);
      else this.insertRung(rung, slot);
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
      else this.insertRung(rung, slot);
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
    const { next: following } = this.slots;
    let count = 0;
    for (let slot = head; slot !== none; slot = following[slot]!) {
      if (count === this.list.length) this.list = doubled(this.list);
      this.list[count] = slot;
      count += 1;
    }
    return count;
  }

  /** Sorts behind what is near, where equal times keep their order; for few events, or such as are of one time. */
  private append(from: Int32Array, count: number, newestFirst: boolean): void {
    const { near } = this;
    near.makeRoom(count);
    for (let i = 0; i < count; i += 1) {
      const slot = from[newestFirst ? count - 1 - i : i]!;
      near.add(slot);
    }
  }

  private sweepRung(rung: Rung): void {
    const { next: following } = this.slots;
    for (let bucket = rung.nextBucket; bucket < rung.bucketCount; bucket += 1) {
      let last = none;
      let next = none;
      for (let slot = rung.heads[bucket]!; slot !== none; slot = next) {
        next = following[slot]!;
        if (!this.slots.isDead(slot)) {
          last = slot;
          continue;
        }
        if (last === none) rung.heads[bucket] = next;
        else following[last] = next;
        this.slots.bury(slot);
      }
    }
  }
}

function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

import type { Packed, PackedReader } from "../containers/packed.ts";
import { none } from "../none.ts";
import { type EventSlots, timePlace, timeShift } from "./event-slots.ts";
import { Ladder } from "./ladder.ts";

/** With more events near than this, they move into the ladder. Measured: below it the heap is as fast. */
const nearMax = 24;

/**
 * The pending events in the order (time, order of scheduling). Those that come soon are near: a sorted batch that the
 * ladder handed out, and a heap with four children a node for what was scheduled since. All others are in the ladder.
 * With few events pending everything is near and the ladder is empty.
 *
 * An event of the batch was scheduled before any of the heap, so of two at one instant the batch's comes first.
 */
export class Agenda {
  private readonly slots: EventSlots;
  private readonly ladder: Ladder;
  /** Events before this instant go into the heap, others into the ladder. */
  private nearEndUs = Number.POSITIVE_INFINITY;
  private batchAt = 0;
  private batchEnd = 0;
  private batchSlot: Int32Array;
  private batchTime: Float64Array;
  private heapTime: Float64Array = new Float64Array(256);
  private heapSlot: Int32Array = new Int32Array(256);
  /** Counts up with every event that enters the heap: the order of scheduling among equal times. */
  private heapOrder: Float64Array = new Float64Array(256);
  private heapLength = 0;
  private heapEntered = 0;
  private ordered: Int32Array = new Int32Array(256);

  constructor(slots: EventSlots) {
    this.slots = slots;
    this.ladder = new Ladder(slots);
    this.batchSlot = this.ladder.batchSlot;
    this.batchTime = this.ladder.batchTime;
  }

  /** Takes a filled slot into the order. Of events at one instant, the one inserted first comes first. */
  insert(slot: number): void {
    const atUs = this.slots.times[(slot << timeShift) + timePlace]!;
    if (atUs >= this.nearEndUs) {
      this.ladder.insert(slot);
      return;
    }
    if (this.heapLength >= nearMax && this.heapLength > this.batchEnd - this.batchAt) {
      this.spill();
      this.insert(slot);
      return;
    }
    this.insertNear(slot, atUs);
  }

  /** Removes and returns the first slot if its time is not after `untilUs`, else `none`. The slot stays claimed. */
  take(untilUs: number): number {
    for (;;) {
      let slot = none;
      if (this.batchAt < this.batchEnd) {
        const atUs = this.batchTime[this.batchAt]!;
        if (this.heapLength === 0 || atUs <= this.heapTime[0]!) {
          if (atUs > untilUs) return none;
          slot = this.batchSlot[this.batchAt]!;
          this.batchAt += 1;
        }
      }
      if (slot === none) {
        if (this.heapLength === 0) {
          if (!this.refill()) return none;
          continue;
        }
        if (this.heapTime[0]! > untilUs) return none;
        slot = this.heapSlot[0]!;
        this.removeTop();
      }
      if (!this.slots.isDead(slot)) return slot;
      this.slots.bury(slot);
    }
  }

  /** Reclaims the slots of cancelled events: worth it when they outnumber the living. */
  sweep(): void {
    let kept = this.batchAt;
    for (let i = this.batchAt; i < this.batchEnd; i += 1) {
      const slot = this.batchSlot[i]!;
      if (this.slots.isDead(slot)) this.slots.bury(slot);
      else {
        this.batchSlot[kept] = slot;
        this.batchTime[kept] = this.batchTime[i]!;
        kept += 1;
      }
    }
    this.batchEnd = kept;
    this.sweepHeap();
    this.ladder.sweep();
  }

  /** The order as it lies, for a snapshot. */
  pack(): Packed {
    const ladder = this.ladder.pack();
    return {
      numbers: [this.heapEntered, ...ladder.numbers],
      arrays: [
        this.batchSlot.subarray(this.batchAt, this.batchEnd),
        this.batchTime.subarray(this.batchAt, this.batchEnd),
        this.heapSlot.subarray(0, this.heapLength),
        this.heapTime.subarray(0, this.heapLength),
        this.heapOrder.subarray(0, this.heapLength),
        ...ladder.arrays,
      ],
    };
  }

  /** Replaces the order by one that `pack` gave. */
  unpack(reader: PackedReader): void {
    this.heapEntered = reader.take(1)[0]!;
    const batchSlot = reader.int32();
    const batchTime = reader.float64();
    const heapSlot = reader.int32();
    const heapTime = reader.float64();
    const heapOrder = reader.float64();
    while (this.heapSlot.length < heapSlot.length) this.enlargeHeap();
    this.heapSlot.set(heapSlot);
    this.heapTime.set(heapTime);
    this.heapOrder.set(heapOrder);
    this.heapLength = heapSlot.length;
    this.ladder.unpack(reader);
    this.ladder.replaceBatch(batchSlot, batchTime);
    this.batchAt = 0;
    this.batchEnd = batchSlot.length;
    this.adopt();
  }

  private insertNear(slot: number, atUs: number): void {
    let hole = this.heapLength;
    if (hole === this.heapSlot.length) this.enlargeHeap();
    const times = this.heapTime;
    const slots = this.heapSlot;
    const orders = this.heapOrder;
    this.heapLength = hole + 1;
    // A later event comes after all of its time, so going up needs no look at the order.
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      const parentTime = times[parent]!;
      if (parentTime <= atUs) break;
      times[hole] = parentTime;
      slots[hole] = slots[parent]!;
      orders[hole] = orders[parent]!;
      hole = parent;
    }
    times[hole] = atUs;
    slots[hole] = slot;
    orders[hole] = this.heapEntered;
    this.heapEntered += 1;
  }

  /** Nothing is near: takes the ladder's next batch; false when there is none. */
  private refill(): boolean {
    if (this.nearEndUs === Number.POSITIVE_INFINITY) return false;
    this.batchAt = 0;
    this.batchEnd = this.ladder.serve();
    this.adopt();
    return this.batchEnd > 0;
  }

  /** Too much is near: all of it moves into the ladder, or becomes one batch where it cannot be spread. */
  private spill(): void {
    const count = this.batchEnd - this.batchAt + this.heapLength;
    if (this.ordered.length < count) this.ordered = new Int32Array(count * 2);
    for (let i = 0; i < count; i += 1) {
      if (
        this.batchAt < this.batchEnd &&
        (this.heapLength === 0 || this.batchTime[this.batchAt]! <= this.heapTime[0]!)
      ) {
        this.ordered[i] = this.batchSlot[this.batchAt]!;
        this.batchAt += 1;
      } else {
        this.ordered[i] = this.heapSlot[0]!;
        this.removeTop();
      }
    }
    this.batchAt = 0;
    this.batchEnd = this.ladder.takeOver(this.ordered, count)
      ? 0
      : this.ladder.hold(this.ordered, count);
    this.adopt();
  }

  private adopt(): void {
    this.batchSlot = this.ladder.batchSlot;
    this.batchTime = this.ladder.batchTime;
    this.nearEndUs = this.ladder.nearEndUs;
  }

  private removeTop(): void {
    const length = this.heapLength - 1;
    this.heapLength = length;
    if (length > 0) this.sink(0, length);
  }

  /** Puts the heap's entry at `from` into the hole at `start` or as far below it as it belongs. */
  private sink(start: number, from: number): void {
    const times = this.heapTime;
    const slots = this.heapSlot;
    const orders = this.heapOrder;
    const length = this.heapLength;
    const atUs = times[from]!;
    const slot = slots[from]!;
    const order = orders[from]!;
    let hole = start;
    for (;;) {
      let child = (hole << 2) + 1;
      if (child >= length) break;
      const end = child + 4 < length ? child + 4 : length;
      let best = child;
      let bestTime = times[child]!;
      for (child += 1; child < end; child += 1) {
        const time = times[child]!;
        if (time < bestTime || (time === bestTime && orders[child]! < orders[best]!)) {
          best = child;
          bestTime = time;
        }
      }
      if (bestTime > atUs || (bestTime === atUs && orders[best]! > order)) break;
      times[hole] = bestTime;
      slots[hole] = slots[best]!;
      orders[hole] = orders[best]!;
      hole = best;
    }
    times[hole] = atUs;
    slots[hole] = slot;
    orders[hole] = order;
  }

  private sweepHeap(): void {
    let kept = 0;
    for (let i = 0; i < this.heapLength; i += 1) {
      const slot = this.heapSlot[i]!;
      if (this.slots.isDead(slot)) {
        this.slots.bury(slot);
        continue;
      }
      this.heapSlot[kept] = slot;
      this.heapTime[kept] = this.heapTime[i]!;
      this.heapOrder[kept] = this.heapOrder[i]!;
      kept += 1;
    }
    this.heapLength = kept;
    for (let place = (kept - 2) >> 2; place >= 0; place -= 1) this.sink(place, place);
  }

  private enlargeHeap(): void {
    const capacity = this.heapSlot.length * 2;
    const heapSlot = new Int32Array(capacity);
    heapSlot.set(this.heapSlot);
    this.heapSlot = heapSlot;
    const heapTime = new Float64Array(capacity);
    heapTime.set(this.heapTime);
    this.heapTime = heapTime;
    const heapOrder = new Float64Array(capacity);
    heapOrder.set(this.heapOrder);
    this.heapOrder = heapOrder;
  }
}

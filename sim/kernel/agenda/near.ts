import { type EventSlots, timePlace, timeShift } from "./event-slots.ts";

/** Entries that may be added before somebody looks again at how many there are. */
const room = 128;

/**
 * The events that come next, sorted: a short array that is taken from at its front. Entries from `at` up to `end` are in
 * order, and of equal times the one that was added first comes first.
 */
export class Near {
  times: Float64Array = new Float64Array(2 * room);
  slots: Int32Array = new Int32Array(2 * room);
  at = 0;
  end = 0;
  /** Where `end` must not go before `makeRoom` was called. */
  endMax = room;
  /** Events before this instant belong here; Infinity while no event is anywhere else. */
  endUs = Number.POSITIVE_INFINITY;
  private readonly events: EventSlots;

  constructor(events: EventSlots) {
    this.events = events;
  }

  /** Puts an event behind all that are not later. There has to be room. */
  add(slot: number): void {
    // Times are read where they lie and not handed on: a double that is handed to a function costs an object.
    const atUs = this.events.times[(slot << timeShift) | timePlace]!;
    const { times, slots, at } = this;
    let place = this.end;
    this.end = place + 1;
    while (place > at) {
      const before = times[place - 1]!;
      if (before <= atUs) break;
      times[place] = before;
      slots[place] = slots[place - 1]!;
      place -= 1;
    }
    times[place] = atUs;
    slots[place] = slot;
  }

  empty(): void {
    this.at = 0;
    this.end = 0;
  }

  /** Makes room behind the last entry for so many more and, beyond them, for the usual number. */
  makeRoom(more = 0): void {
    const { at, end } = this;
    const count = end - at;
    const capacity = this.times.length;
    if (end + more + room > capacity) {
      const needed = count + more + room;
      if (at < count || needed > capacity) this.enlarge(Math.max(capacity, needed) * 2);
      else {
        this.times.copyWithin(0, at, end);
        this.slots.copyWithin(0, at, end);
      }
      this.at = 0;
      this.end = count;
    }
    this.endMax = this.end + more + room;
  }

  /** Replaces the entries by others, which are in order. */
  restore(slots: Int32Array, times: Float64Array, roomLeft: number): void {
    this.empty();
    this.makeRoom(slots.length + roomLeft);
    this.slots.set(slots);
    this.times.set(times);
    this.end = slots.length;
    this.endMax = this.end + roomLeft;
  }

  private enlarge(capacity: number): void {
    const times = new Float64Array(capacity);
    times.set(this.times.subarray(this.at, this.end));
    this.times = times;
    const slots = new Int32Array(capacity);
    slots.set(this.slots.subarray(this.at, this.end));
    this.slots = slots;
  }
}

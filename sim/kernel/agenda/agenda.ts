import type { Packed, PackedReader } from "../containers/packed.ts";
import { none } from "../none.ts";
import type { EventSlots } from "./event-slots.ts";
import { Ladder } from "./ladder.ts";
import { Near } from "./near.ts";

/** More events than this move into the ladder when they are found near. Measured: below it a sorted array is as fast. */
const nearMax = 40;

/**
 * The pending events in the order (time, order of scheduling). Those that come soon are near: one short sorted array.
 * All others are in the ladder, which hands out the next few when nothing is near. With few events pending everything
 * is near and the ladder is empty.
 */
export class Agenda {
  private readonly events: EventSlots;
  private readonly near: Near;
  private readonly ladder: Ladder;

  constructor(events: EventSlots) {
    this.events = events;
    this.near = new Near(events);
    this.ladder = new Ladder(events, this.near);
  }

  /** Takes a filled slot into the order by its time. Of events at one instant, the one inserted first comes first. */
  insert(slot: number, atUs: number): void {
    const near = this.near;
    if (atUs >= near.endUs) this.ladder.insert(slot);
    else if (near.end < near.endMax) near.add(slot);
    else this.insertCrowded(slot);
  }

  /** Removes and returns the first slot if its time is not after `untilUs`, else `none`. The slot stays claimed. */
  take(untilUs: number): number {
    const near = this.near;
    for (;;) {
      const at = near.at;
      if (at < near.end) {
        if (near.times[at]! > untilUs) return none;
        near.at = at + 1;
        const slot = near.slots[at]!;
        if (!this.events.isDead(slot)) return slot;
        this.events.bury(slot);
      } else if (!this.ladder.serve()) return none;
    }
  }

  /** Reclaims the slots of cancelled events: worth it when they outnumber the living. */
  sweep(): void {
    const { near, events } = this;
    let kept = near.at;
    for (let i = near.at; i < near.end; i += 1) {
      const slot = near.slots[i]!;
      if (events.isDead(slot)) events.bury(slot);
      else {
        near.slots[kept] = slot;
        near.times[kept] = near.times[i]!;
        kept += 1;
      }
    }
    near.end = kept;
    this.ladder.sweep();
  }

  /** The order as it lies, for a snapshot. */
  pack(): Packed {
    const { near } = this;
    const ladder = this.ladder.pack();
    return {
      // How much room is left decides when what is near is looked at again: it is part of the state.
      numbers: [near.endMax - near.end, ...ladder.numbers],
      arrays: [
        near.slots.subarray(near.at, near.end),
        near.times.subarray(near.at, near.end),
        ...ladder.arrays,
      ],
    };
  }

  /** Replaces the order by one that `pack` gave. */
  unpack(reader: PackedReader): void {
    const roomLeft = reader.take(1)[0]!;
    this.near.restore(reader.int32(), reader.float64(), roomLeft);
    this.ladder.unpack(reader);
  }

  /** Much may be near by now, so that adding to it in order would be slow. */
  private insertCrowded(slot: number): void {
    const { near } = this;
    if (near.end - near.at > nearMax) {
      // Where only one instant is near, a newcomer goes behind all others at once.
      const isOneInstant = near.endUs - near.times[near.at]! <= 1;
      if (!isOneInstant) this.ladder.takeOver();
    }
    near.makeRoom();
    this.insert(slot, this.events.timeOf(slot));
  }
}

import { type Packed, PackedReader, packedByteLength, writePacked } from "../containers/packed.ts";
import type { Registered } from "../containers/registered.ts";
import type { Agenda } from "./agenda.ts";
import type { EventSlots } from "./event-slots.ts";

/**
 * The pending events in a snapshot: the slots and the order's own arrays as they lie, so that the restored agenda not
 * only runs the same events but hands out the same slots, and handles kept by components stay true.
 */
export class AgendaPart implements Registered {
  private readonly slots: EventSlots;
  private readonly agenda: Agenda;

  constructor(slots: EventSlots, agenda: Agenda) {
    this.slots = slots;
    this.agenda = agenda;
  }

  byteLength(): number {
    return packedByteLength(this.pack());
  }

  write(view: DataView, byteOffset: number): void {
    writePacked(this.pack(), view, byteOffset);
  }

  read(view: DataView, byteOffset: number): void {
    const reader = new PackedReader(view, byteOffset);
    const numbers = reader.take(3);
    const words = reader.int32();
    if (words.length > this.slots.slotsMax * 8) {
      throw new Error(`it has ${words.length / 8} slots, pendingMax is ${this.slots.slotsMax}`);
    }
    this.slots.restore(numbers, words, reader.int32());
    this.agenda.unpack(reader);
  }

  private pack(): Packed {
    const { numbers, arrays } = this.agenda.pack();
    return {
      numbers: [...this.slots.numbers(), ...numbers],
      arrays: [this.slots.words, this.slots.next, ...arrays],
    };
  }
}

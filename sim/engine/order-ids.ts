import { assert } from "./assert.ts";
import type { BlobReader, BlobWriter } from "./blob-io.ts";
import { widenInts } from "./widen.ts";

const neverUsed = 0;
const gone = -1;

/**
 * Which ids were ever used, and which slot each was given: ids are unique for the session, also after fill or cancel. One
 * word per id, addressed by the id itself, so ids should be handed out densely from 0 (the gateway's interning does).
 */
export class OrderIds {
  private readonly idMax: number;
  /** 0 never used, -1 used before the engine was read from a blob, else slot + 1. As long as whole words of bits. */
  private slots = new Int32Array(4096);
  /** One more than the largest id ever used. */
  usedEnd = 0;

  constructor(idMax: number) {
    this.idMax = idMax;
  }

  /** The slot that an id of at least 0 was given, or -1. The order may be gone, and another may stand there. */
  givenSlot(id: number): number {
    if (id >= this.slots.length) return -1;
    const value = this.slots[id]!;
    return value > neverUsed ? value - 1 : -1;
  }

  isUsed(id: number): boolean {
    return id < this.slots.length && this.slots[id]! !== neverUsed;
  }

  bind(id: number, slot: number): void {
    if (id >= this.slots.length) this.grow(id);
    this.slots[id] = slot + 1;
    if (id >= this.usedEnd) this.usedEnd = id + 1;
  }

  /** 32-bit words that `writeBits` writes. */
  get bitWords(): number {
    return (this.usedEnd + 31) >>> 5;
  }

  /** Writes one bit for each id: used or not. Live ids are written with their orders. */
  writeBits(out: BlobWriter): void {
    const { slots } = this;
    for (let id = 0; id < this.usedEnd; id += 32) {
      let bits = 0;
      for (let bit = 0; bit < 32; bit++) if (slots[id + bit]! !== neverUsed) bits |= 1 << bit;
      out.u32(bits >>> 0);
    }
  }

  /** Marks as gone every id whose bit is set; the live ones are bound again as their orders are read. */
  readBits(input: BlobReader, usedEnd: number): void {
    if (usedEnd > this.slots.length) this.grow(usedEnd - 1);
    for (let id = 0; id < usedEnd; id += 32) {
      const bits = input.u32();
      for (let bit = 0; bit < 32; bit++) {
        this.slots[id + bit] = (bits >>> bit) & 1 ? gone : neverUsed;
      }
    }
    this.usedEnd = usedEnd;
  }

  clear(): void {
    this.slots.fill(neverUsed, 0, this.usedEnd);
    this.usedEnd = 0;
  }

  private grow(id: number): void {
    assert(id <= this.idMax, `order id ${id} is above orderIdMax ${this.idMax}`);
    let capacity = this.slots.length;
    while (capacity <= id) capacity *= 2;
    this.slots = widenInts(this.slots, capacity);
  }
}

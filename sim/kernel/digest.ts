import type { Registered } from "./containers/registered.ts";

/**
 * A running hash over every executed event, in 32-bit arithmetic only, so that two machines that did the same things
 * in the same order say so in sixteen characters. It finds accidents; it is no proof against an adversary.
 */
export class Digest implements Registered {
  private low = 0x6a09e667;
  private high = 0x3c6ef372;

  /** Takes one event in. Its six words are combined apart from the chain, so that the chain stays short. */
  add(atUs: number, handler: number, a: number, b: number, c: number): void {
    const seconds = (atUs * 2.3283064365386963e-10) | 0;
    let x = Math.imul(atUs | 0, 0x9e3779b1) + Math.imul(handler, 0x85ebca77);
    let y = Math.imul(a, 0xc2b2ae3d) + Math.imul(b, 0x27d4eb2f);
    x ^= Math.imul(c, 0x165667b1) + seconds;
    y = Math.imul(y ^ (y >>> 15), 0x2c1b3c6d);
    x ^= x >>> 16;
    const low = (Math.imul(this.low ^ x, 0x7feb352d) + y) | 0;
    const high = Math.imul(this.high ^ y, 0x31848bab) ^ ((low << 13) | (low >>> 19));
    this.low = (((low >>> 16) ^ low) + high) | 0;
    this.high = high ^ (high >>> 15);
  }

  /** Sixteen hexadecimal digits. */
  text(): string {
    return hex(this.high) + hex(this.low);
  }

  byteLength(): number {
    return 8;
  }

  write(view: DataView, byteOffset: number): void {
    view.setInt32(byteOffset, this.low | 0, true);
    view.setInt32(byteOffset + 4, this.high | 0, true);
  }

  read(view: DataView, byteOffset: number): void {
    this.low = view.getInt32(byteOffset, true);
    this.high = view.getInt32(byteOffset + 4, true);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

import type { EngineState } from "./engine-state.ts";
import { Flag, Float, floatShift, Int, intShift, Term, termShift } from "./order-pool.ts";

/** Two independent 32-bit lanes over a stream of numbers; whole numbers up to 2^53 are told apart. */
class Mixer {
  private a = 0x811c9dc5;
  private b = 0x9747b28c;

  add(value: number): void {
    const low = value >>> 0;
    const high = (value / 4294967296) >>> 0;
    this.a = Math.imul(this.a ^ low, 0x01000193);
    this.a = Math.imul(((this.a << 13) | (this.a >>> 19)) ^ high, 0x85ebca6b);
    this.b = Math.imul(((this.b << 15) | (this.b >>> 17)) ^ low, 0xc2b2ae35);
    this.b = Math.imul(((this.b << 11) | (this.b >>> 21)) ^ high, 0x27d4eb2f) + 1;
  }

  hex(): string {
    return hex32(this.a ^ (this.a >>> 15)) + hex32(this.b ^ (this.b >>> 13));
  }
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

/**
 * A hash over the priority walk: per symbol the phase, last price and reference, every order in the order in which it would
 * trade, every waiting stop with its mark; then kill switches and clock. Sequence numbers are left out, so two engines that
 * came to the same books by commands of different number agree; compare both where the way matters.
 */
export function hashState(state: EngineState): string {
  const mixer = new Mixer();
  const { pool, levels } = state;
  for (const book of state.books) {
    mixer.add(book.phase);
    mixer.add(book.last);
    mixer.add(book.reference);
    for (const side of book.sides) {
      mixer.add(side.count);
      for (let at = side.count - 1; at >= 0; at--) {
        mixer.add(side.keys[at]!);
        for (
          let slot = levels.head[side.levels[at]!]!;
          slot >= 0;
          slot = pool.ints[(slot << intShift) | Int.next]!
        ) {
          addOrder(mixer, state, slot);
        }
      }
    }
    mixer.add(book.stopCount);
    for (let slot = book.stopHead; slot >= 0; slot = pool.ints[(slot << intShift) | Int.next]!) {
      addOrder(mixer, state, slot);
      mixer.add(pool.terms[(slot << termShift) | Term.price]!);
      mixer.add(pool.stop[slot]!);
      mixer.add(pool.mark[slot]!);
    }
  }
  state.accounts.forEachKilled((account) => mixer.add(account + 1));
  mixer.add(state.accounts.isAllKilled ? 1 : 0);
  mixer.add(state.now);
  return mixer.hex();
}

function addOrder(mixer: Mixer, state: EngineState, slot: number): void {
  const { pool } = state;
  const flags = pool.ints[(slot << intShift) | Int.flags]!;
  mixer.add(pool.ints[(slot << intShift) | Int.id]!);
  mixer.add(flags);
  mixer.add(pool.floats[(slot << floatShift) | Float.leaves]!);
  if (flags & Flag.iceberg) mixer.add(pool.shown[slot]!);
  if (flags & Flag.account) mixer.add(pool.account[slot]!);
}

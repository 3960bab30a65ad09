import type { Registered } from "./registered.ts";

/** A running total as a double: exact for whole numbers to 2^53. */
export class Counter implements Registered {
  /** The total now. */
  value = 0;

  /** Adds an amount, which may be negative. */
  add(amount: number): void {
    this.value += amount;
  }

  /** Counts from 0 again, as at the end of a warm-up. */
  reset(): void {
    this.value = 0;
  }

  byteLength(): number {
    return 8;
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.value, true);
  }

  read(view: DataView, byteOffset: number): void {
    this.value = view.getFloat64(byteOffset, true);
  }
}

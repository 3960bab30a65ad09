import type { Kernel } from "../../kernel/kernel.ts";

/** Which users were not served when they last asked: how far a fault of one cell reaches. */
export class ServedUsers {
  readonly #isUnserved: Uint8Array;
  readonly #count: Float64Array;

  constructor(kernel: Kernel, userCount: number) {
    this.#isUnserved = kernel.uint8Array("users.unserved", userCount);
    this.#count = kernel.float64Array("users.unserved-count", 1);
  }

  /** Users whose last request failed for good. */
  get unservedCount(): number {
    return this.#count[0]!;
  }

  note(user: number, isServed: boolean): void {
    const now = isServed ? 0 : 1;
    this.#count[0] = this.#count[0]! + now - this.#isUnserved[user]!;
    this.#isUnserved[user] = now;
  }
}

import { createKernel, type Stream } from "../../sim/kernel/kernel.ts";

/** Choices of one case, in the order in which they are made. */
export class Choices {
  readonly #stream: Stream;

  constructor(seed: number, about: string) {
    const kernel = createKernel({ seed: String(seed), programVersion: "random-platforms" });
    this.#stream = kernel.stream(about);
  }

  chance(share: number): boolean {
    return this.#stream.uniform() < share;
  }

  /** Whole, both ends included. */
  between(low: number, high: number): number {
    return low + this.#stream.int(high - low + 1);
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return first(items.slice(this.#stream.int(items.length)));
  }

  /** So many different ones, in random order. */
  several<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, items.length) }, () =>
      left.splice(this.#stream.int(left.length), 1),
    ).flat();
  }
}

export function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined) throw new Error("there is nothing to choose from");
  return item;
}

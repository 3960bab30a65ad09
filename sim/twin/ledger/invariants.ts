import type { Kernel } from "../../kernel/kernel.ts";
import type { InvariantResult } from "../results-types.ts";

/** What must hold whatever happens to the platform, by number. */
export const invariant = {
  quantityBalances: 0,
  noFillBeyondSize: 1,
  oneBuyerOneSeller: 2,
  booksNeverCrossed: 3,
  sequenceWithoutGap: 4,
  onePlaceInHistory: 5,
  recoveredBooksEqualHistory: 6,
  /** Of runs with execution reports. */
  clientsAgree: 7,
  reinstatedWithinSize: 8,
} as const;

const names = [
  "accepted + amended up = open + filled + cancelled, for every order",
  "no order fills beyond its size",
  "a trade has exactly one buyer and one seller",
  "books never cross in continuous trading",
  "sequence numbers have no gap",
  "a command stands in the history once",
  "recovered books equal the history's",
  "clients and venue agree on every trade whose reports have arrived",
  "filled + re-instated never exceeds an order's size",
];

/** Of these there is nothing to say in a run that does not check them. */
const onlyWhenChecked: readonly number[] = [invariant.clientsAgree, invariant.reinstatedWithinSize];

/** Counts checks and violations, and keeps the first violation of each in words. */
export class Invariants {
  readonly #checks: Float64Array;
  readonly #violations: Float64Array;
  /** Words of a first violation are a note for the report; nothing in the simulation reads them. */
  readonly #first: string[] = names.map(() => "");

  constructor(kernel: Kernel) {
    this.#checks = kernel.float64Array("invariants.checks", names.length);
    this.#violations = kernel.float64Array("invariants.violations", names.length);
  }

  /** A check came out well. */
  held(which: number): void {
    this.#checks[which] = this.#checks[which]! + 1;
  }

  /** A check came out badly. */
  broken(which: number, words: string): void {
    this.#checks[which] = this.#checks[which]! + 1;
    this.#violations[which] = this.#violations[which]! + 1;
    if (this.#first[which] === "") this.#first[which] = words;
  }

  results(): InvariantResult[] {
    return names.flatMap((name, at) =>
      onlyWhenChecked.includes(at) && this.#checks[at] === 0
        ? []
        : [
            {
              name,
              checks: this.#checks[at]!,
              violations: this.#violations[at]!,
              ...(this.#first[at] === "" ? {} : { firstViolation: this.#first[at]! }),
            },
          ],
    );
  }
}

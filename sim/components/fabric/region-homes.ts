import type { Kernel } from "../../kernel/kernel.ts";
import type { Zones } from "./zones.ts";

/** Times that users can be sent elsewhere in one run. */
const turnsMax = 64;

/**
 * Which region serves the symbols and the users that are at home in each: their own, until people move them. Moving
 * symbols is a matter of configuration and holds at once; users follow as their resolvers' answers expire, so what the
 * authority said is kept turn by turn.
 */
export class RegionHomes {
  /** Names of the regions, in the order of their zones. */
  readonly regions: readonly string[];
  readonly #symbols: Int32Array;
  readonly #users: Int32Array;
  /** [whether symbols have been moved, times that users have been sent elsewhere] */
  readonly #state: Int32Array;

  constructor(kernel: Kernel, zones: Zones) {
    const named = zones.zones.flatMap(({ region }) => (region === undefined ? [] : [region]));
    this.regions = [...new Set(named)];
    const count = Math.max(1, this.regions.length);
    const own = Int32Array.from({ length: count }, (_, region) => region);
    this.#symbols = kernel.int32Array("homes.symbols", count);
    this.#symbols.set(own);
    this.#users = kernel.int32Array("homes.users", count * turnsMax);
    this.#users.set(own);
    this.#state = kernel.int32Array("homes.state", 2);
  }

  get areSymbolsMoved(): boolean {
    return this.#state[0] === 1;
  }

  /** Region that keeps the symbols at home in a region now. */
  symbolsOf(region: number): number {
    return this.#symbols[region]!;
  }

  /** Orders for symbols that a region keeps go to another from now on. */
  moveSymbols(from: number, to: number): void {
    for (let home = 0; home < this.#symbols.length; home += 1) {
      if (this.#symbols[home] === from) this.#symbols[home] = to;
    }
    this.#state[0] = this.#symbols.some((region, home) => region !== home) ? 1 : 0;
  }

  /** Times that users have been sent elsewhere; what a resolver was told is remembered as this number. */
  get turn(): number {
    return this.#state[1]!;
  }

  /** Region that the name led to for users at home in a region, as the authority had it in a turn. */
  usersAt(turn: number, home: number): number {
    return this.#users[turn * this.#symbols.length + home]!;
  }

  /** The authority answers users that it sent to one region with another from now on; false when it has done so too often. */
  moveUsers(from: number, to: number): boolean {
    const count = this.#symbols.length;
    const turn = this.turn + 1;
    if (turn >= turnsMax) return false;
    for (let home = 0; home < count; home += 1) {
      const present = this.usersAt(turn - 1, home);
      this.#users[turn * count + home] = present === from ? to : present;
    }
    this.#state[1] = turn;
    return true;
  }
}

/** Whether any zone of one place with power talks, both ways, with any of another. */
export function placesTalk(zones: Zones, some: readonly number[], others: readonly number[]) {
  return some.some(
    (one) =>
      zones.powered[one] === 1 &&
      others.some(
        (other) =>
          zones.powered[other] === 1 && zones.linked(one, other) && zones.linked(other, one),
      ),
  );
}

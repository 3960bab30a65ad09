import type { Kernel } from "../../kernel/kernel.ts";
import type { Zones } from "./zones.ts";

/** Times that users can be sent elsewhere in one run. */
const turnsMax = 64;

/** Most parts of a region's symbols that can be moved one by one. */
const partsMax = 256;

/** A part of the symbols that are at home in a region: the keys of one partition of so many. */
export interface SymbolPart {
  /** From 0. */
  readonly partition: number;
  readonly of: number;
}

/**
 * Which region serves the symbols and the users that are at home in each: their own, until people move them. Moving
 * symbols is a matter of configuration and holds at once; users follow as their resolvers' answers expire, so what the
 * authority said is kept turn by turn.
 */
export class RegionHomes {
  /** Names of the regions, in the order of their zones. */
  readonly regions: readonly string[];
  readonly #symbols: Int32Array;
  /** By home region: into how many parts its symbols fall since one was moved alone, 0 before, and where each part is. */
  readonly #partCount: Int32Array;
  readonly #parts: Int32Array;
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
    this.#partCount = kernel.int32Array("homes.part-count", count);
    this.#parts = kernel.int32Array("homes.parts", count * partsMax);
    this.#users = kernel.int32Array("homes.users", count * turnsMax);
    this.#users.set(own);
    this.#state = kernel.int32Array("homes.state", 2);
  }

  get areSymbolsMoved(): boolean {
    return this.#state[0] === 1;
  }

  /** Region that keeps the symbols at home in a region now, those of a partition (from 0) of any number that the parts divide. */
  symbolsOf(region: number, partition: number): number {
    const count = this.#partCount[region]!;
    if (count === 0) return this.#symbols[region]!;
    return this.#parts[region * partsMax + (partition % count)]!;
  }

  /**
   * Orders for symbols that a region keeps go to another from now on: all, those that are at home in one region, or a part of
   * those. False when they fall into other parts already.
   */
  moveSymbols(from: number, to: number, only: { home?: number; part?: SymbolPart } = {}): boolean {
    const { home, part } = only;
    for (let region = 0; region < this.#symbols.length; region += 1) {
      if (home !== undefined && region !== home) continue;
      if (part !== undefined && !this.#divide(region, part)) return false;
      if (this.#symbols[region] === from && part === undefined) this.#symbols[region] = to;
      for (let at = 0; at < this.#partCount[region]!; at += 1) {
        const isMeant = part === undefined || at === part.partition;
        const place = region * partsMax + at;
        if (isMeant && this.#parts[place] === from) this.#parts[place] = to;
      }
    }
    this.#state[0] = this.#isAnyAway() ? 1 : 0;
    return true;
  }

  #divide(region: number, { partition, of }: SymbolPart): boolean {
    const count = this.#partCount[region]!;
    if (partition >= of || of > partsMax || (count !== 0 && count !== of)) return false;
    if (count === 0) {
      this.#partCount[region] = of;
      const first = region * partsMax;
      this.#parts.fill(this.#symbols[region]!, first, first + of);
    }
    return true;
  }

  #isAnyAway(): boolean {
    return this.#symbols.some((now, region) => {
      const count = this.#partCount[region]!;
      if (count === 0) return now !== region;
      const parts = this.#parts.subarray(region * partsMax, region * partsMax + count);
      return parts.some((each) => each !== region);
    });
  }

  /** Times that users have been sent elsewhere; what a resolver was told is remembered as this number. */
  get turn(): number {
    return this.#state[1]!;
  }

  /** Region that the name led to for users at home in a region, as the authority had it in a turn. */
  usersAt(turn: number, home: number): number {
    return this.#users[turn * this.#symbols.length + home]!;
  }

  /**
   * The authority answers users that it sent to one region with another from now on, all or those at home in one region; false
   * when it has done so too often.
   */
  moveUsers(from: number, to: number, only?: number): boolean {
    const count = this.#symbols.length;
    const turn = this.turn + 1;
    if (turn >= turnsMax) return false;
    for (let home = 0; home < count; home += 1) {
      const present = this.usersAt(turn - 1, home);
      const isMeant = present === from && (only === undefined || only === home);
      this.#users[turn * count + home] = isMeant ? to : present;
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

/**
 * Microseconds by which asynchronous replication from one place to another is late: by its best link, for what replicates has a
 * choice of them. Infinite while it stands still, though the places may talk.
 */
export function replicationDelayUs(
  zones: Zones,
  from: readonly number[],
  to: readonly number[],
): number {
  let leastUs = Number.POSITIVE_INFINITY;
  for (const one of from) {
    for (const other of to) {
      leastUs = Math.min(leastUs, zones.replicationDelayUs(one, other));
    }
  }
  return leastUs;
}

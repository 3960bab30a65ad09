import type { Config, NewOrder, Phase } from "./reference-engine.ts";

/** A small generator of its own (mulberry32), so that a failure is repeated by its seed alone. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export type Command =
  | { op: "new"; order: NewOrder }
  | { op: "cancel"; id: number }
  | { op: "amend"; id: number; price: number | undefined; leaves: number }
  | { op: "massCancel"; acct: number | undefined; reason: "MASS" | "DISCONNECT" }
  | { op: "kill"; acct: number | undefined }
  | { op: "phase"; phase: Phase; reference: number | undefined }
  | { op: "time"; now: number }
  | { op: "endOfDay" };

const types = ["limit", "limit", "limit", "limit", "market", "stop", "stop_limit", "trailing_stop"];
const tifs = ["GTC", "GTC", "GTC", "GTC", "IOC", "FOK", "DAY", "GTD"];
const modes = ["none", "cancel_taker", "cancel_maker", "cancel_both", "decrement"];
const phases: Phase[] = [
  "pre_open",
  "auction",
  "auction",
  "auction",
  "continuous",
  "halted",
  "cancel_only",
];

/** Commands that meet each other: few prices, few lots, few accounts, few orders open at once. */
export class RandomCommands {
  private readonly random: () => number;
  private nextId = 1;
  private now = 0;
  private phase: Phase;

  constructor(random: () => number, phase: Phase) {
    this.random = random;
    this.phase = phase;
  }

  static config(random: () => number): Config {
    const maybe = (share: number, value: number) => (random() < share ? value : undefined);
    return {
      tick: random() < 0.8 ? 1 : 2,
      lot: random() < 0.8 ? 1 : 2,
      bandLow: maybe(0.3, 92),
      bandHigh: maybe(0.3, 108),
      maxQty: maybe(0.2, 18),
      maxOpen: maybe(0.2, 6),
      phase: random() < 0.8 ? "continuous" : "auction",
      last: maybe(0.5, 100),
    };
  }

  next(openIds: readonly number[]): Command {
    const crowded = openIds.length > 20 ? 0.3 : 0;
    const roll = this.random();
    if (roll < 0.62 - crowded) return { op: "new", order: this.newOrder(openIds) };
    if (roll < 0.76) return { op: "cancel", id: this.someId(openIds) };
    if (roll < 0.92) return this.amend(openIds);
    if (this.phase === "halted" || this.phase === "cancel_only" || roll < 0.945) {
      return this.phaseChange();
    }
    if (roll < 0.988) {
      this.now += this.whole(1, 10);
      return { op: "time", now: this.now };
    }
    if (roll < 0.992) return { op: "endOfDay" };
    const acct = this.random() < 0.8 ? this.whole(0, 2) : undefined;
    if (roll < 0.9995) {
      return { op: "massCancel", acct, reason: this.random() < 0.5 ? "MASS" : "DISCONNECT" };
    }
    return { op: "kill", acct: this.whole(0, 2) };
  }

  private newOrder(openIds: readonly number[]): NewOrder {
    const { random } = this;
    const qty = random() < 0.02 ? this.whole(-1, 0) : this.whole(1, 20);
    const order: NewOrder = {
      id: random() < 0.02 ? this.someId(openIds) : this.nextId++,
      side: random() < 0.5 ? "buy" : "sell",
      type: this.pick(types) as NewOrder["type"],
      tif: this.pick(tifs) as NewOrder["tif"],
      price: random() < 0.01 ? 0 : this.whole(95, 105),
      qty,
      stopPrice: this.whole(94, 106),
      trail: this.whole(1, 4),
      expire: this.now + this.whole(0, 30),
    };
    if (random() < 0.2) order.display = this.whole(random() < 0.1 ? 0 : 1, Math.max(1, qty));
    if (random() < 0.1) order.minQty = this.whole(1, 20);
    if (random() < 0.1) order.postOnly = true;
    if (random() < 0.15) order.aon = true;
    if (random() < 0.7) order.acct = this.whole(0, 2);
    if (random() < 0.6) order.stp = this.pick(modes) as NonNullable<NewOrder["stp"]>;
    return order;
  }

  private amend(openIds: readonly number[]): Command {
    const price = this.random() < 0.4 ? undefined : this.whole(94, 106);
    const leaves = this.random() < 0.1 ? this.whole(-1, 0) : this.whole(1, 20);
    return { op: "amend", id: this.someId(openIds), price, leaves };
  }

  /** Mostly back to continuous trading, where most happens. */
  private phaseChange(): Command {
    const isBack = this.phase !== "continuous" && this.random() < 0.7;
    this.phase = isBack ? "continuous" : (this.pick(phases) as Phase);
    const reference = this.random() < 0.3 ? this.whole(95, 105) : undefined;
    return { op: "phase", phase: this.phase, reference };
  }

  private someId(openIds: readonly number[]): number {
    if (openIds.length > 0 && this.random() < 0.96) return this.pick(openIds);
    return this.whole(1, this.nextId);
  }

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  private whole(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }
}

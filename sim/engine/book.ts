import type { BookSide } from "./book-side.ts";
import { Phase } from "./codes.ts";

/** The rules of one symbol. Prices are whole ticks, quantities whole lots; what is left out does not limit. */
export interface SymbolConfig {
  /** A price must be a multiple of this. Default 1. */
  readonly tick?: number;
  /** A quantity must be a multiple of this. Default 1. */
  readonly lot?: number;
  /** Lowest and highest price allowed; a market order trades no further than these. */
  readonly bandLow?: number;
  readonly bandHigh?: number;
  /** Most lots in one order. */
  readonly maxQty?: number;
  /** Most open orders of one account, counted over all symbols; orders without account count as one account. */
  readonly maxOpen?: number;
  /** Market state at the beginning. Default continuous. */
  readonly phase?: Phase;
  /** Price of the last trade before the session, for stops and auctions. */
  readonly last?: number;
}

/** The limits of a symbol's orders, each of them stated. Symbols with one configuration share them, and so their memory. */
export type BookLimits = Readonly<Required<Omit<SymbolConfig, "phase" | "last">>>;

/** A configuration's limits. */
export function limitsOf(config: SymbolConfig): BookLimits {
  return {
    tick: config.tick ?? 1,
    lot: config.lot ?? 1,
    bandLow: config.bandLow ?? Number.NEGATIVE_INFINITY,
    bandHigh: config.bandHigh ?? Number.POSITIVE_INFINITY,
    maxQty: config.maxQty ?? Number.POSITIVE_INFINITY,
    maxOpen: config.maxOpen ?? Number.POSITIVE_INFINITY,
  };
}

/** One symbol: its two sides, its waiting stops (an entry-ordered list through the pool), its phase and last price. */
export class Book {
  readonly sides: readonly [BookSide, BookSide];
  readonly limits: BookLimits;
  phase: number;
  /** All-or-none orders on both sides. */
  allOrNoneCount = 0;
  /** Price of the last trade; NaN before the first. */
  last: number;
  /** Price an auction leans to when nothing else decides; NaN: use `last`. */
  reference = Number.NaN;
  stopHead = -1;
  stopTail = -1;
  stopCount = 0;
  /** Stops may fire: a trade, a new or changed stop, or a phase came since they were last looked at. */
  stopsDue = false;
  /** No waiting buy stop fires below this, no waiting sell stop above that; widest while a trailing stop waits. */
  buyStopMin = Number.POSITIVE_INFINITY;
  sellStopMax = Number.NEGATIVE_INFINITY;
  /** Range of trade prices since stops were last looked at, for the marks of trailing stops. */
  tradeHigh = Number.NEGATIVE_INFINITY;
  tradeLow = Number.POSITIVE_INFINITY;

  constructor(config: SymbolConfig, limits: BookLimits, sides: readonly [BookSide, BookSide]) {
    this.sides = sides;
    this.limits = limits;
    this.phase = config.phase ?? Phase.continuous;
    this.last = config.last ?? Number.NaN;
  }

  recordTrade(price: number): void {
    this.last = price;
    if (price > this.tradeHigh) this.tradeHigh = price;
    if (price < this.tradeLow) this.tradeLow = price;
    this.stopsDue = true;
  }

  /** Forgets orders and stops; phase and prices are set by whoever fills the book again. */
  clear(): void {
    for (const side of this.sides) side.clear();
    this.allOrNoneCount = 0;
    this.stopHead = -1;
    this.stopTail = -1;
    this.stopCount = 0;
    this.stopsDue = false;
    this.buyStopMin = Number.POSITIVE_INFINITY;
    this.sellStopMax = Number.NEGATIVE_INFINITY;
    this.tradeHigh = Number.NEGATIVE_INFINITY;
    this.tradeLow = Number.POSITIVE_INFINITY;
  }

  /** True while orders only collect. */
  get collects(): boolean {
    return this.phase <= Phase.auction;
  }
}

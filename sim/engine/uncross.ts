import type { Book } from "./book.ts";
import { EventKind, Reason, Side } from "./codes.ts";
import type { EngineState } from "./engine-state.ts";
import { fillResting, isSelfTrade, preventSelfTrade, reportTrade } from "./matching.ts";
import { Flag, Float, floatShift, Int, intShift, Term, termShift } from "./order-pool.ts";

/**
 * Ends an auction: the book trades at one price, and what is left of market orders is cancelled. All-or-none orders stand
 * aside (neither their volume nor they themselves take part) and are looked at when continuous trading begins.
 *
 * Self-trade prevention comes first: while a pair that would trade may not, it is dealt with and the price is found anew.
 * Done while trading, it would leave too little on one side for the price found, and the book crossed.
 */
export function uncross(state: EngineState, symbol: number): void {
  const { pool } = state;
  const book = state.books[symbol]!;
  let price = uncrossingPrice(state, book);
  while (price !== undefined) {
    const pair = firstSelfTrade(state, book, price);
    if (pair === undefined) break;
    preventSelfTrade(state, pair.taker, pair.maker);
    price = uncrossingPrice(state, book);
  }
  if (price !== undefined) tradeAt(state, book, price);
  const residuals = state.slotsByEntry(
    (slot) =>
      pool.ints[(slot << intShift) | Int.symbol]! === symbol &&
      state.isMarket(slot) &&
      pool.ints[(slot << intShift) | Int.level]! >= 0,
  );
  for (const slot of residuals) state.remove(slot, Reason.marketResidual);
  book.reference = Number.NaN;
}

/** Open quantity at each key of one side, all-or-none orders left out; best key first. */
function depthOf(
  state: EngineState,
  book: Book,
  side: number,
): { key: number; quantity: number }[] {
  const { pool, levels } = state;
  const own = book.sides[side]!;
  const depth: { key: number; quantity: number }[] = [];
  for (let at = own.count - 1; at >= 0; at--) {
    let quantity = 0;
    for (
      let slot = levels.head[own.levels[at]!]!;
      slot >= 0;
      slot = pool.ints[(slot << intShift) | Int.next]!
    ) {
      if (!(pool.ints[(slot << intShift) | Int.flags]! & Flag.allOrNone))
        quantity += pool.floats[(slot << floatShift) | Float.leaves]!;
    }
    if (quantity > 0) depth.push({ key: own.keys[at]!, quantity });
  }
  return depth;
}

interface Candidate {
  readonly price: number;
  readonly volume: number;
  /** Quantity wanted minus quantity offered at this price. */
  readonly surplus: number;
}

/**
 * The price among the order prices with the largest volume; then the smallest surplus; then the highest where all that
 * remain have buyers left, the lowest where all have sellers left; then nearest to the reference; then the lowest.
 */
function uncrossingPrice(state: EngineState, book: Book): number | undefined {
  const candidates = candidatesOf(state, book);
  let best = candidates.filter((candidate) => candidate.volume > 0);
  if (best.length === 0) return undefined;
  const volumeMax = best.reduce((most, { volume }) => Math.max(most, volume), 0);
  best = best.filter(({ volume }) => volume === volumeMax);
  const surplusMin = best.reduce(
    (least, { surplus }) => Math.min(least, Math.abs(surplus)),
    Number.POSITIVE_INFINITY,
  );
  best = best.filter(({ surplus }) => Math.abs(surplus) === surplusMin);
  // Candidates are in rising order of price.
  if (best.every(({ surplus }) => surplus > 0)) return best[best.length - 1]!.price;
  if (best.every(({ surplus }) => surplus < 0)) return best[0]!.price;
  const reference = Number.isNaN(book.reference) ? book.last : book.reference;
  if (Number.isNaN(reference)) return best[0]!.price;
  return best.reduce((nearest, candidate) =>
    Math.abs(candidate.price - reference) < Math.abs(nearest.price - reference)
      ? candidate
      : nearest,
  ).price;
}

function candidatesOf(state: EngineState, book: Book): Candidate[] {
  const bids = depthOf(state, book, Side.buy);
  const asks = depthOf(state, book, Side.sell);
  const prices = [...bids.map(({ key }) => key), ...asks.map(({ key }) => -key)]
    .filter((price) => Number.isFinite(price))
    .sort((a, b) => a - b);
  let wanted = bids.reduce((sum, { quantity }) => sum + quantity, 0);
  let offered = 0;
  let bidAt = bids.length - 1;
  let askAt = 0;
  return prices.map((price) => {
    while (bidAt >= 0 && bids[bidAt]!.key < price) wanted -= bids[bidAt--]!.quantity;
    while (askAt < asks.length && -asks[askAt]!.key <= price) offered += asks[askAt++]!.quantity;
    return { price, volume: Math.min(wanted, offered), surplus: wanted - offered };
  });
}

/** Pairs the oldest of the best on each side until one side has nothing more at this price. The earlier order is maker. */
function tradeAt(state: EngineState, book: Book, price: number): void {
  for (;;) {
    const buy = firstAtOrBetter(state, book, Side.buy, price);
    const sell = firstAtOrBetter(state, book, Side.sell, -price);
    if (buy < 0 || sell < 0) return;
    const { maker, taker } = rolesOf(state, buy, sell);
    const fill = Math.min(state.shownOf(buy), state.shownOf(sell));
    reportTrade(state, taker === sell ? Side.sell : Side.buy, maker, taker, price, fill);
    state.events.noteShown(0, 0);
    reportExecution(state, maker, fill);
    reportExecution(state, taker, fill);
    book.recordTrade(price);
    fillResting(state, buy, fill);
    fillResting(state, sell, fill);
  }
}

/** Says what one of two orders that trade in an auction loses at its own price; it is still in the book. */
function reportExecution(state: EngineState, slot: number, fill: number): void {
  const level = state.pool.ints[(slot << intShift) | Int.level]!;
  state.emitOrder(EventKind.executed, slot, fill);
  state.events.noteShown(state.shownOf(slot), state.levels.shown[level]! - fill);
}

interface Pair {
  readonly maker: number;
  readonly taker: number;
}

function rolesOf(state: EngineState, buy: number, sell: number): Pair {
  const isBuyEarlier =
    state.pool.terms[(buy << termShift) | Term.entry]! <
    state.pool.terms[(sell << termShift) | Term.entry]!;
  return isBuyEarlier ? { maker: buy, taker: sell } : { maker: sell, taker: buy };
}

function firstAtOrBetter(state: EngineState, book: Book, side: number, key: number): number {
  const { pool, levels } = state;
  const own = book.sides[side]!;
  for (let at = own.count - 1; at >= 0 && own.keys[at]! >= key; at--) {
    for (
      let slot = levels.head[own.levels[at]!]!;
      slot >= 0;
      slot = pool.ints[(slot << intShift) | Int.next]!
    ) {
      if (!(pool.ints[(slot << intShift) | Int.flags]! & Flag.allOrNone)) return slot;
    }
  }
  return -1;
}

/** The first pair of `tradeAt` that self-trade prevention forbids; nothing changes. */
function firstSelfTrade(state: EngineState, book: Book, price: number): Pair | undefined {
  const buys = new RehearsedLine(state, book, Side.buy, price);
  const sells = new RehearsedLine(state, book, Side.sell, -price);
  if (!buys.hasPrevention && !sells.hasPrevention) return undefined;
  while (buys.slot >= 0 && sells.slot >= 0) {
    const pair = rolesOf(state, buys.slot, sells.slot);
    if (isSelfTrade(state, pair.taker, pair.maker)) return pair;
    const fill = Math.min(buys.shown, sells.shown);
    buys.fill(fill);
    sells.fill(fill);
  }
  return undefined;
}

/** A copy of one side's line at a price or better, in which slices come round again as they would in the book. */
class RehearsedLine {
  /** The order at the head, or -1. */
  slot = -1;
  shown = 0;
  hasPrevention = false;
  private readonly state: EngineState;
  private readonly levels: { slot: number; leaves: number; shown: number }[][] = [];

  constructor(state: EngineState, book: Book, side: number, key: number) {
    const { pool, levels } = state;
    const own = book.sides[side]!;
    this.state = state;
    for (let at = own.count - 1; at >= 0 && own.keys[at]! >= key; at--) {
      const line: { slot: number; leaves: number; shown: number }[] = [];
      for (
        let slot = levels.head[own.levels[at]!]!;
        slot >= 0;
        slot = pool.ints[(slot << intShift) | Int.next]!
      ) {
        const flags = pool.ints[(slot << intShift) | Int.flags]!;
        if (flags & Flag.allOrNone) continue;
        if (flags & Flag.stpMask && flags & Flag.account) this.hasPrevention = true;
        line.push({
          slot,
          leaves: pool.floats[(slot << floatShift) | Float.leaves]!,
          shown: state.shownOf(slot),
        });
      }
      this.levels.push(line);
    }
    this.levels.reverse();
    for (const line of this.levels) line.reverse();
    this.showHead();
  }

  fill(quantity: number): void {
    const line = this.levels[this.levels.length - 1]!;
    const head = line[line.length - 1]!;
    head.leaves -= quantity;
    head.shown -= quantity;
    if (head.shown === 0) {
      line.pop();
      if (head.leaves > 0) {
        head.shown = Math.min(this.state.pool.display[head.slot]!, head.leaves);
        line.unshift(head);
      }
    }
    this.showHead();
  }

  private showHead(): void {
    while (this.levels.length > 0 && this.levels[this.levels.length - 1]!.length === 0) {
      this.levels.pop();
    }
    const head = this.levels[this.levels.length - 1]?.at(-1);
    this.slot = head === undefined ? -1 : head.slot;
    this.shown = head === undefined ? 0 : head.shown;
  }
}

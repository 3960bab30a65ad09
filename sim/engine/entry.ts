import type { Book } from "./book.ts";
import { EventKind, OrderType, Phase, Reason, Side, TimeInForce } from "./codes.ts";
import type { EngineState } from "./engine-state.ts";
import { take } from "./matching.ts";
import { Flag, Float, floatShift, Int, intShift, Term, termShift } from "./order-pool.ts";
import { rehearse } from "./rehearsal.ts";

const needsRehearsal = Flag.allOrNone | Flag.minQty;

/** The worst key of the other side that an order takes. A market order takes all, as far as the price band allows. */
export function limitKeyOf(book: Book, side: number, isMarket: boolean, price: number): number {
  if (side === Side.buy) return isMarket ? -book.limits.bandHigh : -price;
  return isMarket ? book.limits.bandLow : price;
}

/** Where an order stands on its own side; a market order that waits for an auction stands before all prices. */
function restKeyOf(side: number, isMarket: boolean, price: number): number {
  if (isMarket) return Number.POSITIVE_INFINITY;
  return side === Side.buy ? price : -price;
}

/**
 * Brings a live order that is in no book into its book: it trades what it can and may, and the rest stands, or is
 * cancelled with the reason its kind demands. `isFirst` is false for a re-entry after an amend (no minimum quantity).
 */
export function enter(state: EngineState, slot: number, isFirst: boolean): void {
  const { pool } = state;
  const symbol = pool.ints[(slot << intShift) | Int.symbol]!;
  const book = state.books[symbol]!;
  const flags = pool.ints[(slot << intShift) | Int.flags]!;
  const side = flags & Flag.side;
  const isMarket = (flags & Flag.typeMask) >> Flag.typeShift === OrderType.market;
  const price = pool.terms[(slot << termShift) | Term.price]!;
  if (book.phase !== Phase.continuous) {
    if (isFirst && flags & Flag.minQty) state.remove(slot, Reason.minQty);
    else state.rest(slot, restKeyOf(side, isMarket, price));
    return;
  }
  const limitKey = limitKeyOf(book, side, isMarket, price);
  const tif = (flags & Flag.tifMask) >> Flag.tifShift;
  const refusal =
    flags & needsRehearsal || tif === TimeInForce.fok
      ? refusalOf(state, book, slot, limitKey, isFirst)
      : mayTrade;
  if (refusal > 0) {
    state.remove(slot, refusal);
    return;
  }
  const isCrossing = state.bestKeys[2 * symbol + (side ^ 1)]! >= limitKey;
  if (isCrossing && refusal === mayTrade && take(state, slot, limitKey)) return;
  if (pool.floats[(slot << floatShift) | Float.leaves]! === 0) state.retire(slot);
  else if (isMarket) state.remove(slot, Reason.marketResidual);
  else if (tif === TimeInForce.ioc) state.remove(slot, Reason.ioc);
  else state.rest(slot, restKeyOf(side, isMarket, price));
}

const mayTrade = 0;
const mustWait = -1;

/** Why an order that demands a certain quantity at once may not trade: a cancel reason, `mustWait`, or `mayTrade`. */
function refusalOf(
  state: EngineState,
  book: Book,
  slot: number,
  limitKey: number,
  isFirst: boolean,
): number {
  const { pool } = state;
  const flags = pool.ints[(slot << intShift) | Int.flags]!;
  const quantity = pool.floats[(slot << floatShift) | Float.leaves]!;
  const tradable = rehearse(state, book, entrantOf(state, slot, limitKey), quantity);
  if (state.tifOf(slot) === TimeInForce.fok && tradable < quantity) return Reason.fok;
  if (isFirst && flags & Flag.minQty && tradable < pool.minQty[slot]!) return Reason.minQty;
  if (flags & Flag.allOrNone && tradable < quantity) return mustWait;
  return mayTrade;
}

function entrantOf(state: EngineState, slot: number, limitKey: number) {
  const { pool } = state;
  const flags = pool.ints[(slot << intShift) | Int.flags]!;
  return {
    side: flags & Flag.side,
    limitKey,
    quantity: pool.floats[(slot << floatShift) | Float.leaves]!,
    account: flags & Flag.account ? pool.account[slot]! : -1,
    stp: (flags & Flag.stpMask) >> Flag.stpShift,
  };
}

/** Ends a step of continuous trading: waiting all-or-none orders that became fillable trade, then stops fire. */
export function settle(state: EngineState, book: Book): void {
  if (book.phase !== Phase.continuous) return;
  if (book.allOrNoneCount > 0) fillAllOrNones(state, book);
  if (book.stopsDue && book.stopCount === 0) {
    book.stopsDue = false;
    book.tradeHigh = Number.NEGATIVE_INFINITY;
    book.tradeLow = Number.POSITIVE_INFINITY;
  }
  while (book.stopsDue) {
    book.stopsDue = false;
    for (const slot of dueStops(state, book)) {
      fire(state, book, slot);
      fillAllOrNones(state, book);
    }
  }
}

/** Lets waiting all-or-none orders trade as takers, in price-time order, until none can be filled in full. */
function fillAllOrNones(state: EngineState, book: Book): void {
  for (let side: number = Side.buy; side <= Side.sell; side++) {
    while (book.sides[side]!.allOrNoneCount > 0) {
      const slot = fillableAllOrNone(state, book, side);
      if (slot < 0) break;
      const limitKey = limitKeyOf(
        book,
        side,
        false,
        state.pool.terms[(slot << termShift) | Term.price]!,
      );
      state.leaveBook(slot);
      if (!take(state, slot, limitKey)) state.retire(slot);
    }
  }
}

function fillableAllOrNone(state: EngineState, book: Book, side: number): number {
  const { pool, levels } = state;
  const own = book.sides[side]!;
  const other = book.sides[side ^ 1]!;
  for (let at = own.count - 1; at >= 0; at--) {
    const limitKey = -own.keys[at]!;
    if (other.count === 0 || other.keys[other.count - 1]! < limitKey) break;
    for (
      let slot = levels.head[own.levels[at]!]!;
      slot >= 0;
      slot = pool.ints[(slot << intShift) | Int.next]!
    ) {
      if (!(pool.ints[(slot << intShift) | Int.flags]! & Flag.allOrNone)) continue;
      const open = pool.floats[(slot << floatShift) | Float.leaves]!;
      if (rehearse(state, book, entrantOf(state, slot, limitKey), open) === open) return slot;
    }
  }
  return -1;
}

/** Moves the marks of trailing stops by the trades of the step, and unchains the stops that fire now, in entry order. */
function dueStops(state: EngineState, book: Book): number[] {
  const { pool } = state;
  const { last, tradeHigh, tradeLow } = book;
  const due: number[] = [];
  book.tradeHigh = Number.NEGATIVE_INFINITY;
  book.tradeLow = Number.POSITIVE_INFINITY;
  if (!(last >= book.buyStopMin || last <= book.sellStopMax)) return due;
  book.buyStopMin = Number.POSITIVE_INFINITY;
  book.sellStopMax = Number.NEGATIVE_INFINITY;
  for (let slot = book.stopHead; slot >= 0; slot = pool.ints[(slot << intShift) | Int.next]!) {
    const side = pool.ints[(slot << intShift) | Int.flags]! & Flag.side;
    if (state.typeOf(slot) === OrderType.trailingStop) {
      const moved = side === Side.sell ? tradeHigh : tradeLow;
      const isBetter =
        side === Side.sell ? !(pool.mark[slot]! >= moved) : !(pool.mark[slot]! <= moved);
      if (isBetter && tradeHigh >= tradeLow) pool.mark[slot] = moved;
    }
    const stop = stopPriceOf(state, slot);
    if (side === Side.buy ? last >= stop : last <= stop) due.push(slot);
    else watchStop(state, book, slot);
  }
  for (const slot of due) state.unchainStop(slot);
  return due;
}

function stopPriceOf(state: EngineState, slot: number): number {
  const { pool } = state;
  if (state.typeOf(slot) !== OrderType.trailingStop) return pool.stop[slot]!;
  const trail = pool.stop[slot]!;
  return pool.ints[(slot << intShift) | Int.flags]! & Flag.side
    ? pool.mark[slot]! - trail
    : pool.mark[slot]! + trail;
}

/** Widens the prices at which stops must be looked at to include this one. */
function watchStop(state: EngineState, book: Book, slot: number): void {
  const isTrailing = state.typeOf(slot) === OrderType.trailingStop;
  const stop = state.pool.stop[slot]!;
  if (state.pool.ints[(slot << intShift) | Int.flags]! & Flag.side) {
    book.sellStopMax = isTrailing ? Number.POSITIVE_INFINITY : Math.max(book.sellStopMax, stop);
  } else {
    book.buyStopMin = isTrailing ? Number.NEGATIVE_INFINITY : Math.min(book.buyStopMin, stop);
  }
}

/** Lets a stop wait at the end of its symbol's line. */
export function waitForTrigger(state: EngineState, slot: number): void {
  state.chainStop(slot);
  watchStop(state, state.books[state.pool.ints[(slot << intShift) | Int.symbol]!]!, slot);
}

/** Turns a stop into the market or limit order it stands for; it enters now, so its age counts from now. */
function fire(state: EngineState, book: Book, slot: number): void {
  const { pool } = state;
  const type = state.typeOf(slot) === OrderType.stopLimit ? OrderType.limit : OrderType.market;
  pool.ints[(slot << intShift) | Int.flags] =
    (pool.ints[(slot << intShift) | Int.flags]! & ~Flag.typeMask) | (type << Flag.typeShift);
  pool.terms[(slot << termShift) | Term.entry] = ++state.entrySequence;
  const side = pool.ints[(slot << intShift) | Int.flags]! & Flag.side;
  const symbol = pool.ints[(slot << intShift) | Int.symbol]!;
  const id = pool.ints[(slot << intShift) | Int.id]!;
  const price = pool.terms[(slot << termShift) | Term.price]!;
  const leaves = pool.floats[(slot << floatShift) | Float.leaves]!;
  state.emit(EventKind.triggered, 0, side, symbol, id, price, leaves);
  const limitKey = limitKeyOf(book, side, type === OrderType.market, price);
  if (
    pool.ints[(slot << intShift) | Int.flags]! & Flag.postOnly &&
    rehearse(state, book, entrantOf(state, slot, limitKey), 1) > 0
  ) {
    state.emit(EventKind.rejected, Reason.postOnlyWouldCross, side, symbol, id, price, leaves);
    state.retire(slot);
    return;
  }
  enter(state, slot, true);
}

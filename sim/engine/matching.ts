import type { Book } from "./book.ts";
import { EventKind, Reason, Side, StpMode } from "./codes.ts";
import type { EngineState } from "./engine-state.ts";
import { Flag, Float, floatShift, Int, intShift, Term, termShift } from "./order-pool.ts";

/**
 * Lets an order take what it can from the other side, best price first, oldest order first, each trade at the maker's
 * price, down to `limitKey` (see `BookSide`). Its open quantity shrinks; true when self-trade prevention ended it.
 */
export function take(state: EngineState, taker: number, limitKey: number): boolean {
  const flags = state.pool.ints[(taker << intShift) | Int.flags]!;
  const book = state.books[state.pool.ints[(taker << intShift) | Int.symbol]!]!;
  const other = book.sides[(flags & Flag.side) ^ 1]!;
  if (other.specialCount > 0 || (flags & Flag.stpMask && flags & Flag.account)) {
    return takeSpecial(state, book, taker, limitKey);
  }
  takePlain(state, book, taker, limitKey);
  return false;
}

/** The hot loop: every maker here is a plain order, so only the head of the best price matters. */
function takePlain(state: EngineState, book: Book, taker: number, limitKey: number): void {
  const { pool, levels, events, sequence } = state;
  const takerSide = pool.ints[(taker << intShift) | Int.flags]! & Flag.side;
  const takerId = pool.ints[(taker << intShift) | Int.id]!;
  const symbol = pool.ints[(taker << intShift) | Int.symbol]!;
  const other = book.sides[takerSide ^ 1]!;
  let remaining = pool.floats[(taker << floatShift) | Float.leaves]!;
  while (remaining > 0 && other.count > 0) {
    const key = other.keys[other.count - 1]!;
    if (key < limitKey) break;
    const level = other.levels[other.count - 1]!;
    const price = takerSide === Side.buy ? -key : key;
    let maker = levels.head[level]!;
    let taken = 0;
    do {
      const open = pool.floats[(maker << floatShift) | Float.leaves]!;
      const fill = open < remaining ? open : remaining;
      remaining -= fill;
      taken += fill;
      events.push(
        EventKind.traded,
        0,
        takerSide,
        symbol,
        pool.ints[(maker << intShift) | Int.id]!,
        takerId,
        price,
        fill,
        sequence,
      );
      events.noteShown(open, levels.shown[level]! - taken);
      if (fill < open) {
        pool.floats[(maker << floatShift) | Float.leaves] = open - fill;
        break;
      }
      const next = pool.ints[(maker << intShift) | Int.next]!;
      state.retire(maker);
      maker = next;
    } while (maker >= 0 && remaining > 0);
    if (maker < 0) {
      other.removeBest();
      levels.release(level);
    } else {
      levels.head[level] = maker;
      pool.ints[(maker << intShift) | Int.prev] = -1;
      levels.shown[level] = levels.shown[level]! - taken;
    }
    book.recordTrade(price);
  }
  pool.floats[(taker << floatShift) | Float.leaves] = remaining;
}

/** The same walk where icebergs, all-or-none orders or self-trades may be met. */
function takeSpecial(state: EngineState, book: Book, taker: number, limitKey: number): boolean {
  const { pool, levels } = state;
  const other = book.sides[(pool.ints[(taker << intShift) | Int.flags]! & Flag.side) ^ 1]!;
  for (let at = other.count - 1; at >= 0 && other.keys[at]! >= limitKey; at--) {
    let maker = levels.head[other.levels[at]!]!;
    while (maker >= 0) {
      const remaining = pool.floats[(taker << floatShift) | Float.leaves]!;
      if (remaining === 0) return false;
      const next = pool.ints[(maker << intShift) | Int.next]!;
      if (
        pool.ints[(maker << intShift) | Int.flags]! & Flag.allOrNone &&
        pool.floats[(maker << floatShift) | Float.leaves]! > remaining
      ) {
        maker = next;
      } else if (isSelfTrade(state, taker, maker)) {
        if (preventSelfTrade(state, taker, maker)) return true;
        maker = next;
      } else {
        const isBackInLine = trade(state, taker, maker);
        maker = next < 0 && isBackInLine ? maker : next;
      }
    }
  }
  return false;
}

/** True when the taker forbids trading with this maker: same account, and a mode that says so. */
export function isSelfTrade(state: EngineState, taker: number, maker: number): boolean {
  const { pool } = state;
  const takerFlags = pool.ints[(taker << intShift) | Int.flags]!;
  return (
    (takerFlags & Flag.stpMask) !== 0 &&
    (takerFlags & pool.ints[(maker << intShift) | Int.flags]! & Flag.account) !== 0 &&
    pool.account[taker]! === pool.account[maker]!
  );
}

/** Applies the taker's self-trade mode to a pair that would trade, the maker's loss first. True when the taker is gone. */
export function preventSelfTrade(state: EngineState, taker: number, maker: number): boolean {
  const { pool } = state;
  const mode = (pool.ints[(taker << intShift) | Int.flags]! & Flag.stpMask) >> Flag.stpShift;
  if (mode === StpMode.decrement) {
    const smaller = Math.min(
      pool.floats[(taker << floatShift) | Float.leaves]!,
      pool.floats[(maker << floatShift) | Float.leaves]!,
    );
    decrement(state, maker, smaller);
    return decrement(state, taker, smaller);
  }
  if (mode !== StpMode.cancelTaker) state.remove(maker, Reason.stp);
  if (mode === StpMode.cancelMaker) return false;
  state.remove(taker, Reason.stp);
  return true;
}

/** Takes open quantity without a trade, the hidden part first. True when nothing is left and the order is gone. */
function decrement(state: EngineState, slot: number, quantity: number): boolean {
  const { pool } = state;
  if (pool.floats[(slot << floatShift) | Float.leaves]! === quantity) {
    state.remove(slot, Reason.stp);
    return true;
  }
  shrink(state, slot, pool.floats[(slot << floatShift) | Float.leaves]! - quantity);
  state.emitOrder(EventKind.decremented, slot, quantity);
  return false;
}

/** Lowers an order's open quantity where it stands, keeping its place; the hidden part goes first. */
export function shrink(state: EngineState, slot: number, leaves: number): void {
  const { pool, levels } = state;
  const level = pool.ints[(slot << intShift) | Int.level]!;
  const before = state.shownOf(slot);
  pool.floats[(slot << floatShift) | Float.leaves] = leaves;
  if (level < 0) return;
  if (pool.ints[(slot << intShift) | Int.flags]! & Flag.iceberg && pool.shown[slot]! > leaves)
    pool.shown[slot] = leaves;
  const after = state.shownOf(slot);
  levels.shown[level] = levels.shown[level]! - before + after;
  state.emitOrder(EventKind.reshown, slot, after);
  state.events.noteShown(before, levels.shown[level]!);
}

/** One maker's fill. True when the maker stands at the back of its price again with a new slice. */
function trade(state: EngineState, taker: number, maker: number): boolean {
  const { pool } = state;
  const book = state.books[pool.ints[(maker << intShift) | Int.symbol]!]!;
  const takerSide = pool.ints[(taker << intShift) | Int.flags]! & Flag.side;
  const price = pool.terms[(maker << termShift) | Term.price]!;
  book.recordTrade(price);
  if (pool.ints[(maker << intShift) | Int.flags]! & Flag.allOrNone) {
    fillAllOrNone(state, taker, maker, price);
    return false;
  }
  const shown = state.shownOf(maker);
  const level = pool.ints[(maker << intShift) | Int.level]!;
  const fill = Math.min(shown, pool.floats[(taker << floatShift) | Float.leaves]!);
  reportTrade(state, takerSide, maker, taker, price, fill);
  state.events.noteShown(shown, state.levels.shown[level]! - fill);
  pool.floats[(taker << floatShift) | Float.leaves] =
    pool.floats[(taker << floatShift) | Float.leaves]! - fill;
  return fillResting(state, maker, fill);
}

/** An all-or-none maker goes in full; an iceberg's slices are reported one by one but nobody comes between them. */
function fillAllOrNone(state: EngineState, taker: number, maker: number, price: number): void {
  const { pool } = state;
  const takerSide = pool.ints[(taker << intShift) | Int.flags]! & Flag.side;
  let open = pool.floats[(maker << floatShift) | Float.leaves]!;
  pool.floats[(taker << floatShift) | Float.leaves] =
    pool.floats[(taker << floatShift) | Float.leaves]! - open;
  let slice = state.shownOf(maker);
  let shown = slice;
  const level = pool.ints[(maker << intShift) | Int.level]!;
  const levelShown = state.levels.shown[level]! - shown;
  const display =
    pool.ints[(maker << intShift) | Int.flags]! & Flag.iceberg ? pool.display[maker]! : open;
  while (open > 0) {
    reportTrade(state, takerSide, maker, taker, price, slice);
    // Only the first slice was shown; the order is gone before another could be.
    state.events.noteShown(shown, levelShown);
    shown = 0;
    open -= slice;
    slice = Math.min(display, open);
  }
  state.unrest(maker);
  state.retire(maker);
}

/** Says that two orders traded. */
export function reportTrade(
  state: EngineState,
  takerSide: number,
  maker: number,
  taker: number,
  price: number,
  quantity: number,
): void {
  const { pool } = state;
  state.events.push(
    EventKind.traded,
    0,
    takerSide,
    pool.ints[(maker << intShift) | Int.symbol]!,
    pool.ints[(maker << intShift) | Int.id]!,
    pool.ints[(taker << intShift) | Int.id]!,
    price,
    quantity,
    state.sequence,
  );
}

/**
 * Takes a fill, no larger than what is shown, from an order in the book. A used-up slice is followed by the next one at
 * the back of the price: then true. An order filled in full is gone.
 */
export function fillResting(state: EngineState, slot: number, fill: number): boolean {
  const { pool, levels } = state;
  if (fill === pool.floats[(slot << floatShift) | Float.leaves]!) {
    state.unrest(slot);
    state.retire(slot);
    return false;
  }
  const level = pool.ints[(slot << intShift) | Int.level]!;
  pool.floats[(slot << floatShift) | Float.leaves] =
    pool.floats[(slot << floatShift) | Float.leaves]! - fill;
  levels.shown[level] = levels.shown[level]! - fill;
  if (!(pool.ints[(slot << intShift) | Int.flags]! & Flag.iceberg)) return false;
  pool.shown[slot] = pool.shown[slot]! - fill;
  if (pool.shown[slot]! > 0) return false;
  const slice = Math.min(pool.display[slot]!, pool.floats[(slot << floatShift) | Float.leaves]!);
  pool.shown[slot] = slice;
  levels.shown[level] = levels.shown[level]! + slice;
  state.unchain(slot);
  state.append(slot, level);
  state.emitOrder(EventKind.rested, slot, slice);
  state.events.noteShown(0, levels.shown[level]!);
  return true;
}

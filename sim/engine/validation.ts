import type { Book } from "./book.ts";
import { OrderType, Phase, Reason, StpMode, TimeInForce } from "./codes.ts";
import type { PlaceExtras } from "./commands.ts";
import type { EngineState } from "./engine-state.ts";
import { limitKeyOf } from "./entry.ts";
import { Flag, Float, floatShift, Int, intShift, Term, termShift } from "./order-pool.ts";
import { rehearse } from "./rehearsal.ts";

/** Prices and quantities up to here are exact. */
const quantityMax = Number.MAX_SAFE_INTEGER;

/** The first rule that a new order breaks, in the binding order of the rules; 0 when it may enter. */
export function refusalOfPlace(
  state: EngineState,
  book: Book,
  orderId: number,
  side: number,
  type: number,
  timeInForce: number,
  price: number,
  quantity: number,
  extras: PlaceExtras | undefined,
): number {
  if (state.ids.isUsed(orderId)) return Reason.duplicateOrderId;
  if (book.phase >= Phase.halted) {
    return book.phase === Phase.halted ? Reason.halted : Reason.cancelOnly;
  }
  const account = extras?.account ?? -1;
  if (state.accounts.isKilled(account)) return Reason.killSwitch;
  const refusal =
    quantityRefusal(book, quantity) ||
    (type === OrderType.limit
      ? priceRefusal(book, price) || bandRefusal(book, price)
      : stopRefusal(book, type, price, extras));
  if (refusal > 0) return refusal;
  if (quantity > book.limits.maxQty) return Reason.riskMaxQty;
  if (state.accounts.openCount(account) >= book.limits.maxOpen || state.pool.isFull) {
    return Reason.riskMaxOpenOrders;
  }
  const display = extras?.display;
  if (
    display !== undefined &&
    !(display > 0 && display <= quantity && display % book.limits.lot === 0)
  ) {
    return Reason.invalidDisplay;
  }
  if (book.collects) {
    const isNow = timeInForce === TimeInForce.ioc || timeInForce === TimeInForce.fok;
    return isNow ? Reason.tifNotAllowedInAuction : Reason.none;
  }
  if (extras?.postOnly && type <= OrderType.market) {
    const limitKey = limitKeyOf(book, side, type === OrderType.market, price);
    const stp = extras.stp ?? StpMode.none;
    const entrant = { side, limitKey, quantity, account, stp };
    if (rehearse(state, book, entrant, 1) > 0) return Reason.postOnlyWouldCross;
  }
  return Reason.none;
}

/** The first rule that an amend of a live order breaks; 0 when it may happen. A price of NaN stays as it is. */
export function refusalOfAmend(
  state: EngineState,
  book: Book,
  slot: number,
  price: number,
  leavesQuantity: number,
): number {
  if (book.phase >= Phase.halted) {
    return book.phase === Phase.halted ? Reason.halted : Reason.cancelOnly;
  }
  if (leavesQuantity === 0) return Reason.none;
  const { pool } = state;
  const flags = pool.ints[(slot << intShift) | Int.flags]!;
  const type = state.typeOf(slot);
  const isPriced = type === OrderType.limit || type === OrderType.stopLimit;
  const refusal =
    quantityRefusal(book, leavesQuantity) ||
    (isPriced ? priceRefusal(book, price) || bandRefusal(book, price) : Reason.none);
  if (refusal > 0) return refusal;
  if (leavesQuantity > book.limits.maxQty) return Reason.riskMaxQty;
  const reenters =
    price !== pool.terms[(slot << termShift) | Term.price]! ||
    leavesQuantity > pool.floats[(slot << floatShift) | Float.leaves]!;
  if (flags & Flag.postOnly && !(flags & Flag.waiting) && reenters && !book.collects) {
    const entrant = {
      side: flags & Flag.side,
      limitKey: limitKeyOf(book, flags & Flag.side, type === OrderType.market, price),
      quantity: leavesQuantity,
      account: flags & Flag.account ? pool.account[slot]! : -1,
      stp: (flags & Flag.stpMask) >> Flag.stpShift,
    };
    if (rehearse(state, book, entrant, 1) > 0) return Reason.postOnlyWouldCross;
  }
  return Reason.none;
}

function quantityRefusal(book: Book, quantity: number): number {
  if (!(quantity > 0 && quantity <= quantityMax)) return Reason.invalidQty;
  return isMultiple(quantity, book.limits.lot) ? Reason.none : Reason.lotSize;
}

function priceRefusal(book: Book, price: number): number {
  if (!isPrice(price)) return Reason.invalidPrice;
  return isMultiple(price, book.limits.tick) ? Reason.none : Reason.tickSize;
}

/** Stop price and trail are prices too, but the band is about where an order may trade, so it does not bind them. */
function stopRefusal(
  book: Book,
  type: number,
  price: number,
  extras: PlaceExtras | undefined,
): number {
  if (type === OrderType.market) return Reason.none;
  const stop = (type === OrderType.trailingStop ? extras?.trail : extras?.stopPrice) ?? Number.NaN;
  // A stop or trailing stop has no price of its own; its stop price stands in for it.
  const ownPrice = type === OrderType.stopLimit ? price : stop;
  if (!isPrice(stop) || !isPrice(ownPrice)) return Reason.invalidPrice;
  if (!isMultiple(stop, book.limits.tick) || !isMultiple(ownPrice, book.limits.tick))
    return Reason.tickSize;
  return type === OrderType.stopLimit ? bandRefusal(book, price) : Reason.none;
}

function isPrice(price: number): boolean {
  return price > 0 && price <= quantityMax;
}

function bandRefusal(book: Book, price: number): number {
  return price < book.limits.bandLow || price > book.limits.bandHigh
    ? Reason.priceBand
    : Reason.none;
}

function isMultiple(value: number, unit: number): boolean {
  return unit === 1 ? Math.floor(value) === value : value % unit === 0;
}

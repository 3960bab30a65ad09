/** The engine's vocabulary as small whole numbers, with their names as the outside world writes them. */

/** Side of an order. The other side is `side ^ 1`. */
export const Side = { buy: 0, sell: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** How an order meets the book. */
export const OrderType = { limit: 0, market: 1, stop: 2, stopLimit: 3, trailingStop: 4 } as const;
export type OrderType = (typeof OrderType)[keyof typeof OrderType];

/** How long an order stays: until cancelled; not at all; all or nothing at once; to the end of the day; to a date. */
export const TimeInForce = { gtc: 0, ioc: 1, fok: 2, day: 3, gtd: 4 } as const;
export type TimeInForce = (typeof TimeInForce)[keyof typeof TimeInForce];

/** What an incoming order does when it meets an order of its own account. */
export const StpMode = {
  none: 0,
  cancelTaker: 1,
  cancelMaker: 2,
  cancelBoth: 3,
  decrement: 4,
} as const;
export type StpMode = (typeof StpMode)[keyof typeof StpMode];

/** Market state of a symbol. */
export const Phase = { preOpen: 0, auction: 1, continuous: 2, halted: 3, cancelOnly: 4 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** What an event says; for the columns see `EventBuffer`. */
export const EventKind = {
  /** A new order was accepted; price and quantity as ordered. */
  accepted: 1,
  /** A command was refused and changed nothing (a post-only stop-limit may also be refused when it fires). */
  rejected: 2,
  /** `orderId` is the maker, `otherId` the taker, `side` the taker's side. */
  traded: 3,
  /** `quantity` open lots were removed; the order is gone. */
  cancelled: 4,
  /** The order now has this price and open quantity. */
  amended: 5,
  /** The order now stands at the back of its price with `quantity` shown. */
  rested: 6,
  /** A stop fired. */
  triggered: 7,
  /** Self-trade prevention took `quantity` lots; the order lives on. */
  decremented: 8,
  /** `quantity` is the new phase. */
  phaseChanged: 9,
  /** The command's request id was seen before; `sequence` is the first answer's number, `reason` its reject. */
  repeated: 10,
  /** Account `orderId` (or -1: everybody) may enter no more orders. */
  killed: 11,
  /** The clock of GTD orders now stands at `quantity`. */
  timeSet: 12,
  /** The trading day ended. */
  dayEnded: 13,
  /** An amended or decremented order kept its place; `quantity` is shown now. */
  reshown: 14,
  /** The order left its place in the book to enter anew, or to trade as an all-or-none that became fillable. */
  unrested: 15,
  /** In an auction, after `traded` and once for each of the two: `quantity` of the order was filled; the price is its own. */
  executed: 16,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** Why a command was rejected (1..15) or an order removed (32..41). */
export const Reason = {
  none: 0,
  duplicateOrderId: 1,
  unknownOrder: 2,
  halted: 3,
  cancelOnly: 4,
  killSwitch: 5,
  invalidQty: 6,
  lotSize: 7,
  invalidPrice: 8,
  tickSize: 9,
  priceBand: 10,
  riskMaxQty: 11,
  riskMaxOpenOrders: 12,
  invalidDisplay: 13,
  postOnlyWouldCross: 14,
  tifNotAllowedInAuction: 15,
  user: 32,
  marketResidual: 33,
  ioc: 34,
  fok: 35,
  minQty: 36,
  stp: 37,
  mass: 38,
  disconnect: 39,
  killedAccount: 40,
  expired: 41,
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

const reasonNames: Readonly<Record<Reason, string>> = {
  [Reason.none]: "",
  [Reason.duplicateOrderId]: "DUPLICATE_ORDER_ID",
  [Reason.unknownOrder]: "UNKNOWN_ORDER",
  [Reason.halted]: "HALTED",
  [Reason.cancelOnly]: "CANCEL_ONLY",
  [Reason.killSwitch]: "KILL_SWITCH",
  [Reason.invalidQty]: "INVALID_QTY",
  [Reason.lotSize]: "LOT_SIZE",
  [Reason.invalidPrice]: "INVALID_PRICE",
  [Reason.tickSize]: "TICK_SIZE",
  [Reason.priceBand]: "PRICE_BAND",
  [Reason.riskMaxQty]: "RISK_MAX_QTY",
  [Reason.riskMaxOpenOrders]: "RISK_MAX_OPEN_ORDERS",
  [Reason.invalidDisplay]: "INVALID_DISPLAY",
  [Reason.postOnlyWouldCross]: "POST_ONLY_WOULD_CROSS",
  [Reason.tifNotAllowedInAuction]: "TIF_NOT_ALLOWED_IN_AUCTION",
  [Reason.user]: "USER",
  [Reason.marketResidual]: "MARKET_RESIDUAL",
  [Reason.ioc]: "IOC",
  [Reason.fok]: "FOK",
  [Reason.minQty]: "MIN_QTY",
  [Reason.stp]: "STP",
  [Reason.mass]: "MASS",
  [Reason.disconnect]: "DISCONNECT",
  [Reason.killedAccount]: "KILL_SWITCH",
  [Reason.expired]: "EXPIRED",
};

/** The name of a reject or cancel reason as the rules and the answers write it. */
export function reasonName(reason: number): string {
  return reasonNames[reason as Reason] ?? `REASON_${reason}`;
}

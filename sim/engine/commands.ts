import { OrderType } from "./codes.ts";

/**
 * Commands as records of `COMMAND_RECORD_WORDS` numbers, all 0 where nothing is said, so that a journal, a queue or a
 * replica can carry them as plain data. Word 0 packs the small fields; ids that may be absent are stored plus one.
 */
export const COMMAND_RECORD_WORDS = 12;

/** What a record asks for. */
export const CommandKind = {
  place: 1,
  cancel: 2,
  amend: 3,
  massCancel: 4,
  kill: 5,
  setPhase: 6,
  setTime: 7,
  endOfDay: 8,
} as const;
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind];

/** Word of a record that holds a field. */
export const Word = {
  head: 0,
  symbol: 1,
  orderId: 2,
  price: 3,
  quantity: 4,
  requestId: 5,
  account: 6,
  display: 7,
  minQty: 8,
  stop: 9,
  expireAt: 10,
  /** Time, or reference price. */
  value: 11,
} as const;

/** Position of the small fields in word 0. */
export const Head = {
  kindMask: 0xf,
  sideShift: 4,
  typeShift: 5,
  tifShift: 8,
  stpShift: 11,
  postOnly: 1 << 14,
  allOrNone: 1 << 15,
  /** Phase of `setPhase`, reason of `massCancel`. */
  codeShift: 16,
  codeMask: 0xff,
  /** An amend that leaves the price as it is; a phase change that names no reference. */
  keepsValue: 1 << 24,
  /** A new order that names an expiry; 0 is a time like any other. */
  expires: 1 << 25,
  /** A new order with anything beyond the plain fields. */
  extras: 1 << 26,
} as const;

/** What only some orders have. Prices and distances in ticks, quantities in lots; all may be left out. */
export interface PlaceExtras {
  /** Whole number from 0; self-trade prevention, mass cancel, kill switch and open-order limit go by it. */
  readonly account?: number | undefined;
  /** `StpMode`; decides when this order is the taker. */
  readonly stp?: number | undefined;
  /** Repeating it has no second effect. */
  readonly reqId?: number | undefined;
  /** Slice of an iceberg order. */
  readonly display?: number | undefined;
  /** Least quantity that must trade at once. */
  readonly minQty?: number | undefined;
  readonly postOnly?: boolean | undefined;
  readonly allOrNone?: boolean | undefined;
  readonly stopPrice?: number | undefined;
  /** Distance of a trailing stop. */
  readonly trail?: number | undefined;
  /** The order goes at a `setTime` of this or later. */
  readonly expireAt?: number | undefined;
}

type Words = Int32Array | Float64Array;

/** Writes a `place` record at `offset`. */
export function encodePlace(
  words: Words,
  offset: number,
  symbol: number,
  orderId: number,
  side: number,
  type: number,
  timeInForce: number,
  price: number,
  quantity: number,
  extras?: PlaceExtras,
): void {
  clearRecord(words, offset);
  words[offset + Word.head] =
    CommandKind.place |
    (side << Head.sideShift) |
    (type << Head.typeShift) |
    (timeInForce << Head.tifShift) |
    ((extras?.stp ?? 0) << Head.stpShift) |
    (extras?.postOnly ? Head.postOnly : 0) |
    (extras?.allOrNone ? Head.allOrNone : 0) |
    (extras === undefined ? 0 : Head.extras) |
    (extras?.expireAt === undefined ? 0 : Head.expires);
  words[offset + Word.symbol] = symbol;
  words[offset + Word.orderId] = orderId;
  words[offset + Word.price] = price;
  words[offset + Word.quantity] = quantity;
  if (extras === undefined) return;
  words[offset + Word.requestId] = (extras.reqId ?? -1) + 1;
  words[offset + Word.account] = (extras.account ?? -1) + 1;
  // A display of 0 was said and is wrong; 0 in the record would mean that nothing was said.
  words[offset + Word.display] = extras.display === undefined ? 0 : extras.display || -1;
  words[offset + Word.minQty] = extras.minQty ?? 0;
  const stop = type === OrderType.trailingStop ? extras.trail : extras.stopPrice;
  words[offset + Word.stop] = stop ?? 0;
  words[offset + Word.expireAt] = extras.expireAt ?? 0;
}

/** Writes a `cancel` record at `offset`. */
export function encodeCancel(
  words: Words,
  offset: number,
  symbol: number,
  orderId: number,
  reqId = -1,
): void {
  clearRecord(words, offset);
  words[offset + Word.head] = CommandKind.cancel;
  words[offset + Word.symbol] = symbol;
  words[offset + Word.orderId] = orderId;
  words[offset + Word.requestId] = reqId + 1;
}

/** Writes an `amend` record at `offset`; a price of NaN leaves the price as it is. */
export function encodeAmend(
  words: Words,
  offset: number,
  symbol: number,
  orderId: number,
  price: number,
  leavesQuantity: number,
  reqId = -1,
): void {
  clearRecord(words, offset);
  const keepsPrice = Number.isNaN(price);
  words[offset + Word.head] = CommandKind.amend | (keepsPrice ? Head.keepsValue : 0);
  words[offset + Word.symbol] = symbol;
  words[offset + Word.orderId] = orderId;
  words[offset + Word.price] = keepsPrice ? 0 : price;
  words[offset + Word.quantity] = leavesQuantity;
  words[offset + Word.requestId] = reqId + 1;
}

/** Writes a `massCancel` record; symbol -1 means every symbol, account -1 everybody. */
export function encodeMassCancel(
  words: Words,
  offset: number,
  symbol: number,
  account: number,
  reason: number,
  reqId = -1,
): void {
  clearRecord(words, offset);
  words[offset + Word.head] = CommandKind.massCancel | (reason << Head.codeShift);
  words[offset + Word.symbol] = symbol;
  words[offset + Word.account] = account + 1;
  words[offset + Word.requestId] = reqId + 1;
}

/** Writes a `kill` record; account -1 means everybody. */
export function encodeKill(words: Words, offset: number, account: number, reqId = -1): void {
  clearRecord(words, offset);
  words[offset + Word.head] = CommandKind.kill;
  words[offset + Word.account] = account + 1;
  words[offset + Word.requestId] = reqId + 1;
}

/** Writes a `setPhase` record; a reference of NaN names none. */
export function encodeSetPhase(
  words: Words,
  offset: number,
  symbol: number,
  phase: number,
  reference = Number.NaN,
  reqId = -1,
): void {
  clearRecord(words, offset);
  const isSilent = Number.isNaN(reference);
  words[offset + Word.head] =
    CommandKind.setPhase | (phase << Head.codeShift) | (isSilent ? Head.keepsValue : 0);
  words[offset + Word.symbol] = symbol;
  words[offset + Word.requestId] = reqId + 1;
  words[offset + Word.value] = isSilent ? 0 : reference;
}

/** Writes a `setTime` record. */
export function encodeSetTime(words: Words, offset: number, now: number, reqId = -1): void {
  clearRecord(words, offset);
  words[offset + Word.head] = CommandKind.setTime;
  words[offset + Word.requestId] = reqId + 1;
  words[offset + Word.value] = now;
}

/** Writes an `endOfDay` record. */
export function encodeEndOfDay(words: Words, offset: number, reqId = -1): void {
  clearRecord(words, offset);
  words[offset + Word.head] = CommandKind.endOfDay;
  words[offset + Word.requestId] = reqId + 1;
}

function clearRecord(words: Words, offset: number): void {
  for (let at = 0; at < COMMAND_RECORD_WORDS; at++) words[offset + at] = 0;
}

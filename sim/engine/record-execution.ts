import { assert } from "./assert.ts";
import type { OrderType, Phase, Reason, Side, TimeInForce } from "./codes.ts";
import { CommandKind, Head, type PlaceExtras, Word } from "./commands.ts";

/** What carries commands out: the engine's own methods. */
export interface CommandTarget {
  place(
    symbol: number,
    orderId: number,
    side: Side,
    type: OrderType,
    timeInForce: TimeInForce,
    price: number,
    quantity: number,
    extras?: PlaceExtras,
  ): number;
  cancel(symbol: number, orderId: number, reqId: number): number;
  amend(
    symbol: number,
    orderId: number,
    price: number,
    leavesQuantity: number,
    reqId: number,
  ): number;
  massCancel(symbol: number, account: number, reason: Reason, reqId: number): number;
  kill(account: number, reqId: number): number;
  setPhase(symbol: number, phase: Phase, reference: number, reqId: number): number;
  setTime(now: number, reqId: number): number;
  endOfDay(reqId: number): number;
}

/** Executes one command record; returns its sequence number. */
export function executeRecord(
  engine: CommandTarget,
  words: Int32Array | Float64Array,
  offset: number,
): number {
  const head = words[offset + Word.head]!;
  const symbol = words[offset + Word.symbol]!;
  const orderId = words[offset + Word.orderId]!;
  const reqId = words[offset + Word.requestId]! - 1;
  switch (head & Head.kindMask) {
    case CommandKind.place:
      return engine.place(
        symbol,
        orderId,
        ((head >> Head.sideShift) & 1) as Side,
        ((head >> Head.typeShift) & 0b111) as OrderType,
        ((head >> Head.tifShift) & 0b111) as TimeInForce,
        words[offset + Word.price]!,
        words[offset + Word.quantity]!,
        extrasOf(words, offset, head),
      );
    case CommandKind.cancel:
      return engine.cancel(symbol, orderId, reqId);
    case CommandKind.amend: {
      const price = head & Head.keepsValue ? Number.NaN : words[offset + Word.price]!;
      return engine.amend(symbol, orderId, price, words[offset + Word.quantity]!, reqId);
    }
    case CommandKind.massCancel: {
      const reason = ((head >> Head.codeShift) & Head.codeMask) as Reason;
      return engine.massCancel(symbol, words[offset + Word.account]! - 1, reason, reqId);
    }
    case CommandKind.kill:
      return engine.kill(words[offset + Word.account]! - 1, reqId);
    case CommandKind.setPhase: {
      const reference = head & Head.keepsValue ? Number.NaN : words[offset + Word.value]!;
      const phase = ((head >> Head.codeShift) & Head.codeMask) as Phase;
      return engine.setPhase(symbol, phase, reference, reqId);
    }
    case CommandKind.setTime:
      return engine.setTime(words[offset + Word.value]!, reqId);
    case CommandKind.endOfDay:
      return engine.endOfDay(reqId);
    default:
      assert(false, `record at ${offset} has the unknown kind ${head & Head.kindMask}`);
      return 0;
  }
}

/** Undefined for a plain order, so that it stays on the plain path. */
function extrasOf(
  words: Int32Array | Float64Array,
  offset: number,
  head: number,
): PlaceExtras | undefined {
  if (!(head & Head.extras)) return undefined;
  const reqId = words[offset + Word.requestId]!;
  const account = words[offset + Word.account]!;
  const display = words[offset + Word.display]!;
  return {
    account: account > 0 ? account - 1 : undefined,
    stp: (head >> Head.stpShift) & 0b111,
    reqId: reqId > 0 ? reqId - 1 : undefined,
    display: display === 0 ? undefined : display,
    minQty: words[offset + Word.minQty]!,
    postOnly: (head & Head.postOnly) !== 0,
    allOrNone: (head & Head.allOrNone) !== 0,
    stopPrice: words[offset + Word.stop]!,
    trail: words[offset + Word.stop]!,
    expireAt: head & Head.expires ? words[offset + Word.expireAt]! : undefined,
  };
}

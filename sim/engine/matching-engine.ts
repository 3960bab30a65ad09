import { assert } from "./assert.ts";
import { blobLength, readBlob, writeBlob } from "./blob.ts";
import type { SymbolConfig } from "./book.ts";
import { EventKind, OrderType, Phase, Reason, Side, TimeInForce } from "./codes.ts";
import type { PlaceExtras } from "./commands.ts";
import { EngineState } from "./engine-state.ts";
import { enter, settle, waitForTrigger } from "./entry.ts";
import type { EventBuffer } from "./event-buffer.ts";
import { shrink } from "./matching.ts";
import { Flag, Float, floatShift, Int, intShift, Term, termShift } from "./order-pool.ts";
import { executeRecord } from "./record-execution.ts";
import { hashState } from "./state-hash.ts";
import { uncross } from "./uncross.ts";
import { refusalOfAmend, refusalOfPlace } from "./validation.ts";

/** How large an engine is and by which rules its symbols trade. */
export interface EngineOptions {
  readonly symbolCount: number;
  /** Most open orders at once; the next is rejected (RISK_MAX_OPEN_ORDERS). Default 2^22. */
  readonly ordersMax?: number;
  /** Largest order id; ids take one word each, so hand them out densely from 0. Default 2^28. */
  readonly orderIdMax?: number;
  /** Request ids remembered for de-duplication, a power of two of at least 256; then the oldest go. Default 2^20. */
  readonly requestsMax?: number;
  /** For all symbols, or one for each. */
  readonly config?: SymbolConfig | readonly SymbolConfig[];
}

/**
 * The matching engine: commands in, events out, the books its only state. No clock, no chance; the same commands give the
 * same events on every machine. Prices are whole ticks, quantities whole lots, ids and accounts whole numbers.
 *
 * Every command gets the next sequence number, also one that is rejected; only a repeated request id gets none, and
 * answers with the number and the reject of the first. The events of a command stand in `events` until the next.
 */
export class MatchingEngine {
  readonly events: EventBuffer;
  readonly symbolCount: number;
  private readonly state: EngineState;

  constructor(options: EngineOptions) {
    const { symbolCount, config = {} } = options;
    assert(symbolCount >= 1, `symbolCount is ${symbolCount}`);
    const requestsMax = options.requestsMax ?? 2 ** 20;
    assert(
      requestsMax >= 256 && (requestsMax & (requestsMax - 1)) === 0,
      `requestsMax ${requestsMax} is no power of two of at least 256`,
    );
    const configs = isList(config) ? config : new Array<SymbolConfig>(symbolCount).fill(config);
    assert(configs.length === symbolCount, `${configs.length} configs for ${symbolCount} symbols`);
    this.symbolCount = symbolCount;
    this.state = new EngineState(configs, {
      ordersMax: options.ordersMax ?? 2 ** 22,
      orderIdMax: options.orderIdMax ?? 2 ** 28,
      requestsMax,
    });
    this.events = this.state.events;
  }

  /** Number of the last sequenced command; 0 before the first. */
  get sequence(): number {
    return this.state.sequence;
  }

  /** New order. The price of market and stop orders is ignored. */
  place(
    symbol: number,
    orderId: number,
    side: Side,
    type: OrderType,
    timeInForce: TimeInForce,
    price: number,
    quantity: number,
    extras?: PlaceExtras,
  ): number {
    const { state } = this;
    const reqId = extras?.reqId ?? -1;
    if (this.begin(reqId)) return this.firstSequence();
    const book = state.books[symbol]!;
    const refusal = refusalOfPlace(
      state,
      book,
      orderId,
      side,
      type,
      timeInForce,
      price,
      quantity,
      extras,
    );
    const orderPrice = type === OrderType.limit || type === OrderType.stopLimit ? price : 0;
    if (refusal > 0) {
      state.emit(EventKind.rejected, refusal, side, symbol, orderId, orderPrice, quantity);
      return this.end(reqId, refusal);
    }
    const { pool } = state;
    const slot = pool.allocate(orderId);
    pool.ints[(slot << intShift) | Int.symbol] = symbol;
    pool.ints[(slot << intShift) | Int.flags] =
      side | (type << Flag.typeShift) | (timeInForce << Flag.tifShift);
    pool.ints[(slot << intShift) | Int.level] = -1;
    pool.terms[(slot << termShift) | Term.price] = orderPrice;
    pool.floats[(slot << floatShift) | Float.leaves] = quantity;
    pool.terms[(slot << termShift) | Term.entry] = ++state.entrySequence;
    state.ids.bind(orderId, slot);
    state.accounts.openOrder(extras?.account ?? -1);
    if (extras !== undefined) state.describe(slot, type, timeInForce, extras);
    state.emit(EventKind.accepted, 0, side, symbol, orderId, orderPrice, quantity);
    if (type >= OrderType.stop) waitForTrigger(state, slot);
    else enter(state, slot, true);
    settle(state, book);
    return this.end(reqId, Reason.none);
  }

  cancel(symbol: number, orderId: number, reqId = -1): number {
    const { state } = this;
    if (this.begin(reqId)) return this.firstSequence();
    const slot = state.slotOf(orderId);
    if (slot < 0 || state.pool.ints[(slot << intShift) | Int.symbol]! !== symbol)
      return this.unknown(symbol, orderId, reqId);
    state.remove(slot, Reason.user);
    settle(state, state.books[symbol]!);
    return this.end(reqId, Reason.none);
  }

  /** `leavesQuantity` is the new open quantity; 0 cancels. A price of NaN leaves the price as it is. */
  amend(
    symbol: number,
    orderId: number,
    price: number,
    leavesQuantity: number,
    reqId = -1,
  ): number {
    const { state } = this;
    if (this.begin(reqId)) return this.firstSequence();
    const { pool } = state;
    const slot = state.slotOf(orderId);
    if (slot < 0 || pool.ints[(slot << intShift) | Int.symbol]! !== symbol)
      return this.unknown(symbol, orderId, reqId);
    const book = state.books[symbol]!;
    const type = state.typeOf(slot);
    const isPriced = type === OrderType.limit || type === OrderType.stopLimit;
    const newPrice =
      isPriced && !Number.isNaN(price) ? price : pool.terms[(slot << termShift) | Term.price]!;
    const side = pool.ints[(slot << intShift) | Int.flags]! & Flag.side;
    const refusal = refusalOfAmend(state, book, slot, newPrice, leavesQuantity);
    if (refusal > 0) {
      state.emit(EventKind.rejected, refusal, side, symbol, orderId, newPrice, leavesQuantity);
      return this.end(reqId, refusal);
    }
    if (leavesQuantity === 0) state.remove(slot, Reason.user);
    else this.changeOrder(slot, newPrice, leavesQuantity);
    settle(state, book);
    return this.end(reqId, Reason.none);
  }

  /** Removes the orders of an account (-1: of everybody) in a symbol (-1: in all), oldest first. */
  massCancel(symbol = -1, account = -1, reason: Reason = Reason.mass, reqId = -1): number {
    if (this.begin(reqId)) return this.firstSequence();
    this.removeAll(reason, (slot) => this.isIn(slot, symbol) && this.isOf(slot, account));
    return this.end(reqId, Reason.none);
  }

  /** Removes all orders of an account (-1: of everybody) and lets it enter no more. */
  kill(account = -1, reqId = -1): number {
    const { state } = this;
    if (this.begin(reqId)) return this.firstSequence();
    if (account < 0) state.accounts.isAllKilled = true;
    else state.accounts.kill(account);
    state.emit(EventKind.killed, Reason.killSwitch, 0, 0, account, 0, 0);
    this.removeAll(Reason.killedAccount, (slot) => this.isOf(slot, account));
    return this.end(reqId, Reason.none);
  }

  /** Changes a symbol's market state. On the change to continuous the book uncrosses. */
  setPhase(symbol: number, phase: Phase, reference = Number.NaN, reqId = -1): number {
    const { state } = this;
    if (this.begin(reqId)) return this.firstSequence();
    const book = state.books[symbol]!;
    const opens = phase === Phase.continuous && book.phase !== Phase.continuous;
    if (!Number.isNaN(reference)) book.reference = reference;
    book.phase = phase;
    state.emit(
      EventKind.phaseChanged,
      0,
      0,
      symbol,
      -1,
      Number.isNaN(reference) ? 0 : reference,
      phase,
    );
    if (opens) {
      uncross(state, symbol);
      book.stopsDue = true;
    }
    settle(state, book);
    return this.end(reqId, Reason.none);
  }

  /** Tells the time: GTD orders whose expiry is now or past go, oldest first. */
  setTime(now: number, reqId = -1): number {
    const { state } = this;
    if (this.begin(reqId)) return this.firstSequence();
    state.now = now;
    state.emit(EventKind.timeSet, 0, 0, 0, -1, 0, now);
    if (now >= state.expireAtMin) {
      const { pool } = state;
      this.removeAll(Reason.expired, (slot) => state.isGtd(slot) && now >= pool.expireAt[slot]!);
      state.findNextExpiry();
    }
    return this.end(reqId, Reason.none);
  }

  /** Ends the trading day: DAY orders go, oldest first. */
  endOfDay(reqId = -1): number {
    const { state } = this;
    if (this.begin(reqId)) return this.firstSequence();
    state.emit(EventKind.dayEnded, 0, 0, 0, -1, 0, 0);
    this.removeAll(Reason.expired, (slot) => state.tifOf(slot) === TimeInForce.day);
    return this.end(reqId, Reason.none);
  }

  /** Executes one record of `COMMAND_RECORD_WORDS` words; see `encodePlace` and its siblings. */
  executeRecord(words: Int32Array | Float64Array, offset: number): number {
    return executeRecord(this, words, offset);
  }

  get openOrderCount(): number {
    return this.state.pool.count;
  }

  /**
   * Visits a symbol's open orders: buys then sells, best price first and oldest first in each, then the waiting stops in
   * entry order (shown 0; price 0 where it has none).
   */
  forEachOpenOrder(
    symbol: number,
    visit: (
      orderId: number,
      side: number,
      price: number,
      leavesQuantity: number,
      shown: number,
    ) => void,
  ): void {
    const { pool, levels, books } = this.state;
    const book = books[symbol]!;
    for (let side = 0; side <= Side.sell; side++) {
      const own = book.sides[side]!;
      for (let at = own.count - 1; at >= 0; at--) {
        for (
          let slot = levels.head[own.levels[at]!]!;
          slot >= 0;
          slot = pool.ints[(slot << intShift) | Int.next]!
        ) {
          const shown = this.state.shownOf(slot);
          visit(
            pool.ints[(slot << intShift) | Int.id]!,
            side,
            pool.terms[(slot << termShift) | Term.price]!,
            pool.floats[(slot << floatShift) | Float.leaves]!,
            shown,
          );
        }
      }
    }
    this.forEachWaitingStop(symbol, (orderId) => {
      const slot = this.state.slotOf(orderId);
      visit(
        orderId,
        pool.ints[(slot << intShift) | Int.flags]! & Flag.side,
        pool.terms[(slot << termShift) | Term.price]!,
        pool.floats[(slot << floatShift) | Float.leaves]!,
        0,
      );
    });
  }

  /** How many open orders a symbol has, waiting stops included; less work than to visit them. */
  openOrderCountOf(symbol: number): number {
    const { pool, levels, books } = this.state;
    const book = books[symbol]!;
    let count = book.stopCount;
    for (let side = 0; side <= Side.sell; side++) {
      const own = book.sides[side]!;
      for (let at = 0; at < own.count; at++) {
        let slot = levels.head[own.levels[at]!]!;
        for (; slot >= 0; slot = pool.ints[(slot << intShift) | Int.next]!) count++;
      }
    }
    return count;
  }

  /** Visits the stops of a symbol that have not fired, in entry order. */
  forEachWaitingStop(symbol: number, visit: (orderId: number) => void): void {
    const { pool, books } = this.state;
    for (
      let slot = books[symbol]!.stopHead;
      slot >= 0;
      slot = pool.ints[(slot << intShift) | Int.next]!
    ) {
      visit(pool.ints[(slot << intShift) | Int.id]!);
    }
  }

  /** Open quantity of an order, hidden part included; 0 when it is not live. */
  leavesOf(orderId: number): number {
    const slot = this.state.slotOf(orderId);
    return slot < 0 ? 0 : this.state.pool.floats[(slot << floatShift) | Float.leaves]!;
  }

  isLive(orderId: number): boolean {
    return this.state.slotOf(orderId) >= 0;
  }

  /** True when the id was ever accepted, so that it can't be used again. */
  isUsed(orderId: number): boolean {
    return this.state.ids.isUsed(orderId);
  }

  /** Quantity shown at one price; 0 when nothing stands there. */
  shownAt(symbol: number, side: Side, price: number): number {
    const level = this.levelAt(symbol, side, price);
    return level < 0 ? 0 : this.state.levels.shown[level]!;
  }

  /** Visits the orders at one price, the first to trade first. */
  forEachOrderAt(
    symbol: number,
    side: Side,
    price: number,
    visit: (orderId: number, leavesQuantity: number, shown: number) => void,
  ): void {
    const { state } = this;
    const { pool } = state;
    for (
      let slot = this.headAt(symbol, side, price);
      slot >= 0;
      slot = pool.ints[(slot << intShift) | Int.next]!
    ) {
      visit(
        pool.ints[(slot << intShift) | Int.id]!,
        pool.floats[(slot << floatShift) | Float.leaves]!,
        state.shownOf(slot),
      );
    }
  }

  /** The same behind orders without a limit, which wait for an auction as good as any. */
  private bestLimitOf(symbol: number, side: Side): number {
    const price = [Number.NaN];
    this.levels(symbol, side, 1, price, [0]);
    return price[0]!;
  }

  /** The order that would trade first at one price; -1 when nothing stands there. */
  firstOrderAt(symbol: number, side: Side, price: number): number {
    const slot = this.headAt(symbol, side, price);
    return slot < 0 ? -1 : this.state.pool.ints[(slot << intShift) | Int.id]!;
  }

  /** Fills prices and shown quantities, best first, up to `depthMax`; returns how many. */
  levels(
    symbol: number,
    side: Side,
    depthMax: number,
    outPrices: Float64Array | number[],
    outQuantities: Float64Array | number[],
  ): number {
    const own = this.state.books[symbol]!.sides[side];
    let count = 0;
    for (let at = own.count - 1; at >= 0 && count < depthMax; at--) {
      const key = own.keys[at]!;
      if (key === Number.POSITIVE_INFINITY) continue;
      outPrices[count] = side === Side.buy ? key : -key;
      outQuantities[count] = this.state.levels.shown[own.levels[at]!]!;
      count++;
    }
    return count;
  }

  /** Best price on a side of a book; NaN when nobody stands there with a price. */
  bestPriceOf(symbol: number, side: Side): number {
    const key = this.state.bestKeys[2 * symbol + side]!;
    if (key === Number.POSITIVE_INFINITY) return this.bestLimitOf(symbol, side);
    return side === Side.buy ? key : -key;
  }

  phaseOf(symbol: number): Phase {
    return this.state.books[symbol]!.phase as Phase;
  }

  /** Price of the last trade; NaN before the first. */
  lastPriceOf(symbol: number): number {
    return this.state.books[symbol]!.last;
  }

  /** 16 hex digits over the priority walk of every book and what else decides the future; equal states, equal hash. */
  stateHash(): string {
    return hashState(this.state);
  }

  /** Bytes that `write` needs now. */
  byteLength(): number {
    return blobLength(this.state);
  }

  /** Writes the whole engine, save the rules it was built with and the events of the last command. */
  write(view: DataView, byteOffset: number): void {
    writeBlob(this.state, view, byteOffset);
  }

  /** Becomes the engine that was written. It must have been built with the same options. */
  read(view: DataView, byteOffset: number, byteLength: number): void {
    readBlob(this.state, view, byteOffset, byteLength);
  }

  private levelAt(symbol: number, side: Side, price: number): number {
    const { books, levels } = this.state;
    return books[symbol]!.sides[side].levelOf(side === Side.buy ? price : -price, levels);
  }

  private headAt(symbol: number, side: Side, price: number): number {
    const level = this.levelAt(symbol, side, price);
    return level < 0 ? -1 : this.state.levels.head[level]!;
  }

  private changeOrder(slot: number, price: number, leaves: number): void {
    const { state } = this;
    const { pool } = state;
    const keepsPlace =
      price === pool.terms[(slot << termShift) | Term.price]! &&
      leaves <= pool.floats[(slot << floatShift) | Float.leaves]!;
    const isWaiting = (pool.ints[(slot << intShift) | Int.flags]! & Flag.waiting) !== 0;
    const side = pool.ints[(slot << intShift) | Int.flags]! & Flag.side;
    const symbol = pool.ints[(slot << intShift) | Int.symbol]!;
    state.emit(
      EventKind.amended,
      0,
      side,
      symbol,
      pool.ints[(slot << intShift) | Int.id]!,
      price,
      leaves,
    );
    if (keepsPlace) {
      shrink(state, slot, leaves);
      return;
    }
    if (isWaiting) {
      state.unchainStop(slot);
    } else {
      state.leaveBook(slot);
    }
    pool.terms[(slot << termShift) | Term.price] = price;
    pool.floats[(slot << floatShift) | Float.leaves] = leaves;
    pool.terms[(slot << termShift) | Term.entry] = ++state.entrySequence;
    if (isWaiting) waitForTrigger(state, slot);
    else enter(state, slot, false);
  }

  private isIn(slot: number, symbol: number): boolean {
    return symbol < 0 || this.state.pool.ints[(slot << intShift) | Int.symbol]! === symbol;
  }

  private isOf(slot: number, account: number): boolean {
    const { pool } = this.state;
    if (account < 0) return true;
    return (
      (pool.ints[(slot << intShift) | Int.flags]! & Flag.account) !== 0 &&
      pool.account[slot]! === account
    );
  }

  private removeAll(reason: Reason, wanted: (slot: number) => boolean): void {
    const { state } = this;
    const slots = state.slotsByEntry(wanted);
    for (const slot of slots) state.remove(slot, reason);
    if (slots.length > 0) for (const book of state.books) settle(state, book);
  }

  private unknown(symbol: number, orderId: number, reqId: number): number {
    const { state } = this;
    state.emit(EventKind.rejected, Reason.unknownOrder, 0, symbol, orderId, 0, 0);
    return this.end(reqId, Reason.unknownOrder);
  }

  /** Opens a command: a repeated request is answered here (true), any other gets its number. */
  private begin(reqId: number): boolean {
    const { state } = this;
    state.events.count = 0;
    if (reqId >= 0) {
      const row = state.requests.find(reqId);
      if (row >= 0) {
        const { requests, events } = state;
        const sequence = requests.sequenceAt(row);
        events.push(EventKind.repeated, requests.reasonAt(row), 0, 0, -1, -1, 0, 0, sequence);
        return true;
      }
    }
    state.sequence++;
    return false;
  }

  private firstSequence(): number {
    return this.events.sequence(0);
  }

  private end(reqId: number, refusal: number): number {
    const { state } = this;
    if (reqId >= 0) state.requests.add(reqId, state.sequence, refusal);
    return state.sequence;
  }
}

function isList(config: SymbolConfig | readonly SymbolConfig[]): config is readonly SymbolConfig[] {
  return Array.isArray(config);
}

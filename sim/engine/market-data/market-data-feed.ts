import { EventKind, Side } from "../codes.ts";
import type { MatchingEngine } from "../matching-engine.ts";
import { widenFloats } from "../widen.ts";
import { FeedBuffer, FeedKind } from "./feed-buffer.ts";

/** The shown orders of one symbol in priority order, buys first, with the number of the last message they include. */
export interface OrderSnapshot {
  readonly symbol: number;
  readonly sequence: number;
  readonly orders: readonly {
    readonly orderId: number;
    readonly side: number;
    readonly price: number;
    readonly quantity: number;
  }[];
}

/** The shown levels of one symbol, best first, with the number of the last message they include. */
export interface LevelSnapshot {
  readonly symbol: number;
  readonly sequence: number;
  readonly bids: readonly (readonly [price: number, quantity: number])[];
  readonly asks: readonly (readonly [price: number, quantity: number])[];
}

/** Above this many touched prices a set finds repetitions faster than a search. */
const manyTouched = 16;

/**
 * What the venue publishes: after each command `publish` turns the engine's events into L3 messages (`orders`: every shown
 * order) and L2 messages (`levels`: every price whose shown quantity was touched, once a command). Hidden iceberg quantity,
 * waiting stops and market orders that collect are not shown. Build it when the engine is built or restored.
 */
export class MarketDataFeed {
  readonly orders = new FeedBuffer();
  readonly levels = new FeedBuffer();
  private readonly engine: MatchingEngine;
  private readonly orderSequence: Float64Array;
  private readonly levelSequence: Float64Array;
  /** Two words for each order id, side by side: its key, and the quantity shown now (0: not shown). */
  private known = new Float64Array(8192);
  /** Keys of the levels touched by the command: the price of a buy, the negated price of a sell. */
  private touched = new Float64Array(64);
  private touchedCount = 0;

  constructor(engine: MatchingEngine) {
    this.engine = engine;
    this.orderSequence = new Float64Array(engine.symbolCount);
    this.levelSequence = new Float64Array(engine.symbolCount);
    for (let symbol = 0; symbol < engine.symbolCount; symbol++) {
      engine.forEachOpenOrder(symbol, (orderId, side, price, _leaves, shown) => {
        if (shown > 0 && price > 0) this.remember(orderId, keyOf(side, price), shown);
      });
    }
  }

  /** Fills both buffers with what the engine's last command changed. */
  publish(): void {
    const { events } = this.engine;
    const { count, kind } = events;
    this.orders.count = 0;
    this.levels.count = 0;
    this.touchedCount = 0;
    let symbol = events.symbol[0]!;
    for (let i = 0; i < count; i++) {
      if (events.symbol[i]! !== symbol) {
        this.publishLevels(symbol);
        symbol = events.symbol[i]!;
      }
      const orderId = events.orderId[i]!;
      switch (kind[i]) {
        case EventKind.rested:
          this.add(symbol, orderId, events.side[i]!, events.price[i]!, events.quantity[i]!);
          break;
        case EventKind.traded:
          this.execute(symbol, orderId, events.quantity[i]!);
          this.execute(symbol, events.otherId[i]!, events.quantity[i]!);
          break;
        case EventKind.reshown:
          this.change(symbol, orderId, events.quantity[i]!);
          break;
        case EventKind.cancelled:
        case EventKind.unrested:
          this.remove(symbol, orderId);
          break;
        default:
        // The other events change nothing that is shown.
      }
    }
    if (this.touchedCount > 0) this.publishLevels(symbol);
  }

  orderSnapshot(symbol: number): OrderSnapshot {
    const orders: OrderSnapshot["orders"][number][] = [];
    this.engine.forEachOpenOrder(symbol, (orderId, side, price, _leaves, shown) => {
      if (shown > 0 && price > 0) orders.push({ orderId, side, price, quantity: shown });
    });
    return { symbol, sequence: this.orderSequence[symbol]!, orders };
  }

  levelSnapshot(symbol: number): LevelSnapshot {
    const side = (which: Side) => {
      const prices: number[] = [];
      const quantities: number[] = [];
      const count = this.engine.levels(symbol, which, Number.POSITIVE_INFINITY, prices, quantities);
      return Array.from({ length: count }, (_, at) => [prices[at]!, quantities[at]!] as const);
    };
    const sequence = this.levelSequence[symbol]!;
    return { symbol, sequence, bids: side(Side.buy), asks: side(Side.sell) };
  }

  private add(symbol: number, orderId: number, side: number, price: number, shown: number): void {
    if (price === 0) return;
    const key = keyOf(side, price);
    this.remember(orderId, key, shown);
    this.send(FeedKind.add, symbol, orderId, key, shown);
  }

  private execute(symbol: number, orderId: number, quantity: number): void {
    const before = this.shownOf(orderId);
    if (before === 0) return;
    this.known[orderId * 2 + 1] = before > quantity ? before - quantity : 0;
    this.send(FeedKind.execute, symbol, orderId, this.known[orderId * 2]!, quantity);
  }

  private change(symbol: number, orderId: number, shown: number): void {
    if (this.shownOf(orderId) === 0) return;
    this.known[orderId * 2 + 1] = shown;
    this.send(FeedKind.change, symbol, orderId, this.known[orderId * 2]!, shown);
  }

  private remove(symbol: number, orderId: number): void {
    if (this.shownOf(orderId) === 0) return;
    this.known[orderId * 2 + 1] = 0;
    this.send(FeedKind.remove, symbol, orderId, this.known[orderId * 2]!, 0);
  }

  private shownOf(orderId: number): number {
    const at = orderId * 2 + 1;
    return at < this.known.length ? this.known[at]! : 0;
  }

  private send(kind: number, symbol: number, orderId: number, key: number, quantity: number): void {
    const sequence = this.orderSequence[symbol]! + 1;
    this.orderSequence[symbol] = sequence;
    this.orders.push(kind, symbol, sideOf(key), orderId, priceOf(key), quantity, sequence);
    const count = this.touchedCount;
    if (count > 0 && this.touched[count - 1] === key) return;
    if (count === this.touched.length) this.touched = widenFloats(this.touched, count * 2);
    this.touched[count] = key;
    this.touchedCount = count + 1;
  }

  private publishLevels(symbol: number): void {
    const isLong = this.touchedCount > manyTouched;
    if (isLong) this.dropRepetitions();
    const { touched } = this;
    for (let at = 0; at < this.touchedCount; at++) {
      const key = touched[at]!;
      if (!isLong && at > 0 && touched.indexOf(key) < at) continue;
      const side = sideOf(key);
      const price = priceOf(key);
      const sequence = this.levelSequence[symbol]! + 1;
      this.levelSequence[symbol] = sequence;
      const shown = this.engine.shownAt(symbol, side, price);
      this.levels.push(FeedKind.level, symbol, side, -1, price, shown, sequence);
    }
    this.touchedCount = 0;
  }

  /** Leaves each touched price once. */
  private dropRepetitions(): void {
    const once = new Set(this.touched.subarray(0, this.touchedCount));
    this.touched.set([...once]);
    this.touchedCount = once.size;
  }

  private remember(orderId: number, key: number, shown: number): void {
    const at = orderId * 2;
    if (at >= this.known.length) this.grow(at);
    this.known[at] = key;
    this.known[at + 1] = shown;
  }

  private grow(at: number): void {
    let capacity = this.known.length;
    while (capacity <= at) capacity *= 2;
    this.known = widenFloats(this.known, capacity);
  }
}

function keyOf(side: number, price: number): number {
  return side === Side.buy ? price : -price;
}

function sideOf(key: number): Side {
  return key > 0 ? Side.buy : Side.sell;
}

function priceOf(key: number): number {
  return key > 0 ? key : -key;
}

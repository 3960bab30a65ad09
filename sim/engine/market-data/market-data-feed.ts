import { EventKind, Side } from "../codes.ts";
import type { MatchingEngine } from "../matching-engine.ts";
import { widenBytes, widenFloats } from "../widen.ts";
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
  /** By order id: quantity shown now (0: not shown), its price and side. */
  private shown = new Float64Array(4096);
  private price = new Float64Array(4096);
  private side = new Uint8Array(4096);
  /** Keys of the levels touched by the command: price * 2 + side. */
  private touched = new Float64Array(64);
  private touchedCount = 0;

  constructor(engine: MatchingEngine) {
    this.engine = engine;
    this.orderSequence = new Float64Array(engine.symbolCount);
    this.levelSequence = new Float64Array(engine.symbolCount);
    for (let symbol = 0; symbol < engine.symbolCount; symbol++) {
      engine.forEachOpenOrder(symbol, (orderId, side, price, _leaves, shown) => {
        if (shown > 0 && price > 0) this.remember(orderId, side, price, shown);
      });
    }
  }

  /** Fills both buffers with what the engine's last command changed. */
  publish(): void {
    const { events } = this.engine;
    this.orders.count = 0;
    this.levels.count = 0;
    this.touchedCount = 0;
    let symbol = 0;
    for (let i = 0; i < events.count; i++) {
      if (events.symbol[i] !== symbol) {
        this.publishLevels(symbol);
        symbol = events.symbol[i]!;
      }
      const orderId = events.orderId[i]!;
      switch (events.kind[i]) {
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
    this.publishLevels(symbol);
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
    this.remember(orderId, side, price, shown);
    this.send(FeedKind.add, symbol, orderId, shown);
  }

  private execute(symbol: number, orderId: number, quantity: number): void {
    if (!this.isShown(orderId)) return;
    const left = this.shown[orderId]! - quantity;
    this.shown[orderId] = left > 0 ? left : 0;
    this.send(FeedKind.execute, symbol, orderId, quantity);
  }

  private change(symbol: number, orderId: number, shown: number): void {
    if (!this.isShown(orderId)) return;
    this.shown[orderId] = shown;
    this.send(FeedKind.change, symbol, orderId, shown);
  }

  private remove(symbol: number, orderId: number): void {
    if (!this.isShown(orderId)) return;
    this.shown[orderId] = 0;
    this.send(FeedKind.remove, symbol, orderId, 0);
  }

  private isShown(orderId: number): boolean {
    return orderId < this.shown.length && this.shown[orderId]! > 0;
  }

  private send(kind: number, symbol: number, orderId: number, quantity: number): void {
    const side = this.side[orderId]!;
    const price = this.price[orderId]!;
    const sequence = this.orderSequence[symbol]! + 1;
    this.orderSequence[symbol] = sequence;
    this.orders.push(kind, symbol, side, orderId, price, quantity, sequence);
    const key = price * 2 + side;
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
      const side = (key % 2) as Side;
      const price = (key - side) / 2;
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

  private remember(orderId: number, side: number, price: number, shown: number): void {
    if (orderId >= this.shown.length) this.grow(orderId);
    this.side[orderId] = side;
    this.price[orderId] = price;
    this.shown[orderId] = shown;
  }

  private grow(orderId: number): void {
    let capacity = this.shown.length;
    while (capacity <= orderId) capacity *= 2;
    this.shown = widenFloats(this.shown, capacity);
    this.price = widenFloats(this.price, capacity);
    this.side = widenBytes(this.side, capacity);
  }
}

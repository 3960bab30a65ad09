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

/** Up to this many touched prices are searched; beyond, repetitions are dropped at the end. */
const searchedMax = 16;

/**
 * What the venue publishes: after each command `publish` turns the engine's events into L3 messages (`orders`: every shown
 * order) and L2 messages (`levels`: every price whose shown quantity was touched, once a command). Hidden iceberg quantity,
 * waiting stops and market orders that collect are not shown. The events say all that is needed, so the feed keeps nothing
 * but its numbers, and may begin at any time.
 */
export class MarketDataFeed {
  readonly orders = new FeedBuffer();
  readonly levels = new FeedBuffer();
  private readonly engine: MatchingEngine;
  private readonly orderSequence: Float64Array;
  private readonly levelSequence: Float64Array;
  /** Keys of the levels touched by the command (the price of a buy, the negated price of a sell), and what they show now. */
  private touched = new Float64Array(64);
  private touchedShown = new Float64Array(64);
  private touchedCount = 0;

  constructor(engine: MatchingEngine) {
    this.engine = engine;
    this.orderSequence = new Float64Array(engine.symbolCount);
    this.levelSequence = new Float64Array(engine.symbolCount);
  }

  /** Fills both buffers with what the engine's last command changed. */
  publish(): void {
    const { events } = this.engine;
    const { count } = events;
    this.orders.count = 0;
    this.levels.count = 0;
    this.touchedCount = 0;
    let symbol = events.symbol(0);
    for (let i = 0; i < count; i++) {
      if (events.symbol(i) !== symbol) {
        this.publishLevels(symbol);
        symbol = events.symbol(i);
      }
      switch (events.kind(i)) {
        case EventKind.rested:
          this.send(FeedKind.add, i, events.side(i), events.quantity(i));
          break;
        case EventKind.traded:
          // The side of a trade is the taker's, and the maker is the one that was shown.
          if (events.shownBefore(i) > 0) {
            this.send(FeedKind.execute, i, events.side(i) ^ 1, events.quantity(i));
          }
          break;
        case EventKind.executed:
          this.send(FeedKind.execute, i, events.side(i), events.quantity(i));
          break;
        case EventKind.reshown:
          this.send(FeedKind.change, i, events.side(i), events.quantity(i));
          break;
        case EventKind.cancelled:
        case EventKind.unrested:
          if (events.shownBefore(i) > 0) this.send(FeedKind.remove, i, events.side(i), 0);
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

  /** Tells of event `row`. A market order that collects has the price 0 and is not shown. */
  private send(kind: number, row: number, side: number, quantity: number): void {
    const { events } = this.engine;
    const price = events.price(row);
    if (price === 0) return;
    const symbol = events.symbol(row);
    const sequence = this.orderSequence[symbol]! + 1;
    this.orderSequence[symbol] = sequence;
    this.orders.push(kind, symbol, side, events.orderId(row), price, quantity, sequence);
    this.touch(side === Side.buy ? price : -price, events.levelShown(row));
  }

  private touch(key: number, shown: number): void {
    const { touched } = this;
    const count = this.touchedCount;
    if (count <= searchedMax) {
      for (let at = 0; at < count; at++) {
        if (touched[at] !== key) continue;
        this.touchedShown[at] = shown;
        return;
      }
    }
    if (count === touched.length) {
      this.touched = widenFloats(touched, count * 2);
      this.touchedShown = widenFloats(this.touchedShown, count * 2);
    }
    this.touched[count] = key;
    this.touchedShown[count] = shown;
    this.touchedCount = count + 1;
  }

  private publishLevels(symbol: number): void {
    if (this.touchedCount > searchedMax) this.dropRepetitions();
    const { touched, touchedShown } = this;
    for (let at = 0; at < this.touchedCount; at++) {
      const key = touched[at]!;
      const side = key > 0 ? Side.buy : Side.sell;
      const sequence = this.levelSequence[symbol]! + 1;
      this.levelSequence[symbol] = sequence;
      const price = key > 0 ? key : -key;
      this.levels.push(FeedKind.level, symbol, side, -1, price, touchedShown[at]!, sequence);
    }
    this.touchedCount = 0;
  }

  /** Leaves each touched price once, where it was touched first and with what it shows last. */
  private dropRepetitions(): void {
    const once = new Map<number, number>();
    for (let at = 0; at < this.touchedCount; at++) {
      once.set(this.touched[at]!, this.touchedShown[at]!);
    }
    let at = 0;
    for (const [key, shown] of once) {
      this.touched[at] = key;
      this.touchedShown[at] = shown;
      at++;
    }
    this.touchedCount = once.size;
  }
}

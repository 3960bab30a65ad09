import { EventKind, OrderType, type Side, TimeInForce } from "../codes.ts";
import { MatchingEngine } from "../matching-engine.ts";
import { type BitstampEvent, parseBitstampLog } from "./bitstamp-text.ts";
import type { LineMistake } from "./mistake.ts";

/** What a Bitstamp replay showed. */
export interface BitstampResult {
  readonly eventCount: number;
  readonly exchangeTradeCount: number;
  readonly engineTradeCount: number;
  /** Engine trades that equal an exchange trade in price and amount, at nearly the same time; each counted once. */
  readonly reproducedCount: number;
  /** Orders that were not announced before the log changed or deleted them; nearly all rested before it begins. */
  readonly seedCount: number;
  /** Exchange trades that the engine did not make, the first few. */
  readonly firstMissing: readonly {
    readonly line: number;
    readonly price: number;
    readonly amount: number;
  }[];
  readonly stateHash: string;
}

/** A trade is looked for this far around the engine's. Assumption: the log's own delays stay below. */
const sameTradeWithinMs = 10_000;
/** A fill's trade line follows its order lines within this many lines. */
const tradeWithinLines = 12;
const missingShown = 10;

interface Trade {
  readonly line: number;
  readonly atMs: number;
  readonly price: number;
  readonly amount: number;
}

/**
 * Plays a Bitstamp log through the engine: a created order enters with its full size and trades if it crosses; what the log
 * then says about fills is not used, a change of price is an amend. A deleted order with an amount left is cancelled.
 *
 * Orders that are first seen when changed or deleted are entered where their ids say, which grow with engine time: most
 * rested before the log, and a few have their lines in the wrong order. They get the amount that the log shows of them,
 * plus the trade line that belongs to their first fill.
 */
export function replayBitstamp(text: string): {
  readonly result: BitstampResult | undefined;
  readonly mistakes: readonly LineMistake[];
} {
  const { events, mistakes } = parseBitstampLog(text);
  if (mistakes.length > 0) return { result: undefined, mistakes };
  const replay = new BitstampReplay();
  const seeds = findSeeds(events);
  const exchangeTrades: Trade[] = [];
  let seedAt = 0;
  for (const event of events) {
    if (event.kind === "trade") {
      exchangeTrades.push(event);
      continue;
    }
    while (seedAt < seeds.length && seeds[seedAt]!.id <= event.id) replay.enter(seeds[seedAt++]!);
    replay.execute(event);
  }
  const missing = match(replay.trades, exchangeTrades);
  return {
    result: {
      eventCount: events.length,
      exchangeTradeCount: exchangeTrades.length,
      engineTradeCount: replay.trades.length,
      reproducedCount: exchangeTrades.length - missing.length,
      seedCount: seeds.length,
      firstMissing: missing
        .slice(0, missingShown)
        .map(({ line, price, amount }) => ({ line, price, amount })),
      stateHash: replay.engine.stateHash(),
    },
    mistakes,
  };
}

class BitstampReplay {
  readonly engine = new MatchingEngine({ symbolCount: 1 });
  readonly trades: Trade[] = [];
  private readonly idOf = new Map<number, number>();
  private readonly priceOf = new Map<number, number>();

  execute(event: BitstampEvent): void {
    const known = this.idOf.get(event.id);
    if (event.kind === "created") {
      if (known === undefined) this.enter(event);
    } else if (event.kind === "changed" && known !== undefined) {
      // A new amount at the old price is a fill, which the engine makes by itself; a new price is the client's amend.
      if (this.engine.isLive(known) && this.priceOf.get(known) !== event.price) {
        this.priceOf.set(known, event.price);
        this.engine.amend(0, known, event.price, event.amount);
        this.collectTrades(event);
      }
    } else if (event.kind === "deleted" && known !== undefined && this.engine.isLive(known)) {
      this.engine.cancel(0, known);
    }
  }

  enter(event: BitstampEvent): void {
    const id = this.idOf.size;
    this.idOf.set(event.id, id);
    const side = event.side as Side;
    this.priceOf.set(id, event.price);
    this.engine.place(0, id, side, OrderType.limit, TimeInForce.gtc, event.price, event.amount);
    this.collectTrades(event);
  }

  private collectTrades(event: BitstampEvent): void {
    const { events } = this.engine;
    for (let i = 0; i < events.count; i++) {
      if (events.kind(i) !== EventKind.traded) continue;
      const { line, atMs } = event;
      this.trades.push({ line, atMs, price: events.price(i), amount: events.quantity(i) });
    }
  }
}

/** Orders that were not announced before they were changed or deleted, oldest first, with the amount they must have had. */
function findSeeds(events: readonly BitstampEvent[]): BitstampEvent[] {
  const seen = new Set<number>();
  const seeds: BitstampEvent[] = [];
  events.forEach((event, at) => {
    if (event.kind === "trade" || seen.has(event.id)) return;
    seen.add(event.id);
    if (event.kind === "created") return;
    const isFill = event.kind === "changed" || event.amount === 0;
    const fill = isFill ? fillBeside(events, at) : 0;
    if (event.amount + fill > 0) seeds.push({ ...event, amount: event.amount + fill });
  });
  return seeds.sort((a, b) => a.id - b.id);
}

/** Amount of the next trade line at the order's own price; 0 when there is none nearby. */
function fillBeside(events: readonly BitstampEvent[], at: number): number {
  const order = events[at]!;
  for (const event of events.slice(at + 1, at + 1 + tradeWithinLines)) {
    if (event.kind === "trade" && event.price === order.price) return event.amount;
  }
  return 0;
}

/** Pairs equal trades, the nearest in time first come first served; returns the exchange trades left over. */
function match(engineTrades: readonly Trade[], exchangeTrades: readonly Trade[]): Trade[] {
  const open = new Map<string, Trade[]>();
  for (const trade of engineTrades) {
    const key = `${trade.price},${trade.amount}`;
    const list = open.get(key);
    if (list === undefined) open.set(key, [trade]);
    else list.push(trade);
  }
  return exchangeTrades.filter((trade) => {
    const list = open.get(`${trade.price},${trade.amount}`) ?? [];
    const at = list.findIndex(({ atMs }) => Math.abs(atMs - trade.atMs) <= sameTradeWithinMs);
    if (at >= 0) list.splice(at, 1);
    return at < 0;
  });
}

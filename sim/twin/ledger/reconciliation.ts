import { type RequestTable, requestKind } from "../../components/fabric/requests.ts";
import { executeRequest } from "../../components/matching-service/execute-request.ts";
import { EventKind } from "../../engine/codes.ts";
import type { MatchingEngine } from "../../engine/matching-engine.ts";
import { none } from "../../kernel/none.ts";
import type {
  BookComparison,
  DifferenceKind,
  LedgerDifference,
  RpoResult,
} from "../results-types.ts";
import type { AcceptancePoint } from "../topology-types.ts";
import { invariant } from "./invariants.ts";
import { type Ledger, told } from "./ledger.ts";

/** What the platform holds when the run ends. */
export interface PlatformHoldings {
  /** The recovered books, or `undefined` while nothing can be recovered. */
  readonly engine: MatchingEngine | undefined;
  /** Commands that the engine has executed and the journal does not have yet, in order. */
  readonly executedNotDurable: readonly number[];
  /** Whether a request still waits in the queue. */
  readonly isWaiting: (request: number) => boolean;
  /** When the queue took a request, microseconds; 0 if it never did. */
  readonly queuedUs: (request: number) => number;
  /** Whether the journal can be read at all. */
  readonly journalReachable: boolean;
}

export interface Reconciliation {
  readonly rpo: readonly RpoResult[];
  readonly differences: readonly LedgerDifference[];
  readonly books: BookComparison;
  readonly inDoubtTookEffect: readonly number[];
  readonly waitingCount: number;
}

/**
 * Compares what the platform holds with what clients were told. The reference engine replays, in engine sequence, the
 * accepted commands and the in-doubt ones that took effect; then books and trades are compared order by order.
 */
export function reconcile(options: {
  readonly ledger: Ledger;
  readonly requests: RequestTable;
  readonly holdings: PlatformHoldings;
  readonly acceptance: AcceptancePoint;
  /** Instant of the first fault, for the age of what was lost; -1 when there was none. */
  readonly faultUs: number;
}): Reconciliation {
  const { ledger, requests, holdings } = options;
  const column = ledger.column;
  const stillExecuted = new Set(holdings.executedNotDurable);
  const isHeld = (request: number) =>
    column.position[request] !== none || stillExecuted.has(request);
  const reference = replayReference(ledger, requests, isHeld, holdings.executedNotDurable);
  const platformTrades = tradesOf(ledger, requests, [
    ...ledger.historyRequests((request) => column.position[request] !== none),
    ...holdings.executedNotDurable,
  ]);
  const differences: LedgerDifference[] = [];
  let waitingCount = 0;
  for (let request = 0; request < ledger.requestCount; request += 1) {
    if (!ledger.isAccepted(request)) continue;
    const difference = judge(request, isHeld(request));
    if (difference === "waiting") waitingCount += 1;
    else if (difference !== undefined) differences.push(describe(request, difference));
  }
  for (const trade of missingTrades(reference.trades, platformTrades)) differences.push(trade);

  function judge(request: number, held: boolean): DifferenceKind | "waiting" | undefined {
    if (column.copies[request]! > 1) return "doubled";
    if (!held) return holdings.isWaiting(request) ? "waiting" : "lost";
    if (!holdings.journalReachable) return "stranded";
    return reference.reordered.has(request) ? "reordered" : undefined;
  }

  function describe(request: number, kind: DifferenceKind): LedgerDifference {
    const fields = requests.column;
    return {
      kind,
      what: whatOf(fields.kind[request]!),
      orderId: fields.orderId[request]!,
      symbol: fields.symbol[request]!,
      quantity: fields.quantity[request]!,
      notional: fields.quantity[request]! * fields.priceTicks[request]!,
      acceptedUs: column.toldUs[request]!,
      lastPlace: lastPlaceOf(request),
    };
  }

  function lastPlaceOf(request: number): string {
    if (column.durableUs[request]! > 0) return "matching journal";
    if (holdings.queuedUs(request) > 0) return "order queue";
    return "client";
  }

  const books = compareBooks(ledger, reference, holdings.engine, platformTrades.length);
  return {
    rpo: (["queue", "journal"] as const).map((acceptance) => rpoOf(acceptance)),
    differences,
    books,
    inDoubtTookEffect: ledger
      .historyRequests((request) => column.told[request] === told.inDoubt && isHeld(request))
      .map((request) => requests.column.orderId[request]!),
    waitingCount,
  };

  /** Accepted by a definition: told success by the topology's own, or durable for the journal's. */
  function rpoOf(acceptance: AcceptancePoint): RpoResult {
    const counts = { lost: 0, doubled: 0, reordered: 0, stranded: 0 };
    let accepted = 0;
    let lostNotional = 0;
    let oldestLostSeconds = 0;
    for (let request = 0; request < ledger.requestCount; request += 1) {
      if (!ledger.isCommand(request)) continue;
      const counted =
        acceptance === "journal" ? column.durableUs[request]! > 0 : holdings.queuedUs(request) > 0;
      if (!counted || column.told[request] !== told.success) continue;
      accepted += 1;
      const kind = judge(request, isHeld(request));
      if (kind === undefined || kind === "waiting") continue;
      counts[kind] += 1;
      if (kind !== "lost") continue;
      const acceptedUs =
        acceptance === "journal" ? column.durableUs[request]! : column.toldUs[request]!;
      lostNotional += requests.column.quantity[request]! * requests.column.priceTicks[request]!;
      oldestLostSeconds = Math.max(oldestLostSeconds, (options.faultUs - acceptedUs) / 1_000_000);
    }
    return {
      acceptance,
      declared: acceptance === options.acceptance,
      acceptedCount: accepted,
      lostCount: counts.lost,
      doubledCount: counts.doubled,
      reorderedCount: counts.reordered,
      strandedCount: counts.stranded,
      lostNotional,
      oldestLostSeconds,
    };
  }
}

interface Trade {
  readonly maker: number;
  readonly taker: number;
  readonly symbol: number;
  readonly price: number;
  readonly quantity: number;
}

interface Reference {
  readonly engine: MatchingEngine;
  readonly trades: readonly Trade[];
  /** Requests whose order in the platform's history differs from the order in which they first took effect. */
  readonly reordered: ReadonlySet<number>;
}

function replayReference(
  ledger: Ledger,
  requests: RequestTable,
  isHeld: (request: number) => boolean,
  executedNotDurable: readonly number[],
): Reference {
  const inSequence = ledger.historyRequests(
    (request) => ledger.isAccepted(request) || isHeld(request),
  );
  const known = new Set(inSequence);
  const sequence = [...inSequence, ...executedNotDurable.filter((request) => !known.has(request))];
  const engine = ledger.newEngine();
  const trades: Trade[] = [];
  for (const request of sequence) {
    executeRequest(engine, requests, request);
    collectTrades(engine, trades);
  }
  const reordered = new Set<number>();
  let latest = -1;
  for (const request of inSequence) {
    const position = ledger.column.position[request]!;
    if (position === none) continue;
    if (position < latest) reordered.add(request);
    latest = Math.max(latest, position);
  }
  return { engine, trades, reordered };
}

function tradesOf(
  ledger: Ledger,
  requests: RequestTable,
  sequence: readonly number[],
): readonly Trade[] {
  const engine = ledger.newEngine();
  const trades: Trade[] = [];
  for (const request of sequence) {
    executeRequest(engine, requests, request);
    collectTrades(engine, trades);
  }
  return trades;
}

function collectTrades(engine: MatchingEngine, trades: Trade[]): void {
  const { events } = engine;
  for (let at = 0; at < events.count; at += 1) {
    if (events.kind[at] !== EventKind.traded) continue;
    trades.push({
      maker: events.orderId[at]!,
      taker: events.otherId[at]!,
      symbol: events.symbol[at]!,
      price: events.price[at]!,
      quantity: events.quantity[at]!,
    });
  }
}

/** Trades of the reference that the platform does not have, each as a difference. */
function missingTrades(
  reference: readonly Trade[],
  platform: readonly Trade[],
): LedgerDifference[] {
  const key = (trade: Trade) => `${trade.maker}/${trade.taker}/${trade.price}/${trade.quantity}`;
  const held = new Map<string, number>();
  for (const trade of platform) held.set(key(trade), (held.get(key(trade)) ?? 0) + 1);
  const missing: LedgerDifference[] = [];
  for (const trade of reference) {
    const left = held.get(key(trade)) ?? 0;
    held.set(key(trade), left - 1);
    if (left > 0) continue;
    missing.push({
      kind: "lost",
      what: "trade",
      orderId: trade.maker,
      symbol: trade.symbol,
      quantity: trade.quantity,
      notional: trade.quantity * trade.price,
      acceptedUs: -1,
      lastPlace: "matching journal",
    });
  }
  return missing;
}

/** Compares the recovered books with the reference's, order by order in priority. */
function compareBooks(
  ledger: Ledger,
  reference: Reference,
  engine: MatchingEngine | undefined,
  platformTradeCount: number,
): BookComparison {
  const differing = new Set<number>();
  let symbolsCompared = 0;
  for (let symbol = 0; symbol < ledger.symbolCount; symbol += 1) {
    const expected = openOrdersOf(reference.engine, symbol);
    const actual = engine === undefined ? [] : openOrdersOf(engine, symbol);
    symbolsCompared += 1;
    for (let at = 0; at < Math.max(expected.length, actual.length); at += 1) {
      if (expected[at]?.text === actual[at]?.text) continue;
      if (expected[at] !== undefined) differing.add(expected[at]!.orderId);
      if (actual[at] !== undefined) differing.add(actual[at]!.orderId);
    }
  }
  const equal = differing.size === 0 && reference.trades.length === platformTradeCount;
  if (equal) ledger.invariants.held(invariant.recoveredBooksEqualHistory);
  return {
    symbolsCompared,
    openOrders: engine?.openOrderCount ?? 0,
    openOrdersReference: reference.engine.openOrderCount,
    trades: platformTradeCount,
    tradesReference: reference.trades.length,
    differingOrderIds: [...differing].sort((a, b) => a - b),
    equal,
  };
}

function openOrdersOf(engine: MatchingEngine, symbol: number): { orderId: number; text: string }[] {
  const orders: { orderId: number; text: string }[] = [];
  engine.forEachOpenOrder(symbol, (orderId, side, price, leaves, visible) => {
    orders.push({ orderId, text: `${orderId} ${side} ${price} ${leaves} ${visible}` });
  });
  return orders;
}

function whatOf(kind: number): LedgerDifference["what"] {
  if (kind === requestKind.cancelOrder) return "cancel";
  return kind === requestKind.amendOrder ? "amend" : "order";
}

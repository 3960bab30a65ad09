import { isMarketStep, type RequestTable, requestKind } from "../../components/fabric/requests.ts";
import { executeRequestAgain } from "../../components/matching-service/execute-request.ts";
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
import type { Ledger } from "./ledger.ts";
import { told } from "./ledger-rows.ts";
import { outOfLine } from "./out-of-line.ts";

/** What the platform holds when the run ends. */
export interface PlatformHoldings {
  /** The recovered books that a symbol belongs to, or `undefined` while nothing can be recovered. */
  readonly engineOf: (symbol: number) => MatchingEngine | undefined;
  /** Commands that an engine has executed and its journal does not have yet, in order for each symbol. */
  readonly executedNotDurable: readonly number[];
  /** Whether a request still waits in the queue. */
  readonly isWaiting: (request: number) => boolean;
  /** Whether a request waits in a queue of a region whose place another has taken, or in a dead-letter queue. */
  readonly isStranded: (request: number) => boolean;
  /** Whether it waits in a dead-letter queue. */
  readonly isDeadLettered: (request: number) => boolean;
  /** When the queue took a request, microseconds; 0 if it never did. */
  readonly queuedUs: (request: number) => number;
  /** Position of a symbol's journal from which on it has lost what it held and no owner has gone on; infinite as a rule. */
  readonly historyLostFrom: (symbol: number) => number;
  /** Whether a symbol's journal can be read at all. */
  readonly isReachable: (symbol: number) => boolean;
}

export interface Reconciliation {
  readonly rpo: readonly RpoResult[];
  readonly differences: readonly LedgerDifference[];
  readonly books: BookComparison;
  readonly inDoubtTookEffect: readonly number[];
  readonly waitingCount: number;
  /** Accepted commands that an engine has executed and its journal does not have yet. */
  readonly underWayCount: number;
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
  const isWritten = (command: number) => {
    const position = ledger.positionOf(command);
    return position !== none && position < holdings.historyLostFrom(requests.symbolOf(command));
  };
  const isHeld = (command: number) => isWritten(command) || stillExecuted.has(command);
  const reference = replayReference(ledger, requests, isHeld, holdings.executedNotDurable);
  const history = replay(ledger, requests, [
    ...ledger.history(isWritten).sort((a, b) => ledger.positionOf(a) - ledger.positionOf(b)),
    ...holdings.executedNotDurable,
  ]);
  checkRecovery(ledger, history.engine, holdings);
  const differences: LedgerDifference[] = [];
  let waitingCount = 0;
  for (let request = 0; request < ledger.requestCount; request += 1) {
    if (!ledger.isAccepted(request)) continue;
    const difference = judge(request, isHeld(request));
    if (difference === "waiting") waitingCount += 1;
    else if (difference !== undefined) differences.push(differenceOf(request, difference));
  }
  const lostUntilUs = lastLossUs(ledger, isHeld);
  const happened = ({ by }: Trade) => ledger.durableUsOf(by) <= lostUntilUs;
  for (const trade of missingTrades(reference.trades.filter(happened), history.trades)) {
    differences.push(trade);
  }

  function judge(request: number, held: boolean): DifferenceKind | "waiting" | undefined {
    if (column.copies[request]! > 1) return "doubled";
    if (!held) {
      if (holdings.isStranded(request) || column.stranded[request] === 1) return "stranded";
      return holdings.isWaiting(request) ? "waiting" : "lost";
    }
    if (!holdings.isReachable(requests.column.symbol[request]!)) return "stranded";
    return reference.reordered.has(request) ? "reordered" : undefined;
  }

  function differenceOf(request: number, kind: DifferenceKind): LedgerDifference {
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
    if (holdings.isDeadLettered(request)) return "dead-letter queue";
    if (holdings.queuedUs(request) > 0) return "order queue";
    return "client";
  }

  const books = compareBooks(ledger, reference, holdings, history.trades.length);
  return {
    rpo: (["queue", "journal"] as const).map((acceptance) => rpoOf(acceptance)),
    differences,
    books,
    inDoubtTookEffect: ledger
      .history(
        (command) =>
          !isMarketStep(command) && column.told[command] === told.inDoubt && isHeld(command),
      )
      .map((request) => requests.column.orderId[request]!),
    waitingCount,
    underWayCount: holdings.executedNotDurable.filter(
      (request) => ledger.isAccepted(request) && !isWritten(request),
    ).length,
  };

  /**
   * Accepted by the declared definition: told success, whatever the platform had done by then. By the other: told
   * success, and queued or durable. Orders that rested before the run began were accepted by both.
   */
  function rpoOf(acceptance: AcceptancePoint): RpoResult {
    const declared = acceptance === options.acceptance;
    const counts = { lost: 0, doubled: 0, reordered: 0, stranded: 0 };
    let accepted = 0;
    let lostNotional = 0;
    let oldestLostSeconds = 0;
    for (let request = 0; request < ledger.requestCount; request += 1) {
      if (!ledger.isCommand(request)) continue;
      if (column.told[request] !== told.success) continue;
      const reachedUs =
        acceptance === "journal" ? column.durableUs[request]! : holdings.queuedUs(request);
      if (!declared && reachedUs === 0 && column.toldUs[request]! > 0) continue;
      accepted += 1;
      const kind = judge(request, isHeld(request));
      if (kind === undefined || kind === "waiting") continue;
      counts[kind] += 1;
      if (kind !== "lost") continue;
      const acceptedUs = declared ? column.toldUs[request]! : reachedUs;
      lostNotional += requests.column.quantity[request]! * requests.column.priceTicks[request]!;
      oldestLostSeconds = Math.max(oldestLostSeconds, (options.faultUs - acceptedUs) / 1_000_000);
    }
    return {
      acceptance,
      declared,
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
  /** Command whose execution made the trade: an order, or the step that ended an auction. */
  readonly by: number;
  readonly maker: number;
  readonly taker: number;
  readonly symbol: number;
  readonly price: number;
  readonly quantity: number;
}

/** What a sequence of commands leads to. */
interface Replayed {
  readonly engine: MatchingEngine;
  readonly trades: readonly Trade[];
}

interface Reference extends Replayed {
  /** The fewest requests that would have to be moved for the platform's history to be in the order in which each first took effect. */
  readonly reordered: ReadonlySet<number>;
}

function replayReference(
  ledger: Ledger,
  requests: RequestTable,
  isHeld: (request: number) => boolean,
  executedNotDurable: readonly number[],
): Reference {
  // Whoever was told of a state of the market acted on it, so a step that was lost since has happened too.
  const inSequence = ledger.history(
    (command) => isMarketStep(command) || ledger.isAccepted(command) || isHeld(command),
  );
  const known = new Set(inSequence);
  const sequence = [...inSequence, ...executedNotDurable.filter((command) => !known.has(command))];
  const reordered = reorderedOf(ledger, requests, inSequence);
  return { ...replay(ledger, requests, sequence), reordered };
}

/** Symbols have nothing to do with each other: sequence matters within one. */
function reorderedOf(
  ledger: Ledger,
  requests: RequestTable,
  inSequence: readonly number[],
): ReadonlySet<number> {
  const ofSymbol = Array.from({ length: ledger.symbolCount }, (): number[] => []);
  for (const request of inSequence) {
    const isPlaced = !isMarketStep(request) && ledger.positionOf(request) !== none;
    if (isPlaced) ofSymbol[requests.column.symbol[request]!]!.push(request);
  }
  const reordered = new Set<number>();
  for (const first of ofSymbol) {
    const now = first.toSorted((a, b) => ledger.positionOf(a) - ledger.positionOf(b));
    if (now.every((request, at) => request === first[at])) continue;
    for (const request of outOfLine(first, now)) reordered.add(request);
  }
  return reordered;
}

function replay(ledger: Ledger, requests: RequestTable, sequence: readonly number[]): Replayed {
  const engine = ledger.newEngine();
  const trades: Trade[] = [];
  for (const command of sequence) {
    executeRequestAgain(engine, requests, command);
    collectTrades(engine, command, trades);
  }
  return { engine, trades };
}

function collectTrades(engine: MatchingEngine, by: number, trades: Trade[]): void {
  const { events } = engine;
  for (let at = 0; at < events.count; at += 1) {
    if (events.kind(at) !== EventKind.traded) continue;
    trades.push({
      by,
      maker: events.orderId(at),
      taker: events.otherId(at),
      symbol: events.symbol(at),
      price: events.price(at),
      quantity: events.quantity(at),
    });
  }
}

/**
 * When the last command that was lost with its journal had become durable, or -1. Trades of the reference up to then
 * have happened; later ones would have, had nothing been lost, and can't be lost themselves.
 */
function lastLossUs(ledger: Ledger, isHeld: (command: number) => boolean): number {
  const lost = ledger.history((command) => !isHeld(command));
  return lost.reduce((latestUs, command) => Math.max(latestUs, ledger.durableUsOf(command)), -1);
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

/** Books that run must be what the held commands lead to, whatever was lost before: anything else is a wrong recovery. */
function checkRecovery(
  ledger: Ledger,
  history: MatchingEngine,
  { engineOf }: PlatformHoldings,
): void {
  const recovered = symbolsOf(ledger).filter((symbol) => engineOf(symbol) !== undefined);
  if (recovered.length === 0) return;
  const differing = differingOrders(recovered, history, (symbol) => engineOf(symbol)!);
  const inOtherState = recovered.filter(
    (symbol) => history.phaseOf(symbol) !== engineOf(symbol)!.phaseOf(symbol),
  );
  if (inOtherState.length > 0) {
    ledger.invariants.broken(
      invariant.recoveredBooksEqualHistory,
      `${inOtherState.length} symbols, such as ${inOtherState[0]}, are in another market state than the held commands lead to`,
    );
  } else if (differing.size === 0) ledger.invariants.held(invariant.recoveredBooksEqualHistory);
  else {
    ledger.invariants.broken(
      invariant.recoveredBooksEqualHistory,
      `the books differ from what the held commands lead to in ${differing.size} orders, such as ${Math.min(...differing)}`,
    );
  }
}

/** Compares the recovered books with the reference's, order by order in priority. */
function compareBooks(
  ledger: Ledger,
  reference: Reference,
  { engineOf }: PlatformHoldings,
  platformTradeCount: number,
): BookComparison {
  const empty = ledger.newEngine();
  // A former owner's books are nobody's any more.
  const serving = new Set(symbolsOf(ledger).map((symbol) => engineOf(symbol)));
  const differing = differingOrders(
    symbolsOf(ledger),
    reference.engine,
    (symbol) => engineOf(symbol) ?? empty,
  );
  return {
    symbolsCompared: ledger.symbolCount,
    openOrders: [...serving].reduce((sum, engine) => sum + (engine?.openOrderCount ?? 0), 0),
    openOrdersReference: reference.engine.openOrderCount,
    trades: platformTradeCount,
    tradesReference: reference.trades.length,
    differingOrderIds: [...differing].sort((a, b) => a - b),
    equal: differing.size === 0 && reference.trades.length === platformTradeCount,
  };
}

function symbolsOf(ledger: Ledger): readonly number[] {
  return Array.from({ length: ledger.symbolCount }, (_, symbol) => symbol);
}

/** Orders that only one side has, that differ in themselves, or that stand elsewhere among those that both have. */
function differingOrders(
  symbols: readonly number[],
  expected: MatchingEngine,
  actual: (symbol: number) => MatchingEngine,
): ReadonlySet<number> {
  const differing = new Set<number>();
  for (const symbol of symbols) {
    const wanted = openOrdersOf(expected, symbol);
    const found = openOrdersOf(actual(symbol), symbol);
    for (const [orderId, text] of wanted) if (found.get(orderId) !== text) differing.add(orderId);
    for (const [orderId, text] of found) if (wanted.get(orderId) !== text) differing.add(orderId);
    const common = (orders: ReadonlyMap<number, string>) =>
      [...orders.keys()].filter((orderId) => !differing.has(orderId));
    for (const orderId of outOfLine(common(wanted), common(found))) differing.add(orderId);
  }
  return differing;
}

/** Open orders of a symbol in priority, each with what must be equal. */
function openOrdersOf(engine: MatchingEngine, symbol: number): ReadonlyMap<number, string> {
  const orders = new Map<number, string>();
  engine.forEachOpenOrder(symbol, (orderId, side, price, leaves, visible) => {
    orders.set(orderId, `${side} ${price} ${leaves} ${visible}`);
  });
  return orders;
}

function whatOf(kind: number): LedgerDifference["what"] {
  if (kind === requestKind.cancelOrder) return "cancel";
  return kind === requestKind.amendOrder ? "amend" : "order";
}

import type { RequestTable } from "../../components/fabric/requests.ts";
import { executeRequestAgain } from "../../components/matching-service/execute-request.ts";
import { EventKind, Phase, Side } from "../../engine/codes.ts";
import { MatchingEngine } from "../../engine/matching-engine.ts";
import type { Kernel, Table } from "../../kernel/kernel.ts";
import { type Invariants, invariant } from "./invariants.ts";

const orderColumns = {
  placedBy: "int32",
  quantity: "int32",
  filled: "int32",
  cancelled: "int32",
  side: "uint8",
  priceTicks: "int32",
} as const;

/** Trades so far, and the value of what is open, ticks x lots. */
const total = { trades: 0, openValue: 1 } as const;

/** An engine by the rules of the venue, with empty books. */
export function newEngine(symbolCount: number): MatchingEngine {
  return new MatchingEngine({ symbolCount, requestsMax: 131_072 });
}

/**
 * The venue's history, executed by a reference engine, with an account of every order that is kept apart from the
 * engine's: the two must agree.
 */
export class ReferenceBooks {
  readonly engine: MatchingEngine;
  readonly #requests: RequestTable;
  readonly #symbolCount: number;
  readonly #invariants: Invariants;
  readonly #orders: Table<typeof orderColumns>;
  readonly #totals: Float64Array;

  constructor(kernel: Kernel, requests: RequestTable, symbolCount: number, invariants: Invariants) {
    this.#requests = requests;
    this.#symbolCount = symbolCount;
    this.#invariants = invariants;
    this.#orders = kernel.table("ledger.orders", orderColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#totals = kernel.float64Array("ledger.totals", Object.keys(total).length);
    this.engine = newEngine(symbolCount);
    kernel.register("ledger.engine", this.engine);
  }

  get tradeCount(): number {
    return this.#totals[total.trades]!;
  }

  /** Value of all open orders, ticks x lots. */
  get openValue(): number {
    return this.#totals[total.openValue]!;
  }

  /** Lots of an order that its history holds filled. */
  filledOf(orderId: number): number {
    return orderId < this.#orders.rowCount ? this.#orders.column.filled[orderId]! : 0;
  }

  /** Lots of an order that its history holds ordered, amends up included; 0 when it is not in it. */
  quantityOf(orderId: number): number {
    return orderId < this.#orders.rowCount ? this.#orders.column.quantity[orderId]! : 0;
  }

  /** Executes a command of the venue's history, and checks the invariants on every event of it. */
  execute(command: number): void {
    const { engine } = this;
    const before = engine.sequence;
    executeRequestAgain(engine, this.#requests, command);
    if (engine.sequence === before + 1) this.#invariants.held(invariant.sequenceWithoutGap);
    else {
      this.#invariants.broken(
        invariant.sequenceWithoutGap,
        `command ${command} took the reference engine from ${before} to ${engine.sequence}`,
      );
    }
    const { events } = engine;
    for (let at = 0; at < events.count; at += 1) this.#account(at);
    this.#checkBook(this.#requests.symbolOf(command));
  }

  /** Begins again with empty books, for a history that is told anew. */
  restart(): void {
    this.#totals.fill(0);
    const { quantity, filled, cancelled } = this.#orders.column;
    quantity.fill(0);
    filled.fill(0);
    cancelled.fill(0);
    const empty = newEngine(this.#symbolCount);
    const bytes = new ArrayBuffer(empty.byteLength());
    empty.write(new DataView(bytes), 0);
    this.engine.read(new DataView(bytes), 0, bytes.byteLength);
  }

  /** Compares the account of every order with what the reference engine holds; the last check of a run. */
  checkEveryOrder(): void {
    const { quantity, filled, cancelled } = this.#orders.column;
    for (let orderId = 0; orderId < this.#orders.rowCount; orderId += 1) {
      if (quantity[orderId] === 0) continue;
      const open = this.engine.leavesOf(orderId);
      const balance = quantity[orderId]! - filled[orderId]! - cancelled[orderId]! - open;
      if (balance === 0) this.#invariants.held(invariant.quantityBalances);
      else {
        this.#invariants.broken(
          invariant.quantityBalances,
          `order ${orderId}: ${quantity[orderId]} ordered, ${filled[orderId]} filled, ${cancelled[orderId]} cancelled, ${open} open`,
        );
      }
    }
  }

  #account(at: number): void {
    const { events } = this.engine;
    const kind = events.kind(at);
    const orderId = events.orderId(at);
    const quantity = events.quantity(at);
    if (kind === EventKind.accepted) {
      const orders = this.#order(orderId);
      orders.quantity[orderId] = quantity;
      orders.filled[orderId] = 0;
      orders.cancelled[orderId] = 0;
      orders.side[orderId] = events.side(at);
      orders.priceTicks[orderId] = events.price(at);
      this.#totals[total.openValue] = this.#totals[total.openValue]! + quantity * events.price(at);
    } else if (kind === EventKind.traded) this.#trade(orderId, events.otherId(at), quantity);
    else if (kind === EventKind.cancelled || kind === EventKind.decremented) {
      this.#take(orderId, 0, quantity);
    } else if (kind === EventKind.amended) this.#amend(orderId, quantity, events.price(at));
  }

  #trade(maker: number, taker: number, quantity: number): void {
    this.#totals[total.trades] = this.#totals[total.trades]! + 1;
    const { side } = this.#orders.column;
    if (maker !== taker && side[maker] !== side[taker])
      this.#invariants.held(invariant.oneBuyerOneSeller);
    else
      this.#invariants.broken(
        invariant.oneBuyerOneSeller,
        `trade of maker ${maker} with taker ${taker}`,
      );
    this.#take(maker, quantity, 0);
    this.#take(taker, quantity, 0);
  }

  #take(orderId: number, filled: number, cancelled: number): void {
    const orders = this.#order(orderId);
    this.#totals[total.openValue] =
      this.#totals[total.openValue]! - (filled + cancelled) * orders.priceTicks[orderId]!;
    orders.filled[orderId] = orders.filled[orderId]! + filled;
    orders.cancelled[orderId] = orders.cancelled[orderId]! + cancelled;
    const left = orders.quantity[orderId]! - orders.filled[orderId]! - orders.cancelled[orderId]!;
    if (left >= 0) this.#invariants.held(invariant.noFillBeyondSize);
    else {
      this.#invariants.broken(
        invariant.noFillBeyondSize,
        `order ${orderId} of ${orders.quantity[orderId]} has ${orders.filled[orderId]} filled and ${orders.cancelled[orderId]} cancelled`,
      );
    }
  }

  /** An amend up is new quantity, an amend down is cancelled quantity. */
  #amend(orderId: number, leaves: number, priceTicks: number): void {
    const orders = this.#order(orderId);
    const before = orders.priceTicks[orderId]!;
    const open = orders.quantity[orderId]! - orders.filled[orderId]! - orders.cancelled[orderId]!;
    this.#totals[total.openValue] =
      this.#totals[total.openValue]! + leaves * priceTicks - open * before;
    orders.priceTicks[orderId] = priceTicks;
    if (leaves > open) orders.quantity[orderId] = orders.quantity[orderId]! + leaves - open;
    else orders.cancelled[orderId] = orders.cancelled[orderId]! + open - leaves;
  }

  /** Before the market opens, and in an auction, buyers may bid more than sellers ask: nothing trades. */
  #checkBook(symbol: number): void {
    if (this.engine.phaseOf(symbol) !== Phase.continuous) return;
    const bid = this.engine.bestPriceOf(symbol, Side.buy);
    const ask = this.engine.bestPriceOf(symbol, Side.sell);
    // Where a side is empty its price is NaN, and nothing is crossed.
    if (!(bid >= ask)) this.#invariants.held(invariant.booksNeverCrossed);
    else {
      this.#invariants.broken(
        invariant.booksNeverCrossed,
        `symbol ${symbol}: bid ${bid}, ask ${ask}`,
      );
    }
  }

  #order(orderId: number) {
    while (this.#orders.rowCount <= orderId) this.#orders.append();
    return this.#orders.column;
  }
}

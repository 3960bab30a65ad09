import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { requestKind } from "../../components/fabric/requests.ts";
import type { MatchingService } from "../../components/matching-service/matching-service.ts";
import { Phase } from "../../engine/codes.ts";
import type { MatchingEngine } from "../../engine/matching-engine.ts";
import type { QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId, KeyedStream, Table } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { compileDelay } from "../runbooks/human-delays.ts";
import type { ExecutionReports } from "./execution-reports.ts";
import { belief, message, standing } from "./report-rows.ts";
import type { LostTradeSpec, TradeSettlementResult } from "./report-types.ts";
import type { SettledTrade } from "./settled-trades.ts";
import type { TradeRegister } from "./trade-register.ts";

/** What settling needs from the rest of the twin. */
export interface TradeSettlementOptions {
  readonly spec: LostTradeSpec;
  readonly trades: TradeRegister;
  readonly reports: ExecutionReports;
  readonly matching: readonly MatchingService[];
  /** Part whose engine holds a symbol's books now. */
  readonly partOf: (symbol: number) => number;
  readonly positionOf: (command: number) => number;
  /**
   * Whether a command that stands in no history may come again: it waits in a queue, stands only with a former owner, or its
   * client is in doubt and will ask.
   */
  readonly mayComeAgain: (command: number) => boolean;
  /** A request of the venue itself, in the name of an order's owner. */
  readonly newRequest: (user: number, kind: number, symbol: number) => number;
}

const foundColumns = { trade: "int32", couldNot: "uint8" } as const;
const correctionColumns = { request: "int32", trade: "int32" } as const;

const cell = {
  /** 1 while a comparison is due. */
  due: 0,
  /** 1 from the step of the runbook on. */
  deciding: 1,
  /** Row of what was found that people look at, or `none`; reviews so far, for draws of their own. */
  onDesk: 2,
  reviews: 3,
  /** Log entry that the next one follows from. */
  cause: 4,
  accountsOffMax: 5,
  /** When the last trade was decided and its orders corrected, microseconds. */
  settledUs: 6,
} as const;

const sides = [false, true] as const;

/**
 * What the venue does about trades that clients were told of and its history does not hold: lost with a journal, or made by
 * a former owner that did not know yet. At intervals the clearing house compares the copies that it gets of every report with
 * the history; each such trade is called off or re-instated, and both sides are told. To re-instate one, the engine takes its
 * quantity off the two orders, where they are open, in one turn; where one has been filled otherwise, the trade is called off.
 */
export class TradeSettlement {
  readonly #fabric: AssembledFabric;
  readonly #options: TradeSettlementOptions;
  readonly #cells: Float64Array;
  readonly #found: Table<typeof foundColumns>;
  readonly #corrections: Table<typeof correctionColumns>;
  readonly #review: QuantileTable;
  readonly #luck: KeyedStream;
  readonly #compare: HandlerId;
  readonly #reviewed: HandlerId;
  readonly #kinds;

  constructor(fabric: AssembledFabric, options: TradeSettlementOptions) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#options = options;
    this.#cells = kernel.float64Array("settlement.cells", Object.keys(cell).length);
    this.#cells[cell.onDesk] = none;
    this.#cells[cell.cause] = none;
    this.#cells[cell.settledUs] = none;
    const size = { rowsInitial: 16, rowsMax: 10_000_000 };
    this.#found = kernel.table("settlement.found", foundColumns, size);
    this.#corrections = kernel.table("settlement.corrections", correctionColumns, size);
    this.#review = compileDelay(options.spec.review ?? { medianSeconds: 0 });
    this.#luck = kernel.keyed("settlement");
    this.#compare = kernel.handler("settlement.compare", () => this.#compareNow());
    this.#reviewed = kernel.handler("settlement.reviewed", (row) => this.#judged(row));
    this.#kinds = {
      found: log.kind("trades.found-lost", "info"),
      busted: log.kind("trades.busted", "info"),
      honoured: log.kind("trades.re-instated", "info"),
    };
  }

  /** Something may have been lost, or made by a former owner: the next comparison will show. */
  suspect(causeSeq: number): void {
    if (causeSeq !== none) this.#cells[cell.cause] = causeSeq;
    if (this.#cells[cell.due] === 1) return;
    this.#cells[cell.due] = 1;
    const afterUs = Math.round(this.#options.spec.compareEverySeconds * 1_000_000);
    this.#fabric.kernel.schedule(afterUs, this.#compare);
  }

  /** People take the trades up, by the policy `manual`. */
  beginReview(causeSeq: number): void {
    this.#cells[cell.deciding] = 1;
    this.#cells[cell.cause] = causeSeq;
    this.#takeNextUp();
  }

  /** Whether no comparison is due, nothing is left to decide, and every order is corrected. */
  get isSettled(): boolean {
    return this.#cells[cell.due] === 0 && this.#openCount === 0;
  }

  get #accountsOff(): number {
    return this.#options.trades.accountsOff(this.#options.reports.unsentSides());
  }

  get #openCount(): number {
    let open = 0;
    for (let row = 0; row < this.#found.rowCount; row += 1) if (this.#isOpen(row)) open += 1;
    return open;
  }

  #isOpen(row: number): boolean {
    const is = this.#standingAt(row);
    return is === standing.found || is === standing.honouring;
  }

  #standingAt(row: number): number {
    return this.#options.trades.column.standing[this.#found.column.trade[row]!]!;
  }

  // --- Comparing ----------------------------------------------------------------------------------------------

  #compareNow(): void {
    const { trades, spec } = this.#options;
    this.#cells[cell.due] = 0;
    trades.historyWasCut();
    this.#cells[cell.accountsOffMax] = Math.max(
      this.#cells[cell.accountsOffMax]!,
      this.#accountsOff,
    );
    const before = this.#found.rowCount;
    for (let trade = 0; trade < trades.count; trade += 1) {
      if (trades.column.standing[trade] !== standing.lost || !trades.isBelieved(trade)) continue;
      trades.column.standing[trade] = standing.found;
      const row = this.#found.append();
      this.#found.column.trade[row] = trade;
    }
    const found = this.#found.rowCount - before;
    if (found > 0) this.#note(this.#kinds.found, found);
    if (spec.policy === "manual") {
      if (this.#cells[cell.deciding] === 1) this.#takeNextUp();
    } else {
      for (let row = 0; row < this.#found.rowCount; row += 1) this.#settle(row, spec.policy);
    }
    const isWaiting = spec.policy !== "manual" || this.#cells[cell.deciding] === 1;
    if (isWaiting && this.#openCount > 0) this.suspect(none);
  }

  // --- Deciding -----------------------------------------------------------------------------------------------

  /** People look at one trade after the other. */
  #takeNextUp(): void {
    if (this.#cells[cell.onDesk] !== none) return;
    for (let row = 0; row < this.#found.rowCount; row += 1) {
      if (this.#standingAt(row) !== standing.found) continue;
      this.#cells[cell.onDesk] = row;
      const reviews = this.#cells[cell.reviews]! + 1;
      this.#cells[cell.reviews] = reviews;
      const tookUs = this.#luck.draw(this.#review, row, reviews, 0);
      this.#fabric.kernel.schedule(Math.round(tookUs), this.#reviewed, row);
      return;
    }
  }

  /** What both sides were told of is kept, if it can be; what only one believes in is called off. */
  #judged(row: number): void {
    const { trades } = this.#options;
    const trade = this.#found.column.trade[row]!;
    this.#cells[cell.onDesk] = none;
    const areBothTold = sides.every((taker) => trades.beliefOf(trade, taker) === belief.traded);
    const isDecided = this.#settle(row, areBothTold ? "honour" : "bust");
    // One that can't be decided now is looked at again after the next comparison.
    if (isDecided) this.#takeNextUp();
    else this.suspect(none);
  }

  /** False when it can't be decided yet: no engine serves, or an order may still be entered again. */
  #settle(row: number, how: "bust" | "honour"): boolean {
    const { trades, matching } = this.#options;
    const trade = this.#found.column.trade[row]!;
    if (trades.column.standing[trade] !== standing.found) return true;
    const part = this.#partOf(trade);
    if (!matching[part]!.isRunning) return false;
    if (how === "bust") {
      this.#bust(part, trade);
      return true;
    }
    if (sides.some((taker) => this.#mayComeAgain(trade, taker))) return false;
    trades.column.standing[trade] = standing.honouring;
    matching[part]!.askForCorrections();
    return true;
  }

  #partOf(trade: number): number {
    return this.#options.partOf(this.#options.trades.column.symbol[trade]!);
  }

  #mayComeAgain(trade: number, taker: boolean): boolean {
    const { trades, mayComeAgain, positionOf } = this.#options;
    const placed = trades.placedBy(trades.orderOf(trade, taker));
    return placed !== none && positionOf(placed) === none && mayComeAgain(placed);
  }

  #bust(part: number, trade: number): void {
    const { trades, reports } = this.#options;
    trades.column.standing[trade] = standing.busted;
    for (const taker of sides) {
      if (trades.beliefOf(trade, taker) !== belief.traded) continue;
      reports.correct(part, none, trade, taker, message.busted);
    }
    this.#decided(this.#kinds.busted, part, trade);
  }

  #decided(kind: number, part: number, trade: number): void {
    const { trades, matching } = this.#options;
    this.#cells[cell.settledUs] = this.#fabric.kernel.nowUs;
    this.#note(kind, trades.notionalOf(trade), matching[part]!.index);
  }

  // --- Correcting the orders of what is kept ------------------------------------------------------------------

  /**
   * Called in a turn of a part's engine: the requests that it is to execute, so that the orders of every trade that is kept
   * lose its quantity. What can't be kept is called off.
   */
  corrections(part: number, engine: MatchingEngine): readonly number[] {
    const requests: number[] = [];
    for (let row = 0; row < this.#found.rowCount; row += 1) {
      const trade = this.#found.column.trade[row]!;
      if (this.#standingAt(row) !== standing.honouring || this.#partOf(trade) !== part) continue;
      if (sides.some((taker) => this.#isUnderWay(trade, taker))) continue;
      // A halted market takes no amend; of two trades of one order the second waits until the first's effect shows.
      const phase = engine.phaseOf(this.#options.trades.column.symbol[trade]!);
      const isRefused = phase === Phase.halted || phase === Phase.cancelOnly;
      if (isRefused || requests.some((request) => this.#concerns(request, trade))) {
        this.#options.trades.column.standing[trade] = standing.found;
        this.suspect(none);
        continue;
      }
      if (!sides.every((taker) => this.#hasRoom(engine, trade, taker))) {
        this.#found.column.couldNot[row] = 1;
        this.#bust(part, trade);
        continue;
      }
      const before = requests.length;
      for (const taker of sides) this.#takeOff(engine, trade, taker, requests);
      if (requests.length === before) this.#keep(part, trade);
    }
    return requests;
  }

  #concerns(request: number, trade: number): boolean {
    const { trades } = this.#options;
    const orderId = this.#fabric.requests.column.orderId[request]!;
    return sides.some((taker) => trades.orderOf(trade, taker) === orderId);
  }

  #correctionOf(trade: number, taker: boolean): number {
    const { takerCorrection, makerCorrection } = this.#options.trades.column;
    return taker ? takerCorrection[trade]! : makerCorrection[trade]!;
  }

  #isUnderWay(trade: number, taker: boolean): boolean {
    const request = this.#correctionOf(trade, taker);
    return request !== none && this.#options.positionOf(request) === none;
  }

  /** An order that is lost has all that was not given to other such trades; one in the books what is open; a closed one nothing. */
  #hasRoom(engine: MatchingEngine, trade: number, taker: boolean): boolean {
    const { trades, positionOf } = this.#options;
    if (this.#correctionOf(trade, taker) !== none) return true;
    const orderId = trades.orderOf(trade, taker);
    const quantity = trades.column.quantity[trade]!;
    const open = engine.leavesOf(orderId);
    if (open > 0) return open >= quantity;
    const placed = trades.placedBy(orderId);
    if (placed === none || positionOf(placed) !== none) return false;
    return this.#givenOf(orderId) + quantity <= this.#fabric.requests.column.quantity[placed]!;
  }

  /** Lots of an order in trades that were kept without it. */
  #givenOf(orderId: number): number {
    const { trades } = this.#options;
    let given = 0;
    for (let row = 0; row < this.#found.rowCount; row += 1) {
      const trade = this.#found.column.trade[row]!;
      const isKept = trades.column.standing[trade] === standing.honoured;
      const isIts = sides.some((taker) => trades.orderOf(trade, taker) === orderId);
      if (isKept && isIts) given += trades.column.quantity[trade]!;
    }
    return given;
  }

  #takeOff(engine: MatchingEngine, trade: number, taker: boolean, requests: number[]): void {
    const { trades, newRequest } = this.#options;
    const orderId = trades.orderOf(trade, taker);
    const open = engine.leavesOf(orderId);
    if (open === 0 || this.#correctionOf(trade, taker) !== none) return;
    const symbol = trades.column.symbol[trade]!;
    const request = newRequest(trades.userOf(orderId), requestKind.amendOrder, symbol);
    const fields = this.#fabric.requests.column;
    fields.orderId[request] = orderId;
    // An amend to nothing takes the order off the book.
    fields.quantity[request] = open - trades.column.quantity[trade]!;
    engine.forEachOpenOrder(symbol, (id, _side, priceTicks) => {
      if (id === orderId) fields.priceTicks[request] = priceTicks;
    });
    const { takerCorrection, makerCorrection } = trades.column;
    (taker ? takerCorrection : makerCorrection)[trade] = request;
    const row = this.#corrections.append();
    this.#corrections.column.request[row] = request;
    this.#corrections.column.trade[row] = trade;
    requests.push(request);
  }

  /** Trade that a command was made for, or `none`. */
  tradeOf(command: number): number {
    const { request, trade } = this.#corrections.column;
    for (let row = this.#corrections.rowCount - 1; row >= 0; row -= 1) {
      if (request[row] === command) return trade[row]!;
      if (request[row]! < command) return none;
    }
    return none;
  }

  /** A correction is durable: once all of a trade's are, it is kept. */
  corrected(part: number, trade: number): void {
    if (this.#options.trades.column.standing[trade] !== standing.honouring) return;
    if (sides.some((taker) => this.#isUnderWay(trade, taker))) return;
    this.#keep(part, trade);
  }

  #keep(part: number, trade: number): void {
    const { trades, reports } = this.#options;
    trades.column.standing[trade] = standing.honoured;
    for (const taker of sides) {
      // Who was told of the trade has nothing to learn.
      if (trades.beliefOf(trade, taker) === belief.traded) continue;
      reports.correct(part, none, trade, taker, message.reinstated);
    }
    this.#decided(this.#kinds.honoured, part, trade);
  }

  /** A new owner has recovered a part's books: corrections that are in no history are made anew. */
  ownerRecovered(part: number, causeSeq: number): void {
    const { trades } = this.#options;
    for (let row = 0; row < this.#found.rowCount; row += 1) {
      const trade = this.#found.column.trade[row]!;
      if (this.#standingAt(row) !== standing.honouring || this.#partOf(trade) !== part) continue;
      for (const taker of sides) {
        if (!this.#isUnderWay(trade, taker)) continue;
        (taker ? trades.column.takerCorrection : trades.column.makerCorrection)[trade] = none;
      }
      trades.column.standing[trade] = standing.found;
    }
    this.suspect(causeSeq);
  }

  #note(kind: number, value: number, component: number = none): void {
    const { log } = this.#fabric;
    const place = component === none ? {} : { component };
    const seq = log.append(kind, place, this.#cells[cell.cause]!, value);
    if (kind === this.#kinds.found) this.#cells[cell.cause] = seq;
  }

  /** Every trade that was found, in that order, with what was decided. */
  settledTrades(): readonly SettledTrade[] {
    const { trades } = this.#options;
    return Array.from({ length: this.#found.rowCount }, (_, row): SettledTrade => {
      const trade = this.#found.column.trade[row]!;
      const isBusted = this.#standingAt(row) === standing.busted;
      return {
        maker: trades.orderOf(trade, false),
        quantity: trades.column.quantity[trade]!,
        notional: trades.notionalOf(trade),
        fate: this.#isOpen(row) ? "open" : isBusted ? "called-off" : "re-instated",
      };
    });
  }

  /** `faultUs` is the instant of the first fault, or `none`. */
  results(faultUs: number): TradeSettlementResult {
    const { trades, spec } = this.#options;
    const total = () => ({ count: 0, notional: 0 });
    const found = total();
    const busted = total();
    const honoured = total();
    let couldNotHonour = 0;
    let open = 0;
    for (let row = 0; row < this.#found.rowCount; row += 1) {
      const is = this.#standingAt(row);
      const notional = trades.notionalOf(this.#found.column.trade[row]!);
      const ended = is === standing.busted ? busted : honoured;
      for (const sum of this.#isOpen(row) ? [found] : [found, ended]) {
        sum.count += 1;
        sum.notional += notional;
      }
      if (this.#isOpen(row)) open += 1;
      couldNotHonour += this.#found.column.couldNot[row]!;
    }
    const settledUs = this.#cells[cell.settledUs]!;
    const isOver = open === 0 && settledUs !== none && faultUs !== none;
    return {
      policy: spec.policy,
      found: found.count,
      foundNotional: found.notional,
      busted: busted.count,
      bustedNotional: busted.notional,
      honoured: honoured.count,
      honouredNotional: honoured.notional,
      couldNotHonour,
      open,
      accountsOffMax: Math.max(this.#cells[cell.accountsOffMax]!, this.#accountsOff),
      accountsOff: this.#accountsOff,
      settledAfterSeconds: isOver ? (settledUs - faultUs) / 1_000_000 : null,
    };
  }
}

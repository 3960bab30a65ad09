import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { status } from "../../components/fabric/instances.ts";
import type { MatchingObserver } from "../../components/matching-service/matching-observer.ts";
import type { MatchingService } from "../../components/matching-service/matching-service.ts";
import { none } from "../../kernel/none.ts";
import { type Invariants, invariant } from "../ledger/invariants.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ExecutionReports } from "./execution-reports.ts";
import { belief, standing } from "./report-rows.ts";
import type { ExecutionReportSpec, LostTradeSpec } from "./report-types.ts";
import { TradeRegister } from "./trade-register.ts";
import { TradeSettlement } from "./trade-settlement.ts";

/** What the venue's dealings with its clients are assembled from. */
export interface VenueReportOptions {
  readonly spec: ExecutionReportSpec;
  readonly lostTrades: LostTradeSpec | undefined;
  readonly userCount: number;
  readonly ledger: Ledger;
  readonly matching: readonly MatchingService[];
  /** By part: the part that can take its books over, or `none`. */
  readonly standbys: readonly number[];
  /** Part whose engine holds a symbol's books now. */
  readonly partOf: (symbol: number) => number;
  readonly isConnected: (user: number) => boolean;
  /** Whether a client's command that stands in no history may come again. */
  readonly mayComeAgain: (request: number) => boolean;
  readonly ask: (user: number, symbol: number, session: number) => void;
  readonly newRequest: (user: number, kind: number, symbol: number) => number;
}

const sides = [false, true] as const;

/** The venue's reports to its clients, and what it does about trades that they were told of and its history lost. */
export class VenueReports {
  readonly reports: ExecutionReports;
  readonly settlement: TradeSettlement | undefined;
  /** By part of the venue: what hears of its engine. */
  readonly observers: readonly Required<MatchingObserver>[];
  readonly #trades: TradeRegister;
  readonly #fabric: AssembledFabric;
  readonly #options: VenueReportOptions;

  constructor(fabric: AssembledFabric, options: VenueReportOptions) {
    const { ledger, lostTrades, matching, standbys, partOf, newRequest } = options;
    this.#fabric = fabric;
    this.#options = options;
    const positionOf = (command: number) => ledger.positionOf(command);
    this.#trades = new TradeRegister(fabric.kernel, positionOf);
    const trades = this.#trades;
    this.reports = new ExecutionReports(fabric, {
      spec: options.spec,
      userCount: options.userCount,
      trades,
      matching,
      homeOf: matching.map((_, part) => (standbys.includes(part) ? standbys.indexOf(part) : part)),
      positionOf,
      isConnected: options.isConnected,
      ask: options.ask,
      toldOfLost: () => this.settlement?.suspect(none),
    });
    this.observers = matching.map((_, part) => this.#observerOf(part));
    if (lostTrades === undefined) return;
    this.settlement = new TradeSettlement(fabric, {
      spec: lostTrades,
      trades,
      reports: this.reports,
      matching,
      partOf,
      positionOf,
      mayComeAgain: options.mayComeAgain,
      newRequest,
    });
  }

  #observerOf(part: number): Required<MatchingObserver> {
    return {
      executed: (command) => this.reports.executed(part, command),
      acknowledged: (command) => {
        this.reports.acknowledged(part, command);
        const trade = this.settlement?.tradeOf(command) ?? none;
        if (trade !== none) this.settlement?.corrected(part, trade);
      },
      recovered: () => this.#recovered(part),
      corrections: (engine) => this.settlement?.corrections(part, engine) ?? [],
    };
  }

  /** What the former owner had not sent is missing; its place may be in the other region. */
  #recovered(part: number): void {
    const { matching, standbys } = this.#options;
    const causeSeq = this.#fabric.log.count - 1;
    this.reports.ownerIsGone(part, causeSeq);
    const peer = standbys.includes(part) ? standbys.indexOf(part) : standbys[part]!;
    if (peer !== none && !this.#isUp(matching[peer]!)) this.reports.ownerIsGone(peer, causeSeq);
    this.settlement?.ownerRecovered(part, causeSeq);
  }

  #isUp({ active }: MatchingService): boolean {
    return active !== none && this.#fabric.instances.column.status[active] === status.up;
  }

  /** Part of the history is gone. */
  historyWasCut(): void {
    this.#trades.historyWasCut();
    this.settlement?.suspect(none);
  }

  /** An order that rests in the book before the run begins. */
  preloaded(orderId: number, user: number, request: number): void {
    this.#trades.noteOrder(orderId, user, request);
  }

  /** Compares, when the run ends, what clients were told of every trade with what the venue books. */
  check(invariants: Invariants): void {
    const underWay = this.reports.sidesUnderWay();
    for (let trade = 0; trade < this.#trades.count; trade += 1)
      this.#checkTrade(trade, underWay, invariants);
  }

  #checkTrade(trade: number, underWay: ReadonlySet<number>, invariants: Invariants): void {
    const trades = this.#trades;
    const is = trades.column.standing[trade]!;
    if (is === standing.lost || is === standing.found || is === standing.honouring) return;
    const isBooked = trades.isBooked(trade);
    for (const taker of sides) {
      if (underWay.has(trade * 2 + (taker ? 1 : 0))) continue;
      const isBelieved = trades.beliefOf(trade, taker) === belief.traded;
      if (isBelieved === isBooked) invariants.held(invariant.clientsAgree);
      else {
        invariants.broken(
          invariant.clientsAgree,
          `order ${trades.orderOf(trade, taker)}: its client ${isBelieved ? "believes in" : "knows nothing of"} trade ${trade}, which the venue ${isBooked ? "books" : "does not book"}`,
        );
      }
      if (is === standing.honoured) this.#checkSize(trades.orderOf(trade, taker), invariants);
    }
  }

  /** What was re-instated is no fill beyond an order's size. */
  #checkSize(orderId: number, invariants: Invariants): void {
    const { ledger } = this.#options;
    const given = this.#trades.honouredOf(orderId);
    const size = ledger.sizeOf(orderId, this.#trades.placedBy(orderId));
    const filled = ledger.filledOf(orderId);
    if (filled + given <= size) invariants.held(invariant.reinstatedWithinSize);
    else {
      invariants.broken(
        invariant.reinstatedWithinSize,
        `order ${orderId} of ${size} has ${filled} filled and ${given} re-instated`,
      );
    }
  }
}

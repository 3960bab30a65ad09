import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { isMarketStep, requestKind } from "../../components/fabric/requests.ts";
import type { MatchingService } from "../../components/matching-service/matching-service.ts";
import { EventKind } from "../../engine/codes.ts";
import { none } from "../../kernel/none.ts";
import { OwnerLines } from "./owner-lines.ts";
import { PendingReports } from "./pending-reports.ts";
import { count, ReportCounts } from "./report-counts.ts";
import { message } from "./report-rows.ts";
import { ReportSessions } from "./report-sessions.ts";
import type { ExecutionReportResult, ExecutionReportSpec } from "./report-types.ts";
import type { TradeRegister } from "./trade-register.ts";

/** What reports need from the rest of the twin. */
export interface ExecutionReportOptions {
  readonly spec: ExecutionReportSpec;
  readonly userCount: number;
  readonly trades: TradeRegister;
  /** Engines by part of the venue. */
  readonly matching: readonly MatchingService[];
  /** By part: the part at home whose sessions it serves; its own, or that of the owner for which it stands by. */
  readonly homeOf: readonly number[];
  /** Where a command stands in the venue's history; `none` when it does not. */
  readonly positionOf: (command: number) => number;
  /** Whether a client's connection stands. */
  readonly isConnected: (user: number) => boolean;
  /** A client asks for what its session lacks; the answer comes back through `resendEnded`. */
  readonly ask: (user: number, symbol: number, session: number) => void;
  /** A trade was told of that stands in no history. */
  readonly toldOfLost: () => void;
}

/**
 * The reports of the venue to its clients, and how clients get what they miss:
 *
 *   engine -> journal -> (buffer of the owner) -> client          lost when the owner dies, or when there is no way
 *                                                  | gap: a later number, or a heartbeat
 *   journal  <- order service <- edge  <-----------' resend, admitted at a rate
 */
export class ExecutionReports {
  readonly #fabric: AssembledFabric;
  readonly #options: ExecutionReportOptions;
  readonly #counts: ReportCounts;
  readonly #pending: PendingReports;
  readonly #lines: OwnerLines;
  readonly #sessions: ReportSessions;

  constructor(fabric: AssembledFabric, options: ExecutionReportOptions) {
    this.#fabric = fabric;
    this.#options = options;
    this.#counts = new ReportCounts(fabric.kernel);
    this.#pending = new PendingReports(fabric.kernel, options);
    this.#lines = new OwnerLines(fabric, {
      ...options,
      pending: this.#pending,
      bufferUs: Math.round(options.spec.bufferMs * 1000),
      left: (row, hasWay) => this.#sessions.receive(row, hasWay),
      abandoned: (row) => this.#sessions.lose(row),
    });
    this.#sessions = new ReportSessions(fabric, {
      ...options,
      pending: this.#pending,
      counts: this.#counts,
    });
  }

  /** The owner of a part has executed a command for the first time: its events are reports, which wait for the journal. */
  executed(part: number, command: number): void {
    const { requests } = this.#fabric;
    const { trades, matching } = this.#options;
    if (!isMarketStep(command) && requests.column.kind[command] === requestKind.placeOrder) {
      const { orderId, user } = requests.column;
      trades.noteOrder(orderId[command]!, user[command]!, command);
    }
    const { events } = matching[part]!.engine;
    for (let at = 0; at < events.count; at += 1) {
      const orderId = events.orderId(at);
      switch (events.kind(at)) {
        case EventKind.traded: {
          const trade = trades.made({
            by: command,
            maker: orderId,
            taker: events.otherId(at),
            symbol: events.symbol(at),
            priceTicks: events.price(at),
            quantity: events.quantity(at),
          });
          this.#write(part, command, orderId, message.traded, trade, 0);
          this.#write(part, command, events.otherId(at), message.traded, trade, 1);
          break;
        }
        case EventKind.accepted:
        case EventKind.rejected:
        case EventKind.cancelled:
        case EventKind.decremented:
        case EventKind.amended:
          this.#write(part, command, orderId, message.state, none, 0);
          break;
        default:
          break;
      }
    }
  }

  /** Tells a side what became of a trade that was lost, once a command is durable or at once (`none`). */
  correct(part: number, command: number, trade: number, taker: boolean, what: number): void {
    const order = this.#options.trades.orderOf(trade, taker);
    this.#write(part, command, order, what, trade, taker ? 1 : 0);
    if (command === none) this.#lines.sendReady(part);
  }

  #write(
    part: number,
    command: number,
    orderId: number,
    what: number,
    trade: number,
    taker: number,
  ): void {
    const user = this.#options.trades.userOf(orderId);
    if (user === none) return;
    const row = this.#pending.newRow();
    const { column } = this.#pending;
    column.session[row] = this.#sessions.of(part, user);
    column.command[row] = command;
    column.trade[row] = trade;
    column.message[row] = what;
    column.taker[row] = taker;
    this.#lines.add(part, row);
  }

  /** The owner of a part knows that a command is durable: its reports may leave. */
  acknowledged(part: number, command: number): void {
    this.#lines.acknowledged(part, command);
  }

  /**
   * Another owner has recovered the books of a part: what the former one had not sent is missing, if the history holds
   * what it told of.
   */
  ownerIsGone(part: number, causeSeq: number): void {
    this.#lines.ownerIsGone(part, causeSeq);
  }

  /** The answer to a request for a resend: what the journal holds of what is missing, or nothing. */
  resendEnded(session: number, succeeded: boolean): void {
    this.#sessions.resendEnded(session, succeeded);
  }

  /** Sessions that miss something now. */
  get withGap(): number {
    return this.#counts.of(count.withGap);
  }

  /** Reports sent again so far. */
  get resentCount(): number {
    return this.#counts.of(count.resent);
  }

  /** Sides of trades, as trade x 2 + 1 for the taker's, whose reports have not left their owner. */
  unsentSides(): Set<number> {
    const found = new Set<number>();
    this.#lines.collectSides(found);
    return found;
  }

  /** The same for reports that are not with their clients: unsent, or missed. */
  sidesUnderWay(): ReadonlySet<number> {
    const found = this.unsentSides();
    this.#sessions.collectSides(found);
    return found;
  }

  /** `faultUs` is the instant of the first fault, or `none`. */
  results(faultUs: number): ExecutionReportResult {
    return this.#counts.results(faultUs);
  }
}

import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { status } from "../../components/fabric/instances.ts";
import { isMarketStep, requestKind } from "../../components/fabric/requests.ts";
import { outsideZone } from "../../components/fabric/zones.ts";
import type { MatchingService } from "../../components/matching-service/matching-service.ts";
import { EventKind } from "../../engine/codes.ts";
import type { HandlerId, KeyedStream, Table } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { belief, message, reportColumns, sessionColumns } from "./report-rows.ts";
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

const count = {
  sent: 0,
  missed: 1,
  resent: 2,
  withdrawn: 3,
  requests: 4,
  failed: 5,
  withGap: 6,
  withGapMax: 7,
  wholeUs: 8,
  /** First report that is free to be used anew, or `none`. */
  free: 9,
} as const;

/** Cells of each part's line of reports that have not left. */
const line = { first: 0, last: 1, unready: 2, flushing: 3, width: 4 } as const;

/** Draws of a session. */
const drawOf = { heartbeat: 0, again: 1 } as const;

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
  readonly #reports: Table<typeof reportColumns>;
  readonly #sessions: Table<typeof sessionColumns>;
  readonly #counts: Float64Array;
  readonly #lines: Int32Array;
  readonly #luck: KeyedStream;
  readonly #leave: HandlerId;
  readonly #heartbeat: HandlerId;
  readonly #askAgain: HandlerId;
  readonly #lost: number;
  readonly #whole: number;

  constructor(fabric: AssembledFabric, options: ExecutionReportOptions) {
    const { kernel, log } = fabric;
    const { matching, userCount } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#reports = kernel.table("reports.rows", reportColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#sessions = kernel.table("reports.sessions", sessionColumns, {
      rowsInitial: Math.max(1, userCount * matching.length),
      rowsMax: Math.max(1, userCount * matching.length),
    });
    for (let session = 0; session < userCount * matching.length; session += 1) {
      this.#sessions.append();
      this.#sessions.column.firstMissing[session] = none;
      this.#sessions.column.lastMissing[session] = none;
    }
    this.#counts = kernel.float64Array("reports.counts", Object.keys(count).length);
    this.#counts[count.free] = none;
    this.#counts[count.wholeUs] = none;
    this.#lines = kernel.int32Array("reports.lines", Math.max(1, matching.length) * line.width);
    for (let part = 0; part < matching.length; part += 1) this.#emptyLine(part);
    this.#luck = kernel.keyed("reports");
    this.#leave = kernel.handler("reports.leave", (part, instance, epoch) =>
      this.#leaveTogether(part, instance, epoch),
    );
    this.#heartbeat = kernel.handler("reports.heartbeat", (session) => this.#beat(session));
    this.#askAgain = kernel.handler("reports.ask-again", (session) => this.#ask(session));
    this.#lost = log.kind("reports.lost-with-owner", "info");
    this.#whole = log.kind("reports.clients-whole", "info");
  }

  // --- The venue's side ---------------------------------------------------------------------------------------

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
    if (command === none) this.#sendReady(part);
  }

  #write(
    part: number,
    command: number,
    orderId: number,
    what: number,
    trade: number,
    taker: number,
  ): void {
    const { trades, homeOf, userCount } = this.#options;
    const user = trades.userOf(orderId);
    if (user === none) return;
    const row = this.#newReport();
    const { column } = this.#reports;
    column.session[row] = homeOf[part]! * userCount + user;
    column.command[row] = command;
    column.trade[row] = trade;
    column.message[row] = what;
    column.taker[row] = taker;
    column.ready[row] = command === none ? 1 : 0;
    column.next[row] = none;
    const at = part * line.width;
    const last = this.#lines[at + line.last]!;
    if (last === none) this.#lines[at + line.first] = row;
    else column.next[last] = row;
    this.#lines[at + line.last] = row;
    if (this.#lines[at + line.unready] === none && command !== none) {
      this.#lines[at + line.unready] = row;
    }
  }

  /** The owner of a part knows that a command is durable: its reports may leave. */
  acknowledged(part: number, command: number): void {
    const { column } = this.#reports;
    const { positionOf, trades } = this.#options;
    const at = part * line.width;
    const isOfHistory = positionOf(command) !== none;
    let row = this.#lines[at + line.unready]!;
    let isAny = false;
    while (row !== none && (column.command[row] === command || column.ready[row] === 1)) {
      isAny ||= column.ready[row] === 0;
      column.ready[row] = 1;
      if (!isOfHistory && column.message[row] === message.traded) {
        trades.markLost(column.trade[row]!);
      }
      row = column.next[row]!;
    }
    this.#lines[at + line.unready] = row;
    if (isAny) this.#sendReady(part);
  }

  #sendReady(part: number): void {
    const at = part * line.width;
    const { active } = this.#options.matching[part]!;
    if (this.#lines[at + line.flushing] === 1 || active === none) return;
    this.#lines[at + line.flushing] = 1;
    const { kernel, instances } = this.#fabric;
    const bufferUs = Math.round(this.#options.spec.bufferMs * 1000);
    kernel.schedule(bufferUs, this.#leave, part, active, instances.epoch[active]!);
  }

  #leaveTogether(part: number, instance: number, epoch: number): void {
    const { instances } = this.#fabric;
    const at = part * line.width;
    const isSame = instances.epoch[instance] === epoch;
    const isThere = isSame && instances.column.status[instance] === status.up;
    this.#lines[at + line.flushing] = 0;
    const hasWay = isThere && this.#hasWay(instances.column.zone[instance]!);
    const { column } = this.#reports;
    let row = this.#lines[at + line.first]!;
    let left = 0;
    while (row !== none && column.ready[row] === 1) {
      const next = column.next[row]!;
      this.#lines[at + line.first] = next;
      if (next === none) this.#lines[at + line.last] = none;
      this.#send(row, hasWay);
      left += 1;
      row = next;
    }
    if (!isThere) this.#noteLost(part, isSame ? instances.column.causeSeq[instance]! : none, left);
  }

  #noteLost(part: number, causeSeq: number, lost: number): void {
    if (lost === 0) return;
    const { index } = this.#options.matching[part]!;
    this.#fabric.log.append(this.#lost, { component: index }, causeSeq, lost);
  }

  #hasWay(zone: number): boolean {
    const { zones } = this.#fabric;
    return zones.powered[zone] === 1 && zones.linked(zone, outsideZone);
  }

  /** A report leaves, and arrives unless its owner has gone or there is no way to its client. */
  #send(row: number, hasWay: boolean): void {
    const session = this.#reports.column.session[row]!;
    const user = session % this.#options.userCount;
    this.#add(count.sent);
    if (!hasWay || !this.#options.isConnected(user)) {
      this.#misses(row);
      return;
    }
    this.#arrive(row);
    const sessions = this.#sessions.column;
    // A later number than the next one: the gap shows.
    if (sessions.firstMissing[session] !== none && sessions.asking[session] === 0) {
      this.#ask(session);
    }
  }

  #arrive(row: number): void {
    const { column } = this.#reports;
    const { trades, toldOfLost } = this.#options;
    const trade = column.trade[row]!;
    if (trade !== none) {
      const isOff = column.message[row] === message.busted;
      trades.tell(trade, column.taker[row] === 1, isOff ? belief.calledOff : belief.traded);
      if (column.message[row] === message.traded && !trades.isBooked(trade)) toldOfLost();
    }
    this.#free(row);
  }

  /**
   * Another owner has recovered the books of a part: what the former one had not sent is missing, if the history holds
   * what it told of.
   */
  ownerIsGone(part: number, causeSeq: number): void {
    const { column } = this.#reports;
    let row = this.#lines[part * line.width]!;
    let lost = 0;
    while (row !== none) {
      const next = column.next[row]!;
      if (this.#stands(row)) {
        this.#add(count.sent);
        this.#misses(row);
        lost += 1;
      } else this.#withdraw(row);
      row = next;
    }
    this.#emptyLine(part);
    this.#noteLost(part, causeSeq, lost);
  }

  #emptyLine(part: number): void {
    const at = part * line.width;
    this.#lines[at + line.first] = none;
    this.#lines[at + line.last] = none;
    this.#lines[at + line.unready] = none;
    this.#lines[at + line.flushing] = 0;
  }

  // --- The clients' side --------------------------------------------------------------------------------------

  #misses(row: number): void {
    const { kernel } = this.#fabric;
    const reports = this.#reports.column;
    const session = reports.session[row]!;
    const { column } = this.#sessions;
    this.#add(count.missed);
    reports.next[row] = none;
    const last = column.lastMissing[session]!;
    column.lastMissing[session] = row;
    if (last !== none) {
      reports.next[last] = row;
      return;
    }
    column.firstMissing[session] = row;
    this.#add(count.withGap);
    this.#counts[count.withGapMax] = Math.max(
      this.#counts[count.withGapMax]!,
      this.#counts[count.withGap]!,
    );
    if (column.asking[session] === 1) return;
    const untilUs = this.#options.spec.heartbeatSeconds * 1_000_000;
    kernel.schedule(
      Math.round(untilUs * this.#draw(session, drawOf.heartbeat)),
      this.#heartbeat,
      session,
    );
  }

  /** A heartbeat shows the gap, if there is somebody who could send one. */
  #beat(session: number): void {
    const { column } = this.#sessions;
    if (column.firstMissing[session] === none || column.asking[session] === 1) return;
    if (this.#isServed(session)) {
      this.#ask(session);
      return;
    }
    const everyUs = Math.round(this.#options.spec.heartbeatSeconds * 1_000_000);
    this.#fabric.kernel.schedule(everyUs, this.#heartbeat, session);
  }

  #isServed(session: number): boolean {
    const { userCount, homeOf, matching, isConnected } = this.#options;
    const home = Math.floor(session / userCount);
    return (
      isConnected(session % userCount) &&
      matching.some((each, part) => {
        if (homeOf[part] !== home || !each.isRunning || !each.isOwner) return false;
        return this.#hasWay(this.#fabric.instances.column.zone[each.active]!);
      })
    );
  }

  #ask(session: number): void {
    const { column } = this.#sessions;
    const first = column.firstMissing[session]!;
    if (first === none) {
      column.asking[session] = 0;
      return;
    }
    column.asking[session] = 1;
    this.#add(count.requests);
    const { ask, userCount } = this.#options;
    ask(session % userCount, this.#symbolOf(first), session);
  }

  #symbolOf(row: number): number {
    const { column } = this.#reports;
    const trade = column.trade[row]!;
    return trade === none
      ? this.#fabric.requests.symbolOf(column.command[row]!)
      : this.#options.trades.column.symbol[trade]!;
  }

  /** The answer to a request for a resend: what the journal holds of what is missing, or nothing. */
  resendEnded(session: number, succeeded: boolean): void {
    const { kernel } = this.#fabric;
    const { spec } = this.#options;
    if (!succeeded) {
      this.#add(count.failed);
      const afterUs = spec.askAgainSeconds * 1_000_000 * (1 + this.#draw(session, drawOf.again));
      kernel.schedule(Math.round(afterUs), this.#askAgain, session);
      return;
    }
    for (let sent = 0; sent < spec.resendReportsMax; sent += 1) {
      if (!this.#resendFirst(session)) break;
    }
    if (this.#sessions.column.firstMissing[session] !== none) this.#ask(session);
    else this.#becomesWhole(session);
  }

  #resendFirst(session: number): boolean {
    const { column } = this.#sessions;
    const reports = this.#reports.column;
    const row = column.firstMissing[session]!;
    if (row === none) return false;
    const next = reports.next[row]!;
    column.firstMissing[session] = next;
    if (next === none) column.lastMissing[session] = none;
    if (this.#stands(row)) {
      this.#add(count.resent);
      this.#arrive(row);
    } else {
      this.#add(count.withdrawn);
      this.#withdraw(row);
    }
    return true;
  }

  #becomesWhole(session: number): void {
    const { kernel, log } = this.#fabric;
    this.#sessions.column.asking[session] = 0;
    this.#counts[count.withGap] = this.#counts[count.withGap]! - 1;
    this.#counts[count.wholeUs] = kernel.nowUs;
    if (this.#counts[count.withGap] === 0) {
      log.append(this.#whole, {}, none, this.#counts[count.resent]!);
    }
  }

  #draw(session: number, what: number): number {
    const { draws } = this.#sessions.column;
    draws[session] = draws[session]! + 1;
    return this.#luck.uniform(session, draws[session]!, what);
  }

  // --- Rows and counts ----------------------------------------------------------------------------------------

  #newReport(): number {
    const row = this.#counts[count.free]!;
    if (row === none) return this.#reports.append();
    this.#counts[count.free] = this.#reports.column.next[row]!;
    return row;
  }

  /** Whether the history holds what a report tells of. A trade that was lost is not that of the command's next execution. */
  #stands(row: number): boolean {
    const { column } = this.#reports;
    const { positionOf, trades } = this.#options;
    const command = column.command[row]!;
    if (command === none) return true;
    const isLost = column.message[row] === message.traded && trades.isLost(column.trade[row]!);
    return !isLost && positionOf(command) !== none;
  }

  /** A report that will never leave: what it tells of is in no history, and if its command comes again, that is another trade. */
  #withdraw(row: number): void {
    const { column } = this.#reports;
    if (column.message[row] === message.traded) this.#options.trades.markLost(column.trade[row]!);
    this.#free(row);
  }

  #free(row: number): void {
    this.#reports.column.next[row] = this.#counts[count.free]!;
    this.#counts[count.free] = row;
  }

  #add(which: number): void {
    this.#counts[which] = this.#counts[which]! + 1;
  }

  /** Sessions that miss something now, and reports sent again so far. */
  get withGap(): number {
    return this.#counts[count.withGap]!;
  }

  get resentCount(): number {
    return this.#counts[count.resent]!;
  }

  /** Sides of trades, as trade x 2 + 1 for the taker's, whose reports have not left their owner. */
  unsentSides(): Set<number> {
    const found = new Set<number>();
    for (let part = 0; part < this.#options.matching.length; part += 1) {
      this.#collectSides(this.#lines[part * line.width]!, found);
    }
    return found;
  }

  /** The same for reports that their clients miss. */
  missingSides(): Set<number> {
    const found = new Set<number>();
    for (let session = 0; session < this.#sessions.rowCount; session += 1) {
      this.#collectSides(this.#sessions.column.firstMissing[session]!, found);
    }
    return found;
  }

  #collectSides(first: number, found: Set<number>): void {
    const { column } = this.#reports;
    for (let row = first; row !== none; row = column.next[row]!) {
      if (column.trade[row] !== none) found.add(column.trade[row]! * 2 + column.taker[row]!);
    }
  }

  /** `faultUs` is the instant of the first fault, or `none`. */
  results(faultUs: number): ExecutionReportResult {
    const of = (which: number) => this.#counts[which]!;
    const stillMissing = of(count.missed) - of(count.resent) - of(count.withdrawn);
    const wholeUs = of(count.wholeUs);
    const isWhole = faultUs !== none && wholeUs !== none && stillMissing === 0;
    return {
      sent: of(count.sent),
      missed: of(count.missed),
      resent: of(count.resent),
      withdrawn: of(count.withdrawn),
      stillMissing,
      resendRequests: of(count.requests),
      resendsFailed: of(count.failed),
      sessionsWithGapMax: of(count.withGapMax),
      wholeAfterSeconds: isWhole ? (wholeUs - faultUs) / 1_000_000 : null,
    };
  }
}

import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import type { MatchingService } from "../../components/matching-service/matching-service.ts";
import type { HandlerId, KeyedStream, Table } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { hasWayOut } from "./owner-lines.ts";
import type { PendingReports } from "./pending-reports.ts";
import { count, type ReportCounts } from "./report-counts.ts";
import { sessionColumns } from "./report-rows.ts";
import type { ExecutionReportSpec } from "./report-types.ts";
import type { TradeRegister } from "./trade-register.ts";

/** What the clients' sessions are assembled from. */
export interface ReportSessionOptions {
  readonly spec: ExecutionReportSpec;
  readonly userCount: number;
  readonly trades: TradeRegister;
  readonly pending: PendingReports;
  readonly counts: ReportCounts;
  /** Engines by part of the venue. */
  readonly matching: readonly MatchingService[];
  /** By part: the part at home whose sessions it serves; its own, or that of the owner for which it stands by. */
  readonly homeOf: readonly number[];
  /** Whether a client's connection stands. */
  readonly isConnected: (user: number) => boolean;
  /** A client asks for what its session lacks; the answer comes back through `resendEnded`. */
  readonly ask: (user: number, symbol: number, session: number) => void;
}

/** Draws of a session. */
const drawOf = { heartbeat: 0, again: 1 } as const;

/** The clients' side of reports: what each session misses, how the gap shows, and how it is closed by resends. */
export class ReportSessions {
  readonly #fabric: AssembledFabric;
  readonly #options: ReportSessionOptions;
  readonly #sessions: Table<typeof sessionColumns>;
  readonly #luck: KeyedStream;
  readonly #heartbeat: HandlerId;
  readonly #askAgain: HandlerId;
  readonly #whole: number;

  constructor(fabric: AssembledFabric, options: ReportSessionOptions) {
    const { kernel, log } = fabric;
    const sessionCount = options.userCount * options.matching.length;
    this.#fabric = fabric;
    this.#options = options;
    this.#sessions = kernel.table("reports.sessions", sessionColumns, {
      rowsInitial: Math.max(1, sessionCount),
      rowsMax: Math.max(1, sessionCount),
    });
    for (let session = 0; session < sessionCount; session += 1) {
      this.#sessions.append();
      this.#sessions.column.firstMissing[session] = none;
      this.#sessions.column.lastMissing[session] = none;
    }
    this.#luck = kernel.keyed("reports");
    this.#heartbeat = kernel.handler("reports.heartbeat", (session) => this.#beat(session));
    this.#askAgain = kernel.handler("reports.ask-again", (session) => this.#ask(session));
    this.#whole = log.kind("reports.clients-whole", "info");
  }

  /** Session of a user with the part that holds its books at home. */
  of(part: number, user: number): number {
    return this.#options.homeOf[part]! * this.#options.userCount + user;
  }

  /** A report has left its owner: it arrives, if its client is there and there is a way to it. */
  receive(row: number, hasWay: boolean): void {
    const { counts, isConnected, pending, userCount } = this.#options;
    const session = pending.column.session[row]!;
    counts.add(count.sent);
    if (!hasWay || !isConnected(session % userCount)) {
      this.#misses(row);
      return;
    }
    pending.arrive(row);
    const { column } = this.#sessions;
    // A later number than the next one: the gap shows.
    if (column.firstMissing[session] !== none && column.asking[session] === 0) this.#ask(session);
  }

  /** A report was lost with its owner. */
  lose(row: number): void {
    this.#options.counts.add(count.sent);
    this.#misses(row);
  }

  #misses(row: number): void {
    const { counts, pending, spec } = this.#options;
    const reports = pending.column;
    const session = reports.session[row]!;
    const { column } = this.#sessions;
    counts.add(count.missed);
    reports.next[row] = none;
    const last = column.lastMissing[session]!;
    column.lastMissing[session] = row;
    if (last !== none) {
      reports.next[last] = row;
      return;
    }
    column.firstMissing[session] = row;
    counts.gapOpened();
    if (column.asking[session] === 1) return;
    const untilUs = spec.heartbeatSeconds * 1_000_000 * this.#draw(session, drawOf.heartbeat);
    this.#fabric.kernel.schedule(Math.round(untilUs), this.#heartbeat, session);
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
        return hasWayOut(this.#fabric, this.#fabric.instances.column.zone[each.active]!);
      })
    );
  }

  #ask(session: number): void {
    const { ask, counts, userCount } = this.#options;
    const { column } = this.#sessions;
    const first = column.firstMissing[session]!;
    if (first === none) {
      column.asking[session] = 0;
      return;
    }
    column.asking[session] = 1;
    counts.add(count.requests);
    ask(session % userCount, this.#symbolOf(first), session);
  }

  #symbolOf(row: number): number {
    const { pending, trades } = this.#options;
    const trade = pending.column.trade[row]!;
    return trade === none
      ? this.#fabric.requests.symbolOf(pending.column.command[row]!)
      : trades.column.symbol[trade]!;
  }

  /** The answer to a request for a resend: what the journal holds of what is missing, or nothing. */
  resendEnded(session: number, succeeded: boolean): void {
    const { counts, spec } = this.#options;
    if (!succeeded) {
      counts.add(count.failed);
      const afterUs = spec.askAgainSeconds * 1_000_000 * (1 + this.#draw(session, drawOf.again));
      this.#fabric.kernel.schedule(Math.round(afterUs), this.#askAgain, session);
      return;
    }
    for (let sent = 0; sent < spec.resendReportsMax; sent += 1) {
      if (!this.#resendFirst(session)) break;
    }
    if (this.#sessions.column.firstMissing[session] !== none) this.#ask(session);
    else this.#becomesWhole(session);
  }

  #resendFirst(session: number): boolean {
    const { counts, pending } = this.#options;
    const { column } = this.#sessions;
    const row = column.firstMissing[session]!;
    if (row === none) return false;
    const next = pending.column.next[row]!;
    column.firstMissing[session] = next;
    if (next === none) column.lastMissing[session] = none;
    if (pending.stands(row)) {
      counts.add(count.resent);
      pending.arrive(row);
    } else {
      counts.add(count.withdrawn);
      pending.withdraw(row);
    }
    return true;
  }

  #becomesWhole(session: number): void {
    const { kernel, log } = this.#fabric;
    const { counts } = this.#options;
    this.#sessions.column.asking[session] = 0;
    counts.gapClosed(kernel.nowUs);
    if (counts.of(count.withGap) === 0) log.append(this.#whole, {}, none, counts.of(count.resent));
  }

  /** Sides of trades whose reports their clients miss. */
  collectSides(found: Set<number>): void {
    for (let session = 0; session < this.#sessions.rowCount; session += 1) {
      this.#options.pending.collectSides(this.#sessions.column.firstMissing[session]!, found);
    }
  }

  #draw(session: number, what: number): number {
    const { draws } = this.#sessions.column;
    draws[session] = draws[session]! + 1;
    return this.#luck.uniform(session, draws[session]!, what);
  }
}

import {
  isMarketStep,
  marketStepIndex,
  type RequestTable,
  requestKind,
} from "../../components/fabric/requests.ts";
import { executeRequestAgain } from "../../components/matching-service/execute-request.ts";
import { wasTurnedAway } from "../../components/matching-service/turned-away.ts";
import { EventKind, Phase, Side } from "../../engine/codes.ts";
import { MatchingEngine } from "../../engine/matching-engine.ts";
import type { Kernel, Table } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { Invariants, invariant } from "./invariants.ts";

/** Scratch for the best prices of a book. */
const bestBid = new Float64Array(1);
const bestAsk = new Float64Array(1);
const shown = new Float64Array(1);

/** What a client knows of its request. */
export const told = { nothing: 0, success: 1, failure: 2, inDoubt: 3 } as const;

/** What the venue did with a command that became durable, seen from the state of its market. */
export const treatment = {
  none: 0,
  /** Carried out, or answered, as it would be at any time: a cancel always, an order in continuous trading. */
  carriedOut: 1,
  /** An order or amend that an auction collects: it trades when the book uncrosses, not before. */
  collected: 2,
  /** Refused for no other reason than the state of the market. */
  turnedAway: 3,
} as const;

const requestColumns = {
  told: "uint8",
  /** One of `treatment`. */
  treatment: "uint8",
  toldUs: "float64",
  durableUs: "float64",
  /** Position in its journal as that stands; `none` when it is not in it. Positions order the commands of a symbol. */
  position: "int32",
  /** Journal that the request became durable in. */
  journal: "uint8",
  /** How often the request stands in the venue's history. */
  copies: "uint8",
  /** 1 when it stands only in a journal whose place another has taken. */
  stranded: "uint8",
  /** 1 once a queue or topic has taken it: the order service holds its funds from then on, until it lets go of them (2). */
  taken: "uint8",
} as const;

const historyColumns = { command: "int32" } as const;

const marketStepColumns = { durableUs: "float64", position: "int32", journal: "uint8" } as const;

const orderColumns = {
  placedBy: "int32",
  quantity: "int32",
  filled: "int32",
  cancelled: "int32",
  side: "uint8",
  priceTicks: "int32",
} as const;

/**
 * The omniscient account: what every client was told, and what the venue's history holds. Components can't see it;
 * data loss is read off it. A reference engine of its own executes each command at the moment it becomes durable, and
 * the invariants are checked on every event of that engine.
 */
export class Ledger {
  readonly invariants: Invariants;
  readonly #kernel: Kernel;
  readonly #requests: RequestTable;
  readonly #rows: Table<typeof requestColumns>;
  readonly #orders: Table<typeof orderColumns>;
  /** Commands in the order in which they first became durable, those lost since included. */
  readonly #history: Table<typeof historyColumns>;
  readonly #marketSteps: Table<typeof marketStepColumns>;
  readonly #engine: MatchingEngine;
  /** [length of the venue's history, trades, commands doubled, value of what is open, orders taken and in no history, their value] */
  readonly #state: Float64Array;
  /** Position after the last record, by journal. */
  readonly #journalEnd: Float64Array;
  /** Journals whose place another has taken. */
  readonly #superseded: Uint8Array;
  readonly #symbolCount: number;

  constructor(kernel: Kernel, requests: RequestTable, symbolCount: number, journalCount: number) {
    this.#kernel = kernel;
    this.#requests = requests;
    this.#symbolCount = symbolCount;
    this.#rows = kernel.table("ledger.requests", requestColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#orders = kernel.table("ledger.orders", orderColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#history = kernel.table("ledger.history", historyColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#marketSteps = kernel.table("ledger.market-steps", marketStepColumns, {
      rowsInitial: 64,
      rowsMax: 10_000_000,
    });
    this.#state = kernel.float64Array("ledger.state", 6);
    this.#journalEnd = kernel.float64Array("ledger.journal-end", journalCount);
    this.#superseded = kernel.uint8Array("ledger.superseded", journalCount);
    this.#engine = this.newEngine();
    kernel.register("ledger.engine", this.#engine);
    this.invariants = new Invariants(kernel);
  }

  /** An engine by the rules of the venue, with empty books. */
  newEngine(): MatchingEngine {
    return new MatchingEngine({ symbolCount: this.#symbolCount, requestsMax: 131_072 });
  }

  get symbolCount(): number {
    return this.#symbolCount;
  }

  /** Columns by request; read through this property, they are replaced when the table grows. */
  get column() {
    return this.#rows.column;
  }

  get requestCount(): number {
    return this.#rows.rowCount;
  }

  /** The reference engine: the venue's history, executed. */
  get engine(): MatchingEngine {
    return this.#engine;
  }

  get historyLength(): number {
    return this.#state[0]!;
  }

  get tradeCount(): number {
    return this.#state[1]!;
  }

  get doubledCount(): number {
    return this.#state[2]!;
  }

  /** A client has sent a request. Requests are numbered without gaps. */
  sent(request: number): void {
    while (this.#rows.rowCount <= request) {
      const row = this.#rows.append();
      this.#rows.column.position[row] = none;
    }
  }

  tell(request: number, what: number): void {
    this.#rows.column.told[request] = what;
    this.#rows.column.toldUs[request] = this.#kernel.nowUs;
  }

  /** A queue or topic has taken a request: the funds of an order are held from now on. */
  taken(request: number): void {
    this.#rows.column.taken[request] = 1;
    if (this.#rows.column.position[request] === none) this.#hold(request, 1);
  }

  /**
   * The order service lets go of the funds of orders that stand in no history and wait nowhere; returns how many they were. One
   * that is entered later all the same is held as any open order is.
   */
  releaseHolds(isWaiting: (request: number) => boolean): number {
    const { taken, position } = this.#rows.column;
    let released = 0;
    for (let request = 0; request < this.#rows.rowCount; request += 1) {
      if (taken[request] !== 1 || position[request] !== none || isWaiting(request)) continue;
      if (this.#requests.column.kind[request] !== requestKind.placeOrder) continue;
      this.#hold(request, -1);
      taken[request] = 2;
      released += 1;
    }
    return released;
  }

  /** Orders whose funds are held: those that are open, and those that were taken and stand in no history (yet). */
  get heldOrders(): number {
    return this.#engine.openOrderCount + this.#state[4]!;
  }

  /** Value of what is held, ticks x lots. */
  get heldValue(): number {
    return this.#state[3]! + this.#state[5]!;
  }

  /** An order that was taken stands in no history any more (1), or stands in it now (-1). */
  #hold(request: number, change: 1 | -1): void {
    const fields = this.#requests.column;
    if (fields.kind[request] !== requestKind.placeOrder) return;
    if (this.#rows.column.taken[request] !== 1) return;
    const value = fields.quantity[request]! * fields.priceTicks[request]!;
    this.#state[4] = this.#state[4]! + change;
    this.#state[5] = this.#state[5]! + change * value;
  }

  /** Position of a command in the venue's history as it stands; `none` when it is not in it. */
  positionOf(command: number): number {
    if (isMarketStep(command)) return this.#stepColumn(command).position[marketStepIndex(command)]!;
    return this.#rows.column.position[command]!;
  }

  /** When a command first became durable, microseconds; 0 if it never did. */
  durableUsOf(command: number): number {
    if (isMarketStep(command)) {
      return this.#stepColumn(command).durableUs[marketStepIndex(command)]!;
    }
    return this.#rows.column.durableUs[command]!;
  }

  /** A command has become durable at a position of a journal; every symbol has all its commands in one journal. */
  durable(command: number, position: number, journal: number): void {
    if (this.#superseded[journal] === 1) {
      // A former owner that does not know yet: what it writes is no part of the venue's history.
      if (!isMarketStep(command)) this.#strand(command);
      return;
    }
    this.#journalHolds(command, position, journal);
    this.#state[0] = this.#state[0]! + 1;
    if (isMarketStep(command)) this.#stepDurable(command, position, journal);
    else this.#requestDurable(command, position, journal);
  }

  #journalHolds(command: number, position: number, journal: number): void {
    const end = this.#journalEnd[journal]!;
    this.#journalEnd[journal] = position + 1;
    if (position === end) this.invariants.held(invariant.sequenceWithoutGap);
    else {
      this.invariants.broken(
        invariant.sequenceWithoutGap,
        `command ${command} stands at position ${position} of a journal that had ${end}`,
      );
    }
  }

  #stepDurable(step: number, position: number, journal: number): void {
    const column = this.#stepColumn(step);
    const row = marketStepIndex(step);
    column.durableUs[row] = this.#kernel.nowUs;
    column.position[row] = position;
    column.journal[row] = journal;
    this.#remember(step);
    this.#execute(step);
  }

  #requestDurable(request: number, position: number, journal: number): void {
    const column = this.#rows.column;
    column.copies[request] = column.copies[request]! + 1;
    if (column.copies[request]! > 1) {
      this.#state[2] = this.#state[2]! + 1;
      this.invariants.broken(
        invariant.onePlaceInHistory,
        `request ${request} became durable ${column.copies[request]} times`,
      );
      return;
    }
    this.invariants.held(invariant.onePlaceInHistory);
    if (column.durableUs[request] === 0) {
      column.durableUs[request] = this.#kernel.nowUs;
      this.#remember(request);
    }
    column.position[request] = position;
    column.journal[request] = journal;
    this.#hold(request, -1);
    this.#execute(request);
    column.treatment[request] = this.#treatmentOf(request);
  }

  #remember(command: number): void {
    const row = this.#history.append();
    this.#history.column.command[row] = command;
  }

  #stepColumn(step: number) {
    while (this.#marketSteps.rowCount <= marketStepIndex(step)) {
      const row = this.#marketSteps.append();
      this.#marketSteps.column.position[row] = none;
    }
    return this.#marketSteps.column;
  }

  /** What the reference engine has just done with a request. */
  #treatmentOf(request: number): number {
    if (wasTurnedAway(this.#engine)) return treatment.turnedAway;
    if (this.#requests.column.kind[request] === requestKind.cancelOrder)
      return treatment.carriedOut;
    const phase = this.#engine.phaseOf(this.#requests.column.symbol[request]!);
    return phase === Phase.continuous ? treatment.carriedOut : treatment.collected;
  }

  /** The venue's history goes on in another journal, which has what the first had before a position; the rest is stranded there. */
  handedOver(position: number, from: number, to: number): void {
    const column = this.#rows.column;
    for (let request = 0; request < this.#rows.rowCount; request += 1) {
      const isIts = column.position[request]! !== none && column.journal[request] === from;
      if (isIts && column.position[request]! >= position) this.#strand(request);
    }
    this.truncated(position, from);
    for (let request = 0; request < this.#rows.rowCount; request += 1) {
      const isIts = column.position[request]! !== none && column.journal[request] === from;
      if (isIts) column.journal[request] = to;
    }
    const steps = this.#marketSteps.column;
    for (let row = 0; row < this.#marketSteps.rowCount; row += 1) {
      if (steps.position[row] !== none && steps.journal[row] === from) steps.journal[row] = to;
    }
    this.#journalEnd[to] = position;
    this.#superseded[from] = 1;
    this.#superseded[to] = 0;
  }

  #strand(request: number): void {
    this.#rows.column.stranded[request] = 1;
  }

  /** A journal now ends at a position: everything after it is lost, and the books with it. */
  truncated(position: number, journal: number): void {
    const column = this.#rows.column;
    for (let request = 0; request < this.#rows.rowCount; request += 1) {
      if (column.position[request]! < position || column.journal[request] !== journal) continue;
      column.position[request] = none;
      this.#hold(request, 1);
      column.copies[request] = 0;
      column.treatment[request] = treatment.none;
    }
    const steps = this.#marketSteps.column;
    for (let row = 0; row < this.#marketSteps.rowCount; row += 1) {
      if (steps.position[row]! >= position && steps.journal[row] === journal) {
        steps.position[row] = none;
      }
    }
    this.#state[0] = this.#state[0]! - (this.#journalEnd[journal]! - position);
    this.#journalEnd[journal] = position;
    this.#state[1] = 0;
    this.#forgetOrders();
    const empty = this.newEngine();
    const bytes = new ArrayBuffer(empty.byteLength());
    empty.write(new DataView(bytes), 0);
    this.#engine.read(new DataView(bytes), 0, bytes.byteLength);
    const kept = this.history((command) => this.positionOf(command) !== none);
    // What was lost and came again stands where it came again.
    kept.sort((a, b) => this.positionOf(a) - this.positionOf(b));
    for (const command of kept) this.#execute(command);
  }

  /**
   * Commands in the order in which they first became durable, those that `wanted` picks: clients' requests, and the
   * steps of the market between them.
   */
  history(wanted: (command: number) => boolean): number[] {
    const picked: number[] = [];
    for (let row = 0; row < this.#history.rowCount; row += 1) {
      const command = this.#history.column.command[row]!;
      if (wanted(command)) picked.push(command);
    }
    return picked;
  }

  /** Whether a request is an order command that its client was told is accepted. */
  isAccepted(request: number): boolean {
    return this.#rows.column.told[request] === told.success && this.isCommand(request);
  }

  isCommand(request: number): boolean {
    const kind = this.#requests.column.kind[request];
    return (
      kind === requestKind.placeOrder ||
      kind === requestKind.cancelOrder ||
      kind === requestKind.amendOrder
    );
  }

  /** Compares the account of every order with what the reference engine holds; the last check of a run. */
  checkEveryOrder(): void {
    const { quantity, filled, cancelled } = this.#orders.column;
    for (let orderId = 0; orderId < this.#orders.rowCount; orderId += 1) {
      if (quantity[orderId] === 0) continue;
      const open = this.#engine.leavesOf(orderId);
      const balance = quantity[orderId]! - filled[orderId]! - cancelled[orderId]! - open;
      if (balance === 0) this.invariants.held(invariant.quantityBalances);
      else {
        this.invariants.broken(
          invariant.quantityBalances,
          `order ${orderId}: ${quantity[orderId]} ordered, ${filled[orderId]} filled, ${cancelled[orderId]} cancelled, ${open} open`,
        );
      }
    }
  }

  #execute(command: number): void {
    const engine = this.#engine;
    const before = engine.sequence;
    executeRequestAgain(engine, this.#requests, command);
    if (engine.sequence === before + 1) this.invariants.held(invariant.sequenceWithoutGap);
    else {
      this.invariants.broken(
        invariant.sequenceWithoutGap,
        `command ${command} took the reference engine from ${before} to ${engine.sequence}`,
      );
    }
    const { events } = engine;
    for (let at = 0; at < events.count; at += 1) this.#account(at);
    this.#checkBook(this.#requests.symbolOf(command));
  }

  #account(at: number): void {
    const { events } = this.#engine;
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
      this.#state[3] = this.#state[3]! + quantity * events.price(at);
    } else if (kind === EventKind.traded) this.#trade(orderId, events.otherId(at), quantity);
    else if (kind === EventKind.cancelled || kind === EventKind.decremented) {
      this.#take(orderId, 0, quantity);
    } else if (kind === EventKind.amended) this.#amend(orderId, quantity, events.price(at));
  }

  #trade(maker: number, taker: number, quantity: number): void {
    this.#state[1] = this.#state[1]! + 1;
    const { side } = this.#orders.column;
    if (maker !== taker && side[maker] !== side[taker])
      this.invariants.held(invariant.oneBuyerOneSeller);
    else
      this.invariants.broken(
        invariant.oneBuyerOneSeller,
        `trade of maker ${maker} with taker ${taker}`,
      );
    this.#take(maker, quantity, 0);
    this.#take(taker, quantity, 0);
  }

  #take(orderId: number, filled: number, cancelled: number): void {
    const orders = this.#order(orderId);
    this.#state[3] = this.#state[3]! - (filled + cancelled) * orders.priceTicks[orderId]!;
    orders.filled[orderId] = orders.filled[orderId]! + filled;
    orders.cancelled[orderId] = orders.cancelled[orderId]! + cancelled;
    const left = orders.quantity[orderId]! - orders.filled[orderId]! - orders.cancelled[orderId]!;
    if (left >= 0) this.invariants.held(invariant.noFillBeyondSize);
    else {
      this.invariants.broken(
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
    this.#state[3] = this.#state[3]! + leaves * priceTicks - open * before;
    orders.priceTicks[orderId] = priceTicks;
    if (leaves > open) orders.quantity[orderId] = orders.quantity[orderId]! + leaves - open;
    else orders.cancelled[orderId] = orders.cancelled[orderId]! + open - leaves;
  }

  /** Before the market opens, and in an auction, buyers may bid more than sellers ask: nothing trades. */
  #checkBook(symbol: number): void {
    if (this.#engine.phaseOf(symbol) !== Phase.continuous) return;
    const bids = this.#engine.levels(symbol, Side.buy, 1, bestBid, shown);
    const asks = this.#engine.levels(symbol, Side.sell, 1, bestAsk, shown);
    if (bids === 0 || asks === 0 || bestBid[0]! < bestAsk[0]!) {
      this.invariants.held(invariant.booksNeverCrossed);
    } else {
      this.invariants.broken(
        invariant.booksNeverCrossed,
        `symbol ${symbol}: bid ${bestBid[0]}, ask ${bestAsk[0]}`,
      );
    }
  }

  #order(orderId: number) {
    while (this.#orders.rowCount <= orderId) this.#orders.append();
    return this.#orders.column;
  }

  #forgetOrders(): void {
    this.#state[3] = 0;
    const { quantity, filled, cancelled } = this.#orders.column;
    quantity.fill(0);
    filled.fill(0);
    cancelled.fill(0);
  }
}

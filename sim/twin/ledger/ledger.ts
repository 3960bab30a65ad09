import {
  isMarketStep,
  marketStepIndex,
  type RequestTable,
  requestKind,
} from "../../components/fabric/requests.ts";
import { wasTurnedAway } from "../../components/matching-service/turned-away.ts";
import { Phase } from "../../engine/codes.ts";
import type { MatchingEngine } from "../../engine/matching-engine.ts";
import type { Kernel, Table } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { Invariants, invariant } from "./invariants.ts";
import {
  historyColumns,
  marketStepColumns,
  requestColumns,
  told,
  treatment,
} from "./ledger-rows.ts";
import { newEngine, ReferenceBooks } from "./reference-books.ts";

const cell = {
  /** Commands in the venue's history. */
  historyLength: 0,
  /** Commands that stand in it more than once. */
  doubled: 1,
  /** Orders that were taken and stand in no history (yet), and their value, ticks x lots. */
  heldOrders: 2,
  heldValue: 3,
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
  /** Commands in the order in which they first became durable, those lost since included. */
  readonly #history: Table<typeof historyColumns>;
  readonly #marketSteps: Table<typeof marketStepColumns>;
  readonly #books: ReferenceBooks;
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
    this.#history = kernel.table("ledger.history", historyColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#marketSteps = kernel.table("ledger.market-steps", marketStepColumns, {
      rowsInitial: 64,
      rowsMax: 10_000_000,
    });
    this.#state = kernel.float64Array("ledger.state", Object.keys(cell).length);
    this.#journalEnd = kernel.float64Array("ledger.journal-end", journalCount);
    this.#superseded = kernel.uint8Array("ledger.superseded", journalCount);
    this.invariants = new Invariants(kernel);
    this.#books = new ReferenceBooks(kernel, requests, symbolCount, this.invariants);
  }

  /** An engine by the rules of the venue, with empty books. */
  newEngine(): MatchingEngine {
    return newEngine(this.#symbolCount);
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
    return this.#books.engine;
  }

  get historyLength(): number {
    return this.#state[cell.historyLength]!;
  }

  get tradeCount(): number {
    return this.#books.tradeCount;
  }

  get doubledCount(): number {
    return this.#state[cell.doubled]!;
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
    return this.engine.openOrderCount + this.#state[cell.heldOrders]!;
  }

  /** Value of what is held, ticks x lots. */
  get heldValue(): number {
    return this.#books.openValue + this.#state[cell.heldValue]!;
  }

  /** An order that was taken stands in no history any more (1), or stands in it now (-1). */
  #hold(request: number, change: 1 | -1): void {
    const fields = this.#requests.column;
    if (fields.kind[request] !== requestKind.placeOrder) return;
    if (this.#rows.column.taken[request] !== 1) return;
    const value = fields.quantity[request]! * fields.priceTicks[request]!;
    this.#state[cell.heldOrders] = this.#state[cell.heldOrders]! + change;
    this.#state[cell.heldValue] = this.#state[cell.heldValue]! + change * value;
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
    this.#state[cell.historyLength] = this.#state[cell.historyLength]! + 1;
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
    this.#books.execute(step);
  }

  #requestDurable(request: number, position: number, journal: number): void {
    const column = this.#rows.column;
    column.copies[request] = column.copies[request]! + 1;
    if (column.copies[request]! > 1) {
      this.#state[cell.doubled] = this.#state[cell.doubled]! + 1;
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
    this.#books.execute(request);
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
    if (wasTurnedAway(this.engine)) return treatment.turnedAway;
    if (this.#requests.column.kind[request] === requestKind.cancelOrder)
      return treatment.carriedOut;
    const phase = this.engine.phaseOf(this.#requests.column.symbol[request]!);
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
    this.#state[cell.historyLength] =
      this.#state[cell.historyLength]! - (this.#journalEnd[journal]! - position);
    this.#journalEnd[journal] = position;
    this.#books.restart();
    const kept = this.history((command) => this.positionOf(command) !== none);
    // What was lost and came again stands where it came again.
    kept.sort((a, b) => this.positionOf(a) - this.positionOf(b));
    for (const command of kept) this.#books.execute(command);
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

  filledOf(orderId: number): number {
    return this.#books.filledOf(orderId);
  }

  /** Size of an order, lots: as its history has it, or as it was placed by a request when that is lost. */
  sizeOf(orderId: number, placedBy: number): number {
    const held = this.#books.quantityOf(orderId);
    return held === 0 && placedBy !== none ? this.#requests.column.quantity[placedBy]! : held;
  }

  /** Compares the account of every order with what the reference engine holds; the last check of a run. */
  checkEveryOrder(): void {
    this.#books.checkEveryOrder();
  }
}

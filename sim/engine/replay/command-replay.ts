import { EventKind, reasonName, Side } from "../codes.ts";
import { Interner } from "../gateway/interner.ts";
import { MatchingEngine } from "../matching-engine.ts";
import type { CommandDocument, Operation } from "./command-document.ts";

type Id = string | number;

/** What running one document gave, in the form of the rules' "Answer". */
export interface CommandAnswer {
  readonly trades: { maker: Id; taker: Id; price: number; qty: number }[];
  readonly book: { bids: [number, number][]; asks: [number, number][] };
  readonly rejects: { id: Id; reason: string }[];
  /** Every removal in order, with the open quantity removed. */
  readonly cancels: { id: Id; qty: number; reason: string }[];
  /** Stops still waiting, in entry order. */
  readonly stops: Id[];
  readonly stateHash: string;
}

/** Runs a document on a new engine. */
export function runDocument(document: CommandDocument): CommandAnswer {
  const run = new DocumentRun(document);
  for (const operation of document.operations) run.execute(operation);
  return run.answer();
}

class DocumentRun {
  private readonly document: CommandDocument;
  private engine: MatchingEngine;
  private readonly orderIds = new Interner<Id>();
  private readonly accounts = new Interner<Id>();
  private readonly requests = new Interner<Id>();
  private readonly trades: CommandAnswer["trades"] = [];
  private readonly rejects: CommandAnswer["rejects"] = [];
  private readonly cancels: CommandAnswer["cancels"] = [];

  constructor(document: CommandDocument) {
    this.document = document;
    this.engine = this.newEngine();
  }

  execute(operation: Operation): void {
    const { engine } = this;
    const named = operation.op === "snapshotRestore" ? undefined : operation.reqId;
    const reqId = named === undefined ? -1 : this.requests.intern(named);
    switch (operation.op) {
      case "snapshotRestore":
        this.snapshotRestore();
        return;
      case "new":
        this.place(operation, reqId);
        break;
      case "cancel":
        engine.cancel(0, this.orderIds.intern(operation.id), reqId);
        break;
      case "amend": {
        const id = this.orderIds.intern(operation.id);
        engine.amend(0, id, operation.price, operation.leavesQty ?? engine.leavesOf(id), reqId);
        break;
      }
      case "massCancel":
        engine.massCancel(-1, this.accountOf(operation.acct), operation.reason, reqId);
        break;
      case "kill":
        engine.kill(this.accountOf(operation.acct), reqId);
        break;
      case "phase":
        engine.setPhase(0, operation.phase, operation.reference, reqId);
        break;
      case "time":
        engine.setTime(operation.now, reqId);
        break;
      case "endOfDay":
        engine.endOfDay(reqId);
        break;
    }
    this.collect();
  }

  answer(): CommandAnswer {
    const { engine, trades, rejects, cancels } = this;
    const stops: Id[] = [];
    engine.forEachWaitingStop(0, (id) => stops.push(this.orderIds.nameOf(id)));
    const book = { bids: this.levelsOf(Side.buy), asks: this.levelsOf(Side.sell) };
    return { trades, book, rejects, cancels, stops, stateHash: engine.stateHash() };
  }

  private place(operation: Operation & { op: "new" }, reqId: number): void {
    const { side, type, tif, price, qty, acct } = operation;
    const id = this.orderIds.intern(operation.id);
    this.engine.place(0, id, side, type, tif, price, qty, {
      account: acct === undefined ? undefined : this.accounts.intern(acct),
      stp: operation.stp,
      reqId,
      display: operation.display,
      minQty: operation.minQty,
      postOnly: operation.postOnly,
      allOrNone: operation.aon,
      stopPrice: operation.stopPrice,
      trail: operation.trail,
      expireAt: operation.expire,
    });
  }

  /** Writes the engine into bytes and goes on with a new engine that read them. */
  private snapshotRestore(): void {
    const byteLength = this.engine.byteLength();
    const view = new DataView(new ArrayBuffer(byteLength));
    this.engine.write(view, 0);
    this.engine = this.newEngine();
    this.engine.read(view, 0, byteLength);
  }

  private newEngine(): MatchingEngine {
    return new MatchingEngine({ symbolCount: 1, config: this.document.config });
  }

  private accountOf(acct: Id | undefined): number {
    return acct === undefined ? -1 : this.accounts.intern(acct);
  }

  private levelsOf(side: Side): [number, number][] {
    const prices: number[] = [];
    const quantities: number[] = [];
    const count = this.engine.levels(0, side, Number.POSITIVE_INFINITY, prices, quantities);
    return prices.slice(0, count).map((price, level) => [price, quantities[level]!]);
  }

  private collect(): void {
    const { events } = this.engine;
    for (let i = 0; i < events.count; i++) {
      const kind = events.kind(i);
      const qty = events.quantity(i);
      const reason = reasonName(events.reason(i));
      if (kind === EventKind.traded) {
        const maker = this.orderIds.nameOf(events.orderId(i));
        const taker = this.orderIds.nameOf(events.otherId(i));
        this.trades.push({ maker, taker, price: events.price(i), qty });
      } else if (kind === EventKind.cancelled) {
        this.cancels.push({ id: this.orderIds.nameOf(events.orderId(i)), qty, reason });
      } else if (kind === EventKind.rejected) {
        this.rejects.push({ id: this.orderIds.nameOf(events.orderId(i)), reason });
      }
    }
  }
}

import { RequestTable, requestKind } from "../../components/fabric/requests.ts";
import { executeRequestOnce } from "../../components/matching-service/execute-request.ts";
import { OrderType, type Side, TimeInForce } from "../../engine/codes.ts";
import type { MatchingEngine } from "../../engine/matching-engine.ts";
import { createKernel, type HandlerId } from "../../kernel/kernel.ts";
import { Ledger } from "./ledger.ts";
import { told } from "./ledger-rows.ts";
import { type PlatformHoldings, type Reconciliation, reconcile } from "./reconciliation.ts";

/** What a platform with one engine and one journal holds. */
interface BedHoldings
  extends Pick<
    PlatformHoldings,
    "executedNotDurable" | "isDeadLettered" | "isStranded" | "isWaiting" | "queuedUs"
  > {
  readonly engine: MatchingEngine | undefined;
  readonly journalReachable: boolean;
}

/** A ledger with requests made by hand, for tests: nothing but the ledger decides what is found. */
export class LedgerBed {
  readonly kernel = createKernel({ seed: "ledger", programVersion: "test" });
  readonly requests = new RequestTable(this.kernel, { requestsInitial: 8, requestsMax: 10_000 });
  readonly ledger = new Ledger(this.kernel, this.requests, 2, 1);
  readonly #tick: HandlerId = this.kernel.handler("tick", () => {});

  constructor() {
    // At the very beginning stand only orders that rested before the run; tests are about those that come later.
    this.passSeconds(1);
  }

  /** Lets simulated seconds pass. */
  passSeconds(seconds: number): void {
    this.kernel.schedule(Math.round(seconds * 1_000_000), this.#tick);
    this.kernel.step();
  }

  /** A client sends an order; its request's number is its order id. */
  place(
    side: Side,
    priceTicks: number,
    quantity: number,
    timeInForce: TimeInForce = TimeInForce.gtc,
  ): number {
    const request = this.#request(requestKind.placeOrder);
    const column = this.requests.column;
    column.orderId[request] = request;
    column.side[request] = side;
    column.orderType[request] = OrderType.limit;
    column.timeInForce[request] = timeInForce;
    column.priceTicks[request] = priceTicks;
    column.quantity[request] = quantity;
    return request;
  }

  cancel(order: number): number {
    const request = this.#request(requestKind.cancelOrder);
    this.requests.column.orderId[request] = order;
    return request;
  }

  amend(order: number, priceTicks: number, quantity: number): number {
    const request = this.#request(requestKind.amendOrder);
    this.requests.column.orderId[request] = order;
    this.requests.column.priceTicks[request] = priceTicks;
    this.requests.column.quantity[request] = quantity;
    return request;
  }

  /** The clients of these requests are told that they are accepted. */
  accept(...requests: readonly number[]): void {
    for (const request of requests) this.ledger.tell(request, told.success);
  }

  /** These requests become durable, in this order, behind all that did before. */
  makeDurable(...requests: readonly number[]): void {
    for (const request of requests) this.ledger.durable(request, this.ledger.historyLength, 0);
  }

  /** Books to which these commands lead. */
  booksOf(...requests: readonly number[]): MatchingEngine {
    const engine = this.ledger.newEngine();
    for (const request of requests) executeRequestOnce(engine, this.requests, request);
    return engine;
  }

  /** Compares the ledger with a platform that recovered everything durable and has an empty queue, or as told. */
  reconcile(
    holdings: Partial<BedHoldings> = {},
    acceptance: "queue" | "journal" = "queue",
    faultUs = 0,
  ): Reconciliation {
    const inJournal = this.ledger.history((command) => this.ledger.positionOf(command) >= 0);
    const { engine, journalReachable, ...others } = {
      engine: this.booksOf(...inJournal, ...(holdings.executedNotDurable ?? [])),
      journalReachable: true,
      ...holdings,
    };
    return reconcile({
      ledger: this.ledger,
      requests: this.requests,
      holdings: {
        engineOf: () => engine,
        executedNotDurable: [],
        isStranded: () => false,
        isDeadLettered: () => false,
        isWaiting: () => false,
        queuedUs: () => 1,
        historyLostFrom: () => Number.POSITIVE_INFINITY,
        isReachable: () => journalReachable,
        ...others,
      },
      acceptance,
      faultUs,
    });
  }

  /** Violations of an invariant, by its number. */
  violations(which: number): number {
    return this.ledger.invariants.results()[which]!.violations;
  }

  get violationCount(): number {
    return this.ledger.invariants.results().reduce((sum, each) => sum + each.violations, 0);
  }

  #request(kind: number): number {
    const request = this.requests.append();
    this.requests.column.kind[request] = kind;
    this.requests.column.symbol[request] = 0;
    this.ledger.sent(request);
    return request;
  }
}

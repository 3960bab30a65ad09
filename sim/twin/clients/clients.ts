import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { pauseUs, usualBackoff } from "../../components/fabric/backoff.ts";
import { outcome } from "../../components/fabric/outcome.ts";
import { homeRegion } from "../../components/fabric/partition-law.ts";
import { requestKind } from "../../components/fabric/requests.ts";
import { outsideZone } from "../../components/fabric/zones.ts";
import { OrderType, TimeInForce } from "../../engine/codes.ts";
import type { HandlerId, Kernel, KeyedStream, Stream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { SampledKeys } from "../scaling/sampled-keys.ts";
import type { RequestName } from "../topology-types.ts";
import { Connections } from "./connections.ts";
import { HawkesArrivals } from "./hawkes-arrivals.ts";
import type { OrderFlow } from "./order-flow.ts";
import { symbolWeights } from "./symbol-weights.ts";
import { SyntheticOrders } from "./synthetic-orders.ts";
import { WeightedChoice } from "./weighted-choice.ts";
import type { WorkloadSpec } from "./workload-types.ts";

/** Kind of request by its name in the workload. */
export const kindOfRequest: Readonly<Record<RequestName, number>> = {
  place: requestKind.placeOrder,
  cancel: requestKind.cancelOrder,
  amend: requestKind.amendOrder,
  "query-book": requestKind.queryBook,
  "order-status": requestKind.orderStatus,
  "log-in": requestKind.logIn,
};

/** Kinds of request there are. */
export const kindCount = Object.keys(requestKind).length;

/** What clients learn about their requests; the ledger and the service levels listen. */
export interface ClientObserver {
  sent(request: number): void;
  /** The client has its answer: success, or a refusal that is certain. */
  told(request: number, succeeded: boolean): void;
  /** The client gave up without knowing. */
  inDoubt(request: number): void;
  /** A client that had given up has asked, and was told that its command stands. */
  confirmed(request: number): void;
}

export interface ClientOptions {
  readonly workload: WorkloadSpec;
  /** First call of the flow that serves each kind of request, by region and kind; `none` where there is no flow. */
  readonly siteByKind: Int32Array;
  /** Region that a user at home in one goes to now; its own when left out. */
  readonly regionFor?: (user: number, home: number) => number;
  /** Parts of the users that are at home in each region. */
  readonly regionShares: readonly number[];
  /** What an order-status query answers: whether the venue's history holds a command. */
  readonly isHeld: (request: number) => boolean;
  readonly orderFlow: OrderFlow | undefined;
  /** The only symbols and users whose requests are simulated, with the load that is theirs; all when left out. */
  readonly sample?: SampledKeys | undefined;
  /** Requests stop being sent at this time. */
  readonly untilUs: number;
  readonly observer: ClientObserver;
}

/** Kinds of request by `flowCommandKind`. */
const replayedKinds = [requestKind.placeOrder, requestKind.cancelOrder, requestKind.amendOrder];

const conduct = { retriesMax: 0, backoffMs: 1, hotSymbol: 2, hotShare: 3 } as const;

/** The next arrival on the agenda, and when it was drawn. */
const pending = { event: 0, drawnUs: 1 } as const;

const clientColumns = {
  attempt: "uint8",
  doubtful: "uint8",
  /** Whether the client has stopped waiting: it was told, or gave up. */
  settled: "uint8",
  /** Whether it has been sent at least once, and whether the client has logged in for its sake. */
  sent: "uint8",
  loggedIn: "uint8",
  /** Whether it is a log-in that restores its user's connection. */
  reconnects: "uint8",
  /** First request that waits for this one to settle, and the next that waits for the same. */
  firstWaiting: "int32",
  nextWaiting: "int32",
  /** For a query about the fate of a command, that; for a command, one of `fate`, and how often its client has asked. */
  about: "int32",
  fate: "uint8",
  asks: "uint8",
} as const;

/** What a client has come to know of a command that it had given up on. */
const fate = { none: 0, unknown: 1, confirmed: 2, resubmitted: 3 } as const;

/**
 * The clients: they send requests when they mean to, whatever the platform does (an open system), wait, retry with
 * the same order id, and in the end know that they succeeded, know that they failed, or are in doubt.
 */
export class Clients {
  readonly #kernel: Kernel;
  readonly #fabric: AssembledFabric;
  readonly #options: ClientOptions;
  readonly #arrivals: HawkesArrivals;
  readonly #orders: SyntheticOrders;
  readonly #chance: Stream;
  readonly #backoff: KeyedStream;
  /** Retries that each user has saved up; empty without a budget. */
  readonly #retriesSaved: Float64Array;
  readonly #connections: Connections | undefined;
  readonly #hotDraw: KeyedStream;
  /** How clients behave now; faults change it. */
  readonly #conduct: Float64Array;
  readonly #symbols: WeightedChoice;
  readonly #kinds: WeightedChoice;
  /** Kind of request by its place in the mix. */
  readonly #kindAt: Int32Array;
  readonly #clients;
  /** Position of a user's paths in `siteByKind`, by user. */
  readonly #firstSite: Int32Array;
  /** Request that placed each replayed order, `none` before. */
  readonly #placedBy: Int32Array;
  /** [order ids given out, position in the replayed flow, attempts sent] */
  readonly #state: Float64Array;
  readonly #pending: Float64Array;
  readonly #arrive: HandlerId;
  readonly #replay: HandlerId;
  readonly #retry: HandlerId;
  /** Only where clients ask. */
  readonly #ask: HandlerId;

  constructor(fabric: AssembledFabric, options: ClientOptions) {
    const { kernel } = fabric;
    const { workload, orderFlow } = options;
    this.#kernel = kernel;
    this.#fabric = fabric;
    this.#options = options;
    const spanSeconds = options.untilUs / 1_000_000;
    const replayedPerSecond = orderFlow === undefined ? 0 : orderFlow.commandCount / spanSeconds;
    this.#arrivals = new HawkesArrivals(kernel, "clients.arrivals", {
      ratePerSecond: Math.max(
        1,
        (options.sample?.loadShare ?? 1) * workload.ratePerSecond - replayedPerSecond,
      ),
      selfExcitation: workload.selfExcitation,
      decaySeconds: workload.excitationDecaySeconds,
    });
    this.#orders = new SyntheticOrders(kernel, fabric.requests, workload.symbolCount);
    this.#chance = kernel.stream("clients.requests");
    this.#backoff = kernel.keyed("clients.backoff");
    this.#hotDraw = kernel.keyed("clients.hot-symbol");
    const { retryBudget, connection } = workload.client;
    this.#retriesSaved =
      retryBudget === undefined
        ? new Float64Array(0)
        : kernel
            .float64Array("clients.retries-saved", workload.userCount)
            .fill(retryBudget.savedMax ?? 1);
    this.#connections =
      connection === undefined
        ? undefined
        : new Connections(kernel, {
            userCount: workload.userCount,
            spec: connection,
            logIn: (user) => this.#reconnect(user),
          });
    this.#conduct = kernel.float64Array("clients.conduct", Object.keys(conduct).length);
    this.setRetries(workload.client.retriesMax, workload.client.backoffMs);
    const weights = symbolWeights(workload, orderFlow !== undefined);
    this.#symbols = new WeightedChoice(
      weights.map((weight, symbol) => (options.sample?.symbols[symbol] === 0 ? 0 : weight)),
    );
    const kinds = Object.entries(workload.mix) as [RequestName, number][];
    this.#kinds = new WeightedChoice(kinds.map(([, share]) => share));
    this.#kindAt = Int32Array.from(kinds, ([name]) => kindOfRequest[name]);
    this.#clients = kernel.table("clients", clientColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#placedBy = kernel
      .int32Array("clients.placed-by", orderFlow?.orderIdCount ?? 0)
      .fill(none);
    this.#firstSite = Int32Array.from(
      { length: workload.userCount },
      (_, user) => homeRegion("user", user, options.regionShares) * kindCount,
    );
    this.#state = kernel.float64Array("clients.state", 3);
    this.#state[0] = orderFlow?.orderIdCount ?? 0;
    this.#pending = kernel.float64Array("clients.pending", Object.keys(pending).length);
    this.#arrive = kernel.handler("clients.arrive", () => this.#nextArrival());
    this.#replay = kernel.handler("clients.replay", () => this.#nextReplayed());
    this.#retry = kernel.handler("clients.retry", (request) => this.#attempt(request));
    this.#ask =
      workload.client.reconciliation === undefined
        ? none
        : kernel.handler("clients.ask", (request) => this.#sendQuery(request));
  }

  start(): void {
    const { orderFlow } = this.#options;
    this.#expectArrival(this.#arrivals.nextUs());
    if (orderFlow !== undefined && orderFlow.commandCount > 0) {
      this.#kernel.scheduleAt(Math.round(orderFlow.atUs[0]!), this.#replay);
    }
  }

  /** Clients mean to send so many times what the workload says. */
  setLoadFactor(factor: number): void {
    if (factor === this.#arrivals.factor) return;
    const sinceDrawnUs = this.#kernel.nowUs - this.#pending[pending.drawnUs]!;
    this.#kernel.cancel(this.#pending[pending.event]!);
    this.#expectArrival(this.#arrivals.setFactor(factor, sinceDrawnUs));
  }

  #expectArrival(inUs: number): void {
    this.#pending[pending.event] = this.#kernel.schedule(inUs, this.#arrive);
    this.#pending[pending.drawnUs] = this.#kernel.nowUs;
  }

  /** A share of all new requests, 0..1, is about one symbol, whatever its popularity. */
  setHotSymbol(symbol: number, share: number): void {
    this.#conduct[conduct.hotSymbol] = symbol;
    this.#conduct[conduct.hotShare] = share;
  }

  /** Clients retry in this way from now on. */
  setRetries(retriesMax: number, backoffMs: number): void {
    this.#conduct[conduct.retriesMax] = retriesMax;
    this.#conduct[conduct.backoffMs] = backoffMs;
  }

  /** A share of the users lose their connections; without effect where users keep none. */
  dropConnections(share: number): void {
    this.#connections?.drop(share);
  }

  /** Users whose connections stand; all where users keep none. */
  get connectedCount(): number {
    return this.#connections?.connectedCount ?? this.#options.workload.userCount;
  }

  get attemptCount(): number {
    return this.#state[2]!;
  }

  /** Creates the request of an order that rests in the book before the run begins. */
  createSeed(at: number): number {
    const flow = this.#options.orderFlow!;
    const request = this.#create(requestKind.placeOrder, 0);
    const column = this.#fabric.requests.column;
    column.orderId[request] = flow.seedOrderId[at]!;
    column.side[request] = flow.seedSide[at]!;
    column.orderType[request] = OrderType.limit;
    column.timeInForce[request] = TimeInForce.gtc;
    column.priceTicks[request] = flow.seedPriceTicks[at]!;
    column.quantity[request] = flow.seedQuantity[at]!;
    return request;
  }

  /** An attempt has ended; called by the call runtime. */
  answered(request: number, result: number): void {
    const column = this.#clients.column;
    const { observer } = this.#options;
    if (column.reconnects[request] === 1) {
      this.#connectionEnded(request, result);
      return;
    }
    if (result === outcome.ok || result === outcome.okWithoutCalls) {
      this.#orders.accepted(request);
      observer.told(request, true);
      this.#settle(request);
      if (column.about[request] !== none) this.#learn(column.about[request]!);
      return;
    }
    if (result === outcome.refused && this.#logInFirst(request)) return;
    if (result === outcome.refused || result === outcome.rejected) {
      observer.told(request, false);
      this.#giveUp(request);
      return;
    }
    const isCertain = result === outcome.throttled || result === outcome.blocked;
    if (!isCertain) column.doubtful[request] = 1;
    const attempt = column.attempt[request]! + 1;
    if (attempt <= this.#conduct[conduct.retriesMax]! && this.#spendsRetry(request)) {
      column.attempt[request] = attempt;
      this.#retryLater(request, attempt);
      return;
    }
    if (column.doubtful[request] === 1) observer.inDoubt(request);
    else observer.told(request, false);
    this.#giveUp(request);
  }

  #retryLater(request: number, attempt: number): void {
    const { backoff } = this.#options.workload.client;
    const firstUs = this.#conduct[conduct.backoffMs]! * 1000;
    const delayUs = pauseUs(
      backoff ?? usualBackoff,
      firstUs,
      attempt - 1,
      this.#backoff,
      request,
      0,
      1,
    );
    this.#kernel.schedule(delayUs, this.#retry, request);
  }

  /** The client is through with a request that did not succeed; one that knows nothing of its command goes on to ask. */
  #giveUp(request: number): void {
    this.#settle(request);
    const { about, doubtful } = this.#clients.column;
    const asked = about[request]!;
    if (asked !== none) this.#askLater(asked);
    else if (doubtful[request] === 1 && this.#isCommand(request)) this.#askLater(request);
  }

  #isCommand(request: number): boolean {
    return replayedKinds.some((kind) => kind === this.#fabric.requests.column.kind[request]);
  }

  /** Where clients ask what became of their commands, this one does in a while, unless it has asked too often. */
  #askLater(request: number): void {
    const { reconciliation } = this.#options.workload.client;
    const column = this.#clients.column;
    if (reconciliation === undefined) return;
    if (column.fate[request] === fate.none) column.fate[request] = fate.unknown;
    const asks = column.asks[request]!;
    if (asks >= reconciliation.asksMax) return;
    column.asks[request] = asks + 1;
    // Spread over as long again, so that those who gave up together don't ask together.
    const luck = this.#backoff.uniform(request, 1, asks);
    const afterUs = Math.round(reconciliation.askAfterSeconds * 1_000_000 * (1 + luck));
    this.#kernel.schedule(afterUs, this.#ask, request);
  }

  #sendQuery(request: number): void {
    const { user, symbol } = this.#fabric.requests.column;
    const query = this.#createFor(user[request]!, requestKind.orderStatus, symbol[request]!);
    this.#clients.column.about[query] = request;
    this.#send(query);
  }

  /** The answer is there: the command stands, or it does not, and is sent again under the same client order id. */
  #learn(request: number): void {
    const column = this.#clients.column;
    if (this.#options.isHeld(request)) {
      if (column.fate[request] === fate.unknown) column.fate[request] = fate.confirmed;
      this.#orders.accepted(request);
      this.#options.observer.confirmed(request);
      return;
    }
    column.fate[request] = fate.resubmitted;
    column.attempt[request] = 0;
    column.doubtful[request] = 0;
    this.#attempt(request);
  }

  /** Commands whose clients had given up, by what they know since: nothing, that they stand, or that they did not. */
  get fates(): {
    readonly unknown: number;
    readonly confirmed: number;
    readonly resubmitted: number;
  } {
    const counts = new Int32Array(Object.keys(fate).length);
    const { fate: fates } = this.#clients.column;
    for (let row = 0; row < this.#clients.rowCount; row += 1) {
      counts[fates[row]!] = counts[fates[row]!]! + 1;
    }
    return {
      unknown: counts[fate.unknown]!,
      confirmed: counts[fate.confirmed]!,
      resubmitted: counts[fate.resubmitted]!,
    };
  }

  /** Takes a retry out of the budget of the request's user; always granted without one. */
  #spendsRetry(request: number): boolean {
    if (this.#options.workload.client.retryBudget === undefined) return true;
    const user = this.#fabric.requests.column.user[request]!;
    if (this.#retriesSaved[user]! < 1) return false;
    this.#retriesSaved[user] = this.#retriesSaved[user]! - 1;
    return true;
  }

  #reconnect(user: number): void {
    const request = this.#createFor(user, requestKind.logIn, 0);
    this.#clients.column.reconnects[request] = 1;
    this.#send(request);
  }

  /** A log-in that restores a connection is one attempt; the next, if it failed, is a request of its own. */
  #connectionEnded(request: number, result: number): void {
    const { observer } = this.#options;
    const succeeded = result === outcome.ok || result === outcome.okWithoutCalls;
    const isCertain = result === outcome.throttled || result === outcome.blocked;
    if (succeeded || isCertain || result === outcome.refused) observer.told(request, succeeded);
    else observer.inDoubt(request);
    this.#settle(request);
    this.#connections!.ended(this.#fabric.requests.column.user[request]!, succeeded);
  }

  /** Turned away because its session has ended, a client logs in and asks again; false when it has done so before. */
  #logInFirst(request: number): boolean {
    const column = this.#clients.column;
    const requests = this.#fabric.requests;
    const canLogIn = this.#siteOf(requests.column.user[request]!, requestKind.logIn) !== none;
    const isLogIn = requests.column.kind[request] === requestKind.logIn;
    if (!canLogIn || isLogIn || column.loggedIn[request] === 1) return false;
    column.loggedIn[request] = 1;
    const logIn = this.#createFor(
      requests.column.user[request]!,
      requestKind.logIn,
      requests.column.symbol[request]!,
    );
    this.#holdBack(request, logIn);
    this.#send(logIn);
    return true;
  }

  /** The client knows, or has given up: what it held back until then is sent, in order. */
  #settle(request: number): void {
    const column = this.#clients.column;
    let waiting = column.firstWaiting[request]!;
    column.settled[request] = 1;
    column.firstWaiting[request] = none;
    while (waiting !== none) {
      const next = this.#clients.column.nextWaiting[waiting]!;
      this.#clients.column.nextWaiting[waiting] = none;
      if (this.#clients.column.sent[waiting] === 1) this.#attempt(waiting);
      else {
        this.#fabric.requests.column.intendedUs[waiting] = this.#kernel.nowUs;
        this.#send(waiting);
      }
      waiting = next;
    }
  }

  /** Holds a request back until another has settled; false when that has happened already. */
  #holdBack(request: number, until: number): boolean {
    const column = this.#clients.column;
    if (until === none || column.settled[until] === 1) return false;
    let last = column.firstWaiting[until]!;
    if (last === none) {
      column.firstWaiting[until] = request;
      return true;
    }
    while (column.nextWaiting[last]! !== none) last = column.nextWaiting[last]!;
    column.nextWaiting[last] = request;
    return true;
  }

  #nextArrival(): void {
    const nowUs = this.#kernel.nowUs;
    if (nowUs >= this.#options.untilUs) return;
    const kind = this.#kindAt[this.#kinds.at(this.#chance.uniform())]!;
    const symbol = this.#cooledOrHot(this.#symbols.at(this.#chance.uniform()));
    this.#send(this.#describe(kind, symbol));
    this.#expectArrival(this.#arrivals.nextUs());
  }

  /** The symbol that was drawn, or the hot one; its luck is the request's own, so that the rest of the run is as it was. */
  #cooledOrHot(drawn: number): number {
    const share = this.#conduct[conduct.hotShare]!;
    if (share === 0) return drawn;
    const luck = this.#hotDraw.uniform(this.#fabric.requests.count, 0, 0);
    return luck < share ? this.#conduct[conduct.hotSymbol]! : drawn;
  }

  #describe(kind: number, symbol: number): number {
    const request = this.#create(kind, symbol);
    const column = this.#fabric.requests.column;
    const changes =
      (kind === requestKind.cancelOrder && this.#orders.describeCancel(request)) ||
      (kind === requestKind.amendOrder && this.#orders.describeAmend(request));
    const isChange = kind === requestKind.cancelOrder || kind === requestKind.amendOrder;
    if (kind === requestKind.placeOrder || (isChange && !changes)) {
      // With nothing to cancel or amend, the client places an order instead.
      column.kind[request] = requestKind.placeOrder;
      this.#orders.describePlace(request, this.#newOrderId());
    }
    return request;
  }

  #newOrderId(): number {
    const id = this.#state[0]!;
    this.#state[0] = id + 1;
    return id;
  }

  #nextReplayed(): void {
    const flow = this.#options.orderFlow!;
    const at = this.#state[1]!;
    const request = this.#create(replayedKinds[flow.kind[at]!]!, 0);
    const column = this.#fabric.requests.column;
    column.orderId[request] = flow.orderId[at]!;
    column.side[request] = flow.side[at]!;
    column.orderType[request] = flow.orderType[at]!;
    column.timeInForce[request] = flow.timeInForce[at]!;
    column.priceTicks[request] = flow.priceTicks[at]!;
    column.quantity[request] = flow.quantity[at]!;
    // A client cancels or amends an order once it knows what became of it, whatever the file's clock says.
    const orderId = flow.orderId[at]!;
    const isPlace = column.kind[request] === requestKind.placeOrder;
    const held = !isPlace && this.#holdBack(request, this.#placedBy[orderId]!);
    if (isPlace) this.#placedBy[orderId] = request;
    if (!held) this.#send(request);
    this.#state[1] = at + 1;
    if (at + 1 < flow.commandCount)
      this.#kernel.scheduleAt(Math.round(flow.atUs[at + 1]!), this.#replay);
  }

  #create(kind: number, symbol: number): number {
    const { sample, workload } = this.#options;
    const user =
      sample === undefined
        ? this.#chance.int(workload.userCount)
        : sample.users[this.#chance.int(sample.users.length)]!;
    return this.#createFor(user, kind, symbol);
  }

  #createFor(user: number, kind: number, symbol: number): number {
    const { requests } = this.#fabric;
    const request = requests.append();
    const column = requests.column;
    column.kind[request] = kind;
    column.user[request] = user;
    column.symbol[request] = symbol;
    column.orderId[request] = none;
    column.intendedUs[request] = this.#kernel.nowUs;
    const row = this.#clients.append();
    this.#clients.column.firstWaiting[row] = none;
    this.#clients.column.nextWaiting[row] = none;
    this.#clients.column.about[row] = none;
    return request;
  }

  #send(request: number): void {
    const { retryBudget } = this.#options.workload.client;
    if (retryBudget !== undefined) {
      const user = this.#fabric.requests.column.user[request]!;
      const { perRequest, savedMax = 1 } = retryBudget;
      this.#retriesSaved[user] = Math.min(savedMax, this.#retriesSaved[user]! + perRequest);
    }
    this.#clients.column.sent[request] = 1;
    this.#options.observer.sent(request);
    this.#attempt(request);
  }

  /** Where a user's request begins: with the paths of the user's region. */
  #siteOf(user: number, kind: number): number {
    const first = this.#firstSite[user]!;
    const { regionFor, siteByKind } = this.#options;
    if (regionFor === undefined || this.#fabric.homes.turn === 0) return siteByKind[first + kind]!;
    return siteByKind[regionFor(user, first / kindCount) * kindCount + kind]!;
  }

  #attempt(request: number): void {
    const { kind, user } = this.#fabric.requests.column;
    const site = this.#siteOf(user[request]!, kind[request]!);
    this.#state[2] = this.#state[2]! + 1;
    this.#fabric.calls.callAsClient(
      site,
      outsideZone,
      request,
      this.#clients.column.attempt[request]!,
    );
  }
}

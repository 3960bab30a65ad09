import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { pauseUs, usualBackoff } from "../../components/fabric/backoff.ts";
import { outcome } from "../../components/fabric/outcome.ts";
import { homeRegion } from "../../components/fabric/partition-law.ts";
import { requestKind } from "../../components/fabric/requests.ts";
import { outsideZone } from "../../components/fabric/zones.ts";
import type { HandlerId, Kernel, KeyedStream, Stream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { SampledKeys } from "../scaling/sampled-keys.ts";
import { type ClientRows, clientColumns, isMarked, mark, setMark } from "./client-rows.ts";
import { Connections } from "./connections.ts";
import { type Fates, Inquiries } from "./inquiries.ts";
import { IntendedRequests } from "./intended-requests.ts";
import type { OrderFlow } from "./order-flow.ts";
import { ReplayedOrders, replayedKinds } from "./replayed-orders.ts";
import { SyntheticOrders } from "./synthetic-orders.ts";
import { WaitingRequests } from "./waiting-requests.ts";
import type { WorkloadSpec } from "./workload-types.ts";

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
  /** The answer to a request for a resend is there, or there will be none. */
  resendEnded(session: number, succeeded: boolean): void;
  /** The client has given up on a request that the platform did not serve. */
  unserved?(request: number): void;
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

const conduct = { retriesMax: 0, backoffMs: 1 } as const;

const cell = { nextOrderId: 0, attempts: 1 } as const;

/**
 * The clients: they send requests when they mean to, whatever the platform does (an open system), wait, retry with
 * the same order id, and in the end know that they succeeded, know that they failed, or are in doubt.
 */
export class Clients {
  readonly #kernel: Kernel;
  readonly #fabric: AssembledFabric;
  readonly #options: ClientOptions;
  readonly #intended: IntendedRequests;
  readonly #orders: SyntheticOrders;
  readonly #chance: Stream;
  readonly #backoff: KeyedStream;
  /** Retries that each user has saved up; empty without a budget. */
  readonly #retriesSaved: Float64Array;
  readonly #connections: Connections | undefined;
  /** How clients behave now; faults change it. */
  readonly #conduct: Float64Array;
  readonly #rows: ClientRows;
  readonly #waiting: WaitingRequests;
  readonly #replayed: ReplayedOrders;
  readonly #inquiries: Inquiries;
  /** Home region of each user, of at most 256. */
  readonly #homeOf: Uint8Array;
  readonly #state: Float64Array;
  readonly #retry: HandlerId;

  constructor(fabric: AssembledFabric, options: ClientOptions) {
    const { kernel } = fabric;
    const { workload, orderFlow } = options;
    this.#kernel = kernel;
    this.#fabric = fabric;
    this.#options = options;
    this.#orders = new SyntheticOrders(kernel, fabric.requests, workload.symbolCount);
    this.#chance = kernel.stream("clients.requests");
    this.#backoff = kernel.keyed("clients.backoff");
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
    this.#rows = kernel.table("clients", clientColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#waiting = new WaitingRequests(this.#rows, (request) => this.#release(request));
    this.#homeOf = Uint8Array.from({ length: workload.userCount }, (_, user) =>
      homeRegion("user", user, options.regionShares),
    );
    this.#state = kernel.float64Array("clients.state", Object.keys(cell).length);
    this.#state[cell.nextOrderId] = orderFlow?.orderIdCount ?? 0;
    this.#intended = new IntendedRequests(
      kernel,
      this.#chance,
      {
        workload,
        orderFlow,
        sample: options.sample,
        untilUs: options.untilUs,
        requests: fabric.requests,
      },
      (kind, symbol) => this.#send(this.#describe(kind, symbol)),
    );
    this.#replayed = new ReplayedOrders(kernel, fabric.requests, orderFlow, {
      create: (kind) => this.#create(kind, 0),
      send: (request) => this.#send(request),
      holdBack: (request, until) => this.#waiting.holdBack(request, until),
    });
    this.#retry = kernel.handler("clients.retry", (request) => this.#attempt(request));
    this.#inquiries = new Inquiries(
      kernel,
      this.#rows,
      this.#backoff,
      { spec: workload.client.reconciliation, isHeld: options.isHeld },
      {
        createQuery: (request) => this.#createQuery(request),
        send: (request) => this.#send(request),
        attempt: (request) => this.#attempt(request),
        confirmed: (request) => {
          this.#orders.accepted(request);
          options.observer.confirmed(request);
        },
      },
    );
  }

  start(): void {
    this.#intended.start();
    this.#replayed.start();
  }

  /** Clients mean to send so many times what the workload says. */
  setLoadFactor(factor: number): void {
    this.#intended.setLoadFactor(factor);
  }

  /** A share of all new requests, 0..1, is about one symbol, whatever its popularity. */
  setHotSymbol(symbol: number, share: number): void {
    this.#intended.setHotSymbol(symbol, share);
  }

  /** New orders for a symbol, or for all (`none`), are buys in this share of cases, 0..1. */
  setBuyShare(symbol: number, share: number): void {
    this.#orders.setBuyShare(symbol, share);
  }

  /** The price of a symbol, or of all (`none`), moves by so many ticks at a step. */
  setPriceSteps(symbol: number, ticks: number): void {
    this.#orders.setPriceSteps(symbol, ticks);
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

  isConnected(user: number): boolean {
    return this.#connections?.isConnected(user) ?? true;
  }

  /** A user asks for the execution reports that one of its sessions misses. */
  askForReports(user: number, symbol: number, session: number): void {
    const request = this.#createFor(user, requestKind.resendReports, symbol);
    this.#rows.column.about[request] = session;
    this.#send(request);
  }

  /** A request that the venue makes in a user's name; it reaches the engine without the user's doing. */
  createForVenue(user: number, kind: number, symbol: number): number {
    return this.#createFor(user, kind, symbol);
  }

  get attemptCount(): number {
    return this.#state[cell.attempts]!;
  }

  /** Creates the request of an order that rests in the book before the run begins. */
  createSeed(at: number): number {
    return this.#replayed.createSeed(at);
  }

  /** Commands whose clients had given up, by what they know since. */
  get fates(): Fates {
    return this.#inquiries.fates;
  }

  /** An attempt has ended; called by the call runtime. */
  answered(request: number, result: number): void {
    const column = this.#rows.column;
    const { observer } = this.#options;
    const marks = column.marks[request]!;
    if ((marks & mark.reconnects) !== 0) {
      this.#connectionEnded(request, result);
      return;
    }
    if (this.#fabric.requests.column.kind[request] === requestKind.resendReports) {
      this.#resendEnded(request, result);
      return;
    }
    if (result === outcome.ok || result === outcome.okWithoutCalls) {
      this.#orders.accepted(request);
      observer.told(request, true);
      this.#waiting.settle(request);
      if ((marks & mark.asks) !== 0) this.#inquiries.learn(column.about[request]!);
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
    observer.unserved?.(request);
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
    this.#waiting.settle(request);
    const { about, doubtful } = this.#rows.column;
    if (isMarked(this.#rows, request, mark.asks)) this.#inquiries.askLater(about[request]!);
    else if (doubtful[request] === 1 && this.#isCommand(request)) this.#inquiries.askLater(request);
  }

  #isCommand(request: number): boolean {
    return replayedKinds.some((kind) => kind === this.#fabric.requests.column.kind[request]);
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
    setMark(this.#rows, request, mark.reconnects);
    this.#send(request);
  }

  /** A log-in that restores a connection is one attempt; the next, if it failed, is a request of its own. */
  #connectionEnded(request: number, result: number): void {
    const { observer } = this.#options;
    const succeeded = result === outcome.ok || result === outcome.okWithoutCalls;
    const isCertain = result === outcome.throttled || result === outcome.blocked;
    if (succeeded || isCertain || result === outcome.refused) observer.told(request, succeeded);
    else observer.inDoubt(request);
    this.#waiting.settle(request);
    this.#connections!.ended(this.#fabric.requests.column.user[request]!, succeeded);
  }

  /** A request for a resend is one attempt: the client asks anew, for what it lacks by then. */
  #resendEnded(request: number, result: number): void {
    if (result === outcome.refused && this.#logInFirst(request)) return;
    // An answer without what the journal holds is none.
    const succeeded = result === outcome.ok;
    this.#options.observer.told(request, succeeded);
    this.#waiting.settle(request);
    this.#options.observer.resendEnded(this.#rows.column.about[request]!, succeeded);
  }

  /** Turned away because its session has ended, a client logs in and asks again; false when it has done so before. */
  #logInFirst(request: number): boolean {
    const requests = this.#fabric.requests;
    const canLogIn = this.#siteOf(requests.column.user[request]!, requestKind.logIn) !== none;
    const isLogIn = requests.column.kind[request] === requestKind.logIn;
    if (!canLogIn || isLogIn || isMarked(this.#rows, request, mark.loggedIn)) return false;
    setMark(this.#rows, request, mark.loggedIn);
    const logIn = this.#createFor(
      requests.column.user[request]!,
      requestKind.logIn,
      requests.column.symbol[request]!,
    );
    this.#waiting.holdBack(request, logIn);
    this.#send(logIn);
    return true;
  }

  /** A request that was held back goes out: again, or now that its client means to send it. */
  #release(request: number): void {
    if (isMarked(this.#rows, request, mark.sent)) this.#attempt(request);
    else {
      this.#fabric.requests.column.intendedUs[request] = this.#kernel.nowUs;
      this.#send(request);
    }
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
    const id = this.#state[cell.nextOrderId]!;
    this.#state[cell.nextOrderId] = id + 1;
    return id;
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
    this.#rows.append();
    return request;
  }

  #createQuery(about: number): number {
    const { user, symbol } = this.#fabric.requests.column;
    return this.#createFor(user[about]!, requestKind.orderStatus, symbol[about]!);
  }

  #send(request: number): void {
    const { retryBudget } = this.#options.workload.client;
    if (retryBudget !== undefined) {
      const user = this.#fabric.requests.column.user[request]!;
      const { perRequest, savedMax = 1 } = retryBudget;
      this.#retriesSaved[user] = Math.min(savedMax, this.#retriesSaved[user]! + perRequest);
    }
    setMark(this.#rows, request, mark.sent);
    this.#options.observer.sent(request);
    this.#attempt(request);
  }

  /** Where a user's request begins: with the paths of the user's region. */
  #siteOf(user: number, kind: number): number {
    const home = this.#homeOf[user]!;
    const { regionFor, siteByKind } = this.#options;
    const isMoved = regionFor !== undefined && this.#fabric.homes.turn !== 0;
    const region = isMoved ? regionFor(user, home) : home;
    return siteByKind[region * kindCount + kind]!;
  }

  #attempt(request: number): void {
    const { kind, user } = this.#fabric.requests.column;
    const site = this.#siteOf(user[request]!, kind[request]!);
    this.#state[cell.attempts] = this.#state[cell.attempts]! + 1;
    this.#fabric.calls.callAsClient(
      site,
      outsideZone,
      request,
      this.#rows.column.attempt[request]!,
    );
  }
}

import { type RequestTable, requestKind } from "../../components/fabric/requests.ts";
import type { HandlerId, Kernel, KeyedStream, Stream } from "../../kernel/kernel.ts";
import type { SampledKeys } from "../scaling/sampled-keys.ts";
import type { RequestName } from "../topology-types.ts";
import { HawkesArrivals } from "./hawkes-arrivals.ts";
import type { OrderFlow } from "./order-flow.ts";
import { symbolWeights } from "./symbol-weights.ts";
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

export interface IntendedRequestsOptions {
  readonly workload: WorkloadSpec;
  /** Its commands are a part of the workload's rate. */
  readonly orderFlow: OrderFlow | undefined;
  /** The only symbols whose requests are sent, with the load that is theirs; all when undefined. */
  readonly sample: SampledKeys | undefined;
  /** Requests stop being sent at this time. */
  readonly untilUs: number;
  readonly requests: RequestTable;
}

/** The next arrival on the agenda, and when it was drawn. */
const pending = { event: 0, drawnUs: 1 } as const;

/** The symbol that draws requests to itself, and the share of them that it draws. */
const hot = { symbol: 0, share: 1 } as const;

/**
 * What clients mean to send, and when: arrivals of a Hawkes process, each of a kind and on a symbol by their popularity.
 * Faults change how much it is, and what it is about.
 */
export class IntendedRequests {
  readonly #kernel: Kernel;
  readonly #chance: Stream;
  readonly #options: IntendedRequestsOptions;
  readonly #mean: (kind: number, symbol: number) => void;
  readonly #arrivals: HawkesArrivals;
  readonly #symbols: WeightedChoice;
  readonly #kinds: WeightedChoice;
  /** Kind of request by its place in the mix. */
  readonly #kindAt: Int32Array;
  readonly #hot: Float64Array;
  readonly #hotDraw: KeyedStream;
  readonly #pending: Float64Array;
  readonly #arrive: HandlerId;

  /** `mean` is called at the instant at which a client means to send. */
  constructor(
    kernel: Kernel,
    chance: Stream,
    options: IntendedRequestsOptions,
    mean: (kind: number, symbol: number) => void,
  ) {
    const { workload, orderFlow, sample } = options;
    this.#kernel = kernel;
    this.#chance = chance;
    this.#options = options;
    this.#mean = mean;
    const spanSeconds = options.untilUs / 1_000_000;
    const replayedPerSecond = orderFlow === undefined ? 0 : orderFlow.commandCount / spanSeconds;
    this.#arrivals = new HawkesArrivals(kernel, "clients.arrivals", {
      ratePerSecond: Math.max(
        1,
        (sample?.loadShare ?? 1) * workload.ratePerSecond - replayedPerSecond,
      ),
      selfExcitation: workload.selfExcitation,
      decaySeconds: workload.excitationDecaySeconds,
    });
    const weights = symbolWeights(workload, orderFlow !== undefined);
    this.#symbols = new WeightedChoice(
      weights.map((weight, symbol) => (sample?.symbols[symbol] === 0 ? 0 : weight)),
    );
    const kinds = Object.entries(workload.mix) as [RequestName, number][];
    this.#kinds = new WeightedChoice(kinds.map(([, share]) => share));
    this.#kindAt = Int32Array.from(kinds, ([name]) => kindOfRequest[name]);
    this.#hot = kernel.float64Array("clients.hot", Object.keys(hot).length);
    this.#hotDraw = kernel.keyed("clients.hot-symbol");
    this.#pending = kernel.float64Array("clients.pending", Object.keys(pending).length);
    this.#arrive = kernel.handler("clients.arrive", () => this.#next());
  }

  start(): void {
    this.#expectArrival(this.#arrivals.nextUs());
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
    this.#hot[hot.symbol] = symbol;
    this.#hot[hot.share] = share;
  }

  #next(): void {
    const nowUs = this.#kernel.nowUs;
    if (nowUs >= this.#options.untilUs) return;
    const kind = this.#kindAt[this.#kinds.at(this.#chance.uniform())]!;
    const symbol = this.#drawnOrHot(this.#symbols.at(this.#chance.uniform()));
    this.#mean(kind, symbol);
    this.#expectArrival(this.#arrivals.nextUs());
  }

  /** The symbol that was drawn, or the hot one; its luck is the request's own, so that the rest of the run is as it was. */
  #drawnOrHot(drawn: number): number {
    const share = this.#hot[hot.share]!;
    if (share === 0) return drawn;
    const luck = this.#hotDraw.uniform(this.#options.requests.count, 0, 0);
    return luck < share ? this.#hot[hot.symbol]! : drawn;
  }
}

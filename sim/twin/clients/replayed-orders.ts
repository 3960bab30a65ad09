import { type RequestTable, requestKind } from "../../components/fabric/requests.ts";
import { OrderType, TimeInForce } from "../../engine/codes.ts";
import type { HandlerId, Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { OrderFlow } from "./order-flow.ts";

/** Kinds of request by `flowCommandKind`. */
export const replayedKinds = [
  requestKind.placeOrder,
  requestKind.cancelOrder,
  requestKind.amendOrder,
];

/** What the clients do with a request that is replayed. */
export interface ReplayingClients {
  /** Creates a request on the replayed symbol, for some user. */
  create(kind: number): number;
  send(request: number): void;
  /** Holds a request back until another has settled; false when that has happened already. */
  holdBack(request: number, until: number): boolean;
}

/** Orders of a file, sent at the instants that it gives. */
export class ReplayedOrders {
  readonly #kernel: Kernel;
  readonly #requests: RequestTable;
  readonly #flow: OrderFlow | undefined;
  readonly #client: ReplayingClients;
  /** Request that placed each order, `none` before. */
  readonly #placedBy: Int32Array;
  /** Commands sent so far. */
  readonly #position: Int32Array;
  readonly #replay: HandlerId;

  constructor(
    kernel: Kernel,
    requests: RequestTable,
    flow: OrderFlow | undefined,
    client: ReplayingClients,
  ) {
    this.#kernel = kernel;
    this.#requests = requests;
    this.#flow = flow;
    this.#client = client;
    this.#placedBy = kernel.int32Array("clients.placed-by", flow?.orderIdCount ?? 0).fill(none);
    this.#position = kernel.int32Array("clients.replayed", 1);
    this.#replay = kernel.handler("clients.replay", () => this.#next());
  }

  start(): void {
    if (this.#flow !== undefined && this.#flow.commandCount > 0) this.#schedule(0);
  }

  /** Creates the request of an order that rests in the book before the run begins. */
  createSeed(at: number): number {
    const flow = this.#flow!;
    const request = this.#client.create(requestKind.placeOrder);
    const { column } = this.#requests;
    column.orderId[request] = flow.seedOrderId[at]!;
    column.side[request] = flow.seedSide[at]!;
    column.orderType[request] = OrderType.limit;
    column.timeInForce[request] = TimeInForce.gtc;
    column.priceTicks[request] = flow.seedPriceTicks[at]!;
    column.quantity[request] = flow.seedQuantity[at]!;
    return request;
  }

  #schedule(at: number): void {
    this.#kernel.scheduleAt(Math.round(this.#flow!.atUs[at]!), this.#replay);
  }

  #next(): void {
    const flow = this.#flow!;
    const at = this.#position[0]!;
    const request = this.#client.create(replayedKinds[flow.kind[at]!]!);
    const { column } = this.#requests;
    column.orderId[request] = flow.orderId[at]!;
    column.side[request] = flow.side[at]!;
    column.orderType[request] = flow.orderType[at]!;
    column.timeInForce[request] = flow.timeInForce[at]!;
    column.priceTicks[request] = flow.priceTicks[at]!;
    column.quantity[request] = flow.quantity[at]!;
    // A client cancels or amends an order once it knows what became of it, whatever the file's clock says.
    const orderId = flow.orderId[at]!;
    const isPlace = column.kind[request] === requestKind.placeOrder;
    const held = !isPlace && this.#client.holdBack(request, this.#placedBy[orderId]!);
    if (isPlace) this.#placedBy[orderId] = request;
    if (!held) this.#client.send(request);
    this.#position[0] = at + 1;
    if (at + 1 < flow.commandCount) this.#schedule(at + 1);
  }
}

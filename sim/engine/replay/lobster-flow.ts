import { findImpliedOrders } from "./implied-orders.ts";
import { type LobsterMessages, LobsterType, parseLobsterMessages } from "./lobster-text.ts";
import type { LineMistake } from "./mistake.ts";
import { NumberColumn } from "./text-lines.ts";

/** What a client asks for in an order flow. */
export const FlowKind = {
  /** New limit order, good till cancelled. */
  limit: 1,
  /** New limit order, immediate or cancel. */
  immediate: 2,
  /** Amend at the same price to the smaller open quantity given. */
  reduce: 3,
  cancel: 4,
} as const;
export type FlowKind = (typeof FlowKind)[keyof typeof FlowKind];

/** Requests in time order, as columns. */
export interface OrderFlow {
  readonly count: number;
  /** Whole microseconds since the first message of the file; never falls. */
  readonly atUs: Float64Array;
  /** `FlowKind`. */
  readonly kind: Uint8Array;
  /** Dense from 0, in order of first use. */
  readonly orderId: Int32Array;
  /** `Side` of the order. */
  readonly side: Uint8Array;
  /** Dollars x 10,000. */
  readonly price: Float64Array;
  /** Shares; for `reduce` the new open quantity if nothing but the file's own events happened, 0 for `cancel`. */
  readonly quantity: Float64Array;
  /** Different orders, aggressors included. */
  readonly orderCount: number;
  /** Requests at the beginning (time 0) that enter orders which rested before the file begins. */
  readonly seedCount: number;
  /** The exchange's id for each order id; -1 for an aggressor, whose id no message tells. */
  readonly exchangeId: Float64Array;
}

/** Rows of one aggressor stand this close together. Assumption: one matching pass takes no longer. */
const aggressorWithinUs = 10;

/**
 * Turns a LOBSTER message file into what clients must have sent:
 * - type 1 becomes a limit order, type 2 an amend to what is left, type 3 a cancel;
 * - type 4 names the resting order, so it becomes the aggressor that must have hit it: an immediate-or-cancel order of the
 *   other side with that size and limit. Rows that follow each other within 10 us on the same side at prices that do
 *   not improve are one aggressor with their sum and the last price as limit;
 * - hidden executions (5), crosses (6) and halts (7) are no requests and are left out;
 * - orders that were never announced but are named later were resting: they are entered as limit orders where their id
 *   says (ids grow with time), which for most is before the first message: the seed book, at time 0. They get the
 *   quantity that the file takes from them, the least they can have had.
 */
export function lobsterToOrderFlow(text: string): {
  readonly commands: OrderFlow;
  readonly mistakes: readonly LineMistake[];
} {
  const { messages, mistakes } = parseLobsterMessages(text);
  const builder = new FlowBuilder();
  if (mistakes.length === 0) convert(messages, builder);
  return { commands: builder.finish(), mistakes };
}

function convert(messages: LobsterMessages, flow: FlowBuilder): void {
  const implied = findImpliedOrders(messages);
  const startUs = messages.timeUs[0]!;
  let impliedAt = 0;
  for (let row = 0; row < messages.count; ) {
    const atUs = messages.timeUs[row]! - startUs;
    for (; impliedAt < implied.count && implied.beforeRow[impliedAt]! <= row; impliedAt++) {
      const id = implied.id[impliedAt]!;
      const size = implied.size[impliedAt]!;
      flow.enter(atUs, id, implied.side[impliedAt]!, implied.price[impliedAt]!, size);
    }
    if (row === 0) flow.endSeed();
    const id = messages.id[row]!;
    const size = messages.size[row]!;
    const type = messages.type[row]!;
    if (type === LobsterType.execution) {
      const untilRow = impliedAt < implied.count ? implied.beforeRow[impliedAt]! : messages.count;
      row = convertRun(messages, row, untilRow, atUs, flow);
      continue;
    }
    if (type === LobsterType.newOrder) {
      flow.enter(atUs, id, messages.side[row]!, messages.price[row]!, size);
    } else if (type === LobsterType.partialCancel || type === LobsterType.delete) {
      flow.takeAway(atUs, id, size, type === LobsterType.delete);
    }
    row++;
  }
}

/** Adds the aggressor that begins at `row` and ends before `untilRow`; returns the first row that is not its own. */
function convertRun(
  messages: LobsterMessages,
  row: number,
  untilRow: number,
  atUs: number,
  flow: FlowBuilder,
): number {
  const side = messages.side[row]!;
  const worsens = side === 0 ? -1 : 1;
  let end = row;
  let quantity = 0;
  let price = messages.price[row]!;
  let lastUs = messages.timeUs[row]!;
  for (let at = row; at < untilRow; at++) {
    const isNear = messages.timeUs[at]! - lastUs <= aggressorWithinUs;
    const type = messages.type[at]!;
    if (type === LobsterType.hiddenExecution && isNear) continue;
    const isSame = type === LobsterType.execution && messages.side[at]! === side && isNear;
    if (!isSame || (messages.price[at]! - price) * worsens < 0) break;
    price = messages.price[at]!;
    lastUs = messages.timeUs[at]!;
    quantity += messages.size[at]!;
    flow.noteFill(messages.id[at]!, messages.size[at]!);
    end = at + 1;
  }
  flow.aggress(atUs, side ^ 1, price, quantity);
  return end;
}

/** Collects requests and hands out dense order ids. */
class FlowBuilder {
  private readonly atUs = new NumberColumn();
  private readonly kind = new NumberColumn();
  private readonly orderId = new NumberColumn();
  private readonly side = new NumberColumn();
  private readonly price = new NumberColumn();
  private readonly quantity = new NumberColumn();
  private readonly exchangeId = new NumberColumn();
  private readonly idOf = new Map<number, number>();
  private readonly leaves = new NumberColumn();
  private readonly sideOf = new NumberColumn();
  private readonly priceOf = new NumberColumn();
  private seedCount = 0;

  endSeed(): void {
    this.seedCount = this.atUs.length;
  }

  enter(atUs: number, exchangeId: number, side: number, price: number, quantity: number): void {
    const id = this.newOrder(exchangeId, side, price, quantity);
    this.idOf.set(exchangeId, id);
    this.push(atUs, FlowKind.limit, id, side, price, quantity);
  }

  aggress(atUs: number, side: number, price: number, quantity: number): void {
    const id = this.newOrder(-1, side, price, 0);
    this.push(atUs, FlowKind.immediate, id, side, price, quantity);
  }

  takeAway(atUs: number, exchangeId: number, size: number, isAll: boolean): void {
    const id = this.idOf.get(exchangeId)!;
    const left = isAll ? 0 : Math.max(0, this.leaves.get(id) - size);
    this.leaves.set(id, left);
    const kind = left > 0 ? FlowKind.reduce : FlowKind.cancel;
    this.push(atUs, kind, id, this.sideOf.get(id), this.priceOf.get(id), left);
  }

  noteFill(exchangeId: number, size: number): void {
    const id = this.idOf.get(exchangeId);
    if (id !== undefined) this.leaves.set(id, Math.max(0, this.leaves.get(id) - size));
  }

  finish(): OrderFlow {
    return {
      count: this.atUs.length,
      atUs: this.atUs.toArray(),
      kind: Uint8Array.from(this.kind.toArray()),
      orderId: Int32Array.from(this.orderId.toArray()),
      side: Uint8Array.from(this.side.toArray()),
      price: this.price.toArray(),
      quantity: this.quantity.toArray(),
      orderCount: this.exchangeId.length,
      seedCount: this.seedCount,
      exchangeId: this.exchangeId.toArray(),
    };
  }

  private newOrder(exchangeId: number, side: number, price: number, leaves: number): number {
    this.exchangeId.push(exchangeId);
    this.leaves.push(leaves);
    this.sideOf.push(side);
    this.priceOf.push(price);
    return this.exchangeId.length - 1;
  }

  private push(
    atUs: number,
    kind: number,
    orderId: number,
    side: number,
    price: number,
    quantity: number,
  ): void {
    this.atUs.push(atUs);
    this.kind.push(kind);
    this.orderId.push(orderId);
    this.side.push(side);
    this.price.push(price);
    this.quantity.push(quantity);
  }
}

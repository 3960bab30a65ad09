import { OrderType, Side, TimeInForce } from "../codes.ts";
import { MatchingEngine } from "../matching-engine.ts";
import { type LobsterMessages, LobsterType } from "./lobster-text.ts";

/** How often the exchange's executions were the ones that price-time priority demands. */
export interface PriorityCounts {
  /** Executions of visible orders. */
  executions: number;
  /** Of them, at the best price of their side. */
  atBestPrice: number;
  /** Executions of orders whose place in the line is known. */
  knownExecutions: number;
  /** Of them, at the head of their price. */
  atHead: number;
}

/**
 * An engine that is kept in the state of an exchange by its published messages. An execution is played as the aggressor
 * that must have caused it; where the engine would have traded another order, the named one is taken by force and the
 * priority counts say so, so that one odd message does not spoil the rest.
 */
export class ExchangeMirror {
  readonly engine = new MatchingEngine({ symbolCount: 1 });
  readonly counts: PriorityCounts = {
    executions: 0,
    atBestPrice: 0,
    knownExecutions: 0,
    atHead: 0,
  };
  /** Engine id of each exchange id that was seen. */
  private readonly idOf = new Map<number, number>();
  /** Engine id of the block of unknown orders at each side and price. */
  private readonly blockOf = new Map<number, number>();
  private nextId = 0;
  private readonly onePrice = [0];
  private readonly oneQuantity = [0];

  /** Applies row `row` of the messages. */
  apply(messages: LobsterMessages, row: number): void {
    const side = messages.side[row]! as Side;
    const id = messages.id[row]!;
    const price = messages.price[row]!;
    const size = messages.size[row]!;
    switch (messages.type[row]!) {
      case LobsterType.newOrder:
        this.placeKnown(id, side, price, size);
        break;
      case LobsterType.partialCancel:
      case LobsterType.delete:
        this.reduce(this.orderFor(id, side, price), size);
        break;
      case LobsterType.execution:
        this.execute(id, side, price, size);
        break;
      default:
      // Hidden executions, crosses and halts leave the visible book as it is.
    }
  }

  isKnown(id: number): boolean {
    return this.idOf.has(id);
  }

  placeKnown(id: number, side: Side, price: number, size: number): void {
    this.idOf.set(id, this.nextId);
    this.place(side, TimeInForce.gtc, price, size);
  }

  /** Puts a block of orders that nobody named at the back of a price. */
  placeBlock(side: Side, price: number, size: number): void {
    this.blockOf.set(blockKey(side, price), this.nextId);
    this.place(side, TimeInForce.gtc, price, size);
  }

  /** Forgets everything at one price. */
  forget(side: Side, price: number): void {
    const ids: number[] = [];
    this.engine.forEachOrderAt(0, side, price, (orderId) => ids.push(orderId));
    for (const orderId of ids) this.engine.cancel(0, orderId);
  }

  private execute(id: number, side: Side, price: number, size: number): void {
    const { engine, counts } = this;
    const order = this.orderFor(id, side, price);
    const isKnown = order >= 0 && this.idOf.get(id) === order;
    const hasBest = engine.levels(0, side, 1, this.onePrice, this.oneQuantity) > 0;
    const isBest = hasBest && this.onePrice[0] === price;
    const isHead = order >= 0 && engine.firstOrderAt(0, side, price) === order;
    counts.executions++;
    if (isBest) counts.atBestPrice++;
    if (isKnown) {
      counts.knownExecutions++;
      if (isHead) counts.atHead++;
    }
    if (isBest && isHead && engine.leavesOf(order) >= size) {
      this.place(side === Side.buy ? Side.sell : Side.buy, TimeInForce.ioc, price, size);
    } else {
      this.reduce(order, size);
    }
  }

  /** The live order that a message names, or the block it must belong to, or -1. */
  private orderFor(id: number, side: Side, price: number): number {
    const known = this.idOf.get(id);
    if (known !== undefined && this.engine.isLive(known)) return known;
    const block = this.blockOf.get(blockKey(side, price));
    return block !== undefined && this.engine.isLive(block) ? block : -1;
  }

  private reduce(order: number, size: number): void {
    if (order < 0) return;
    const leaves = this.engine.leavesOf(order);
    if (size >= leaves) this.engine.cancel(0, order);
    else this.engine.amend(0, order, Number.NaN, leaves - size);
  }

  private place(side: Side, timeInForce: TimeInForce, price: number, size: number): void {
    this.engine.place(0, this.nextId++, side, OrderType.limit, timeInForce, price, size);
  }
}

function blockKey(side: number, price: number): number {
  return price * 2 + side;
}

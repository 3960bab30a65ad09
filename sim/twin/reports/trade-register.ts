import type { Kernel, Table } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { belief, standing, tradeColumns } from "./report-rows.ts";

const orderColumns = { user: "int32", placedBy: "int32" } as const;

/**
 * Every trade that any owner of books has made and may have told of, whichever history it stands in, with what each side
 * has been told. The clearing house that gets a copy of every report knows as much.
 */
export class TradeRegister {
  readonly #trades: Table<typeof tradeColumns>;
  readonly #orders: Table<typeof orderColumns>;
  readonly #positionOf: (command: number) => number;

  /** `positionOf` tells where a command stands in the venue's history; `none` when it does not. */
  constructor(kernel: Kernel, positionOf: (command: number) => number) {
    this.#positionOf = positionOf;
    this.#trades = kernel.table("reports.trades", tradeColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#orders = kernel.table("reports.orders", orderColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
  }

  /** Columns by trade; read through this property, they are replaced when the table grows. */
  get column() {
    return this.#trades.column;
  }

  get count(): number {
    return this.#trades.rowCount;
  }

  /** An order belongs to a user; it was placed by a request. */
  noteOrder(orderId: number, user: number, placedBy: number): void {
    while (this.#orders.rowCount <= orderId) {
      const row = this.#orders.append();
      this.#orders.column.user[row] = none;
    }
    this.#orders.column.user[orderId] = user;
    this.#orders.column.placedBy[orderId] = placedBy;
  }

  userOf(orderId: number): number {
    return orderId < this.#orders.rowCount ? this.#orders.column.user[orderId]! : none;
  }

  placedBy(orderId: number): number {
    return orderId < this.#orders.rowCount ? this.#orders.column.placedBy[orderId]! : none;
  }

  /** An engine has made a trade. */
  made(trade: {
    readonly by: number;
    readonly maker: number;
    readonly taker: number;
    readonly symbol: number;
    readonly priceTicks: number;
    readonly quantity: number;
  }): number {
    const row = this.#trades.append();
    const column = this.#trades.column;
    column.by[row] = trade.by;
    column.maker[row] = trade.maker;
    column.taker[row] = trade.taker;
    column.symbol[row] = trade.symbol;
    column.priceTicks[row] = trade.priceTicks;
    column.quantity[row] = trade.quantity;
    column.makerCorrection[row] = none;
    column.takerCorrection[row] = none;
    return row;
  }

  orderOf(trade: number, taker: boolean): number {
    return taker ? this.column.taker[trade]! : this.column.maker[trade]!;
  }

  beliefOf(trade: number, taker: boolean): number {
    return taker ? this.column.takerBelief[trade]! : this.column.makerBelief[trade]!;
  }

  /** A side has been told of a trade, or that it is called off. */
  tell(trade: number, taker: boolean, what: number): void {
    const column = taker ? this.column.takerBelief : this.column.makerBelief;
    column[trade] = what;
  }

  notionalOf(trade: number): number {
    return this.column.quantity[trade]! * this.column.priceTicks[trade]!;
  }

  /** A trade whose command stands in no history, though its owner knows it for durable. */
  markLost(trade: number): void {
    if (this.column.standing[trade] === standing.made) this.column.standing[trade] = standing.lost;
  }

  isLost(trade: number): boolean {
    return this.column.standing[trade] === standing.lost;
  }

  /** Part of the history is gone: trades whose commands stood there are lost. */
  historyWasCut(): void {
    for (let trade = 0; trade < this.count; trade += 1) {
      if (this.#positionOf(this.column.by[trade]!) === none && this.isBelieved(trade)) {
        this.markLost(trade);
      }
    }
  }

  /** Whether either side has been told of it and not of its end. */
  isBelieved(trade: number): boolean {
    return (
      this.column.makerBelief[trade] === belief.traded ||
      this.column.takerBelief[trade] === belief.traded
    );
  }

  /** Whether the venue books it now. */
  isBooked(trade: number): boolean {
    const is = this.column.standing[trade];
    if (is === standing.honoured) return true;
    return is === standing.made && this.#positionOf(this.column.by[trade]!) !== none;
  }

  /** Lots of an order in trades that were re-instated. */
  honouredOf(orderId: number): number {
    const { standing: stands, maker, taker, quantity } = this.column;
    let lots = 0;
    for (let trade = 0; trade < this.count; trade += 1) {
      const isIts = maker[trade] === orderId || taker[trade] === orderId;
      if (isIts && stands[trade] === standing.honoured) lots += quantity[trade]!;
    }
    return lots;
  }

  /**
   * Accounts whose holders believe in other positions than the venue books, but for the sides of trades (trade x 2 + 1 for the
   * taker's) whose reports are just leaving.
   */
  accountsOff(leaving: ReadonlySet<number>): number {
    const off = new Set<number>();
    for (let trade = 0; trade < this.count; trade += 1) {
      const isBooked = this.isBooked(trade);
      for (const taker of [false, true]) {
        const isBelieved = this.beliefOf(trade, taker) === belief.traded;
        if (isBelieved === isBooked || leaving.has(trade * 2 + (taker ? 1 : 0))) continue;
        off.add(this.userOf(this.orderOf(trade, taker)));
      }
    }
    return off.size;
  }
}

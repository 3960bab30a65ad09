import type { Table } from "../../kernel/containers/table.ts";
import type { Kernel } from "../../kernel/kernel.ts";

/** What a request asks for. The numbers stand in the request table. */
export const requestKind = {
  placeOrder: 0,
  cancelOrder: 1,
  queryBook: 2,
  orderStatus: 3,
  logIn: 4,
  amendOrder: 5,
} as const;

const columns = {
  kind: "uint8",
  user: "int32",
  symbol: "int32",
  /** Order the request is about; `none` for queries and log-ins. */
  orderId: "int32",
  side: "uint8",
  orderType: "uint8",
  timeInForce: "uint8",
  priceTicks: "int32",
  quantity: "int32",
  /** When the client meant to send it (microseconds); latency counts from here. */
  intendedUs: "float64",
} as const;

/**
 * Every request that clients have made, by its number. Components read what they need to know (the symbol a
 * message belongs to, say) from here; what became of a request is kept by whoever decides it.
 */
export class RequestTable {
  readonly #table: Table<typeof columns>;

  constructor(kernel: Kernel, options: { requestsInitial: number; requestsMax: number }) {
    this.#table = kernel.table("requests", columns, {
      rowsInitial: options.requestsInitial,
      rowsMax: options.requestsMax,
    });
  }

  /** Columns of the table; read through this property every time, they are replaced when the table grows. */
  get column() {
    return this.#table.column;
  }

  get count(): number {
    return this.#table.rowCount;
  }

  append(): number {
    return this.#table.append();
  }
}

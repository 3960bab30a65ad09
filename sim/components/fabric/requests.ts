import type { Table } from "../../kernel/containers/table.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/** What a request asks for. The numbers stand in the request table. */
export const requestKind = {
  placeOrder: 0,
  cancelOrder: 1,
  queryBook: 2,
  orderStatus: 3,
  logIn: 4,
  amendOrder: 5,
  /** Execution reports that the client's session lacks. */
  resendReports: 6,
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

const marketStepColumns = { symbol: "int32", phase: "uint8" } as const;

/** Number of the first market step; the next ones follow downwards. */
const firstMarketStep = none - 1;

/**
 * Whether a command of the venue's history is a step of the market itself (a symbol enters another phase) and not a
 * client's request. Requests are numbered from 0 upwards, market steps from -2 downwards.
 */
export function isMarketStep(command: number): boolean {
  return command <= firstMarketStep;
}

/** Place of a market step in the order in which the venue took them, from 0. */
export function marketStepIndex(command: number): number {
  return firstMarketStep - command;
}

/**
 * Every request that clients have made, by its number. Components read what they need to know (the symbol a
 * message belongs to, say) from here; what became of a request is kept by whoever decides it.
 */
export class RequestTable {
  readonly #table: Table<typeof columns>;
  readonly #marketSteps: Table<typeof marketStepColumns>;

  constructor(kernel: Kernel, options: { requestsInitial: number; requestsMax: number }) {
    this.#table = kernel.table("requests", columns, {
      rowsInitial: options.requestsInitial,
      rowsMax: options.requestsMax,
    });
    this.#marketSteps = kernel.table("requests.market-steps", marketStepColumns, {
      rowsInitial: 64,
      rowsMax: 10_000_000,
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

  /** A symbol is to enter a phase of the market; returns the number of the command. */
  appendMarketStep(symbol: number, phase: number): number {
    const row = this.#marketSteps.append();
    this.#marketSteps.column.symbol[row] = symbol;
    this.#marketSteps.column.phase[row] = phase;
    return firstMarketStep - row;
  }

  /** Symbol that a command of the venue's history is about. */
  symbolOf(command: number): number {
    if (isMarketStep(command)) return this.#marketSteps.column.symbol[marketStepIndex(command)]!;
    return this.#table.column.symbol[command]!;
  }

  /** Phase that a market step asks for. */
  phaseOf(marketStep: number): number {
    return this.#marketSteps.column.phase[marketStepIndex(marketStep)]!;
  }
}

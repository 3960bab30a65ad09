import type { Kernel, Table } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { belief, message, reportColumns } from "./report-rows.ts";
import type { TradeRegister } from "./trade-register.ts";

/** What reports are compared with, and who hears of those that tell of what never was. */
export interface PendingReportOptions {
  readonly trades: TradeRegister;
  /** Where a command stands in the venue's history; `none` when it does not. */
  readonly positionOf: (command: number) => number;
  /** A trade was told of that stands in no history. */
  readonly toldOfLost: () => void;
}

/** Reports that are not with their clients yet, as rows; those that arrived or were withdrawn make room for new ones. */
export class PendingReports {
  readonly #options: PendingReportOptions;
  readonly #rows: Table<typeof reportColumns>;
  /** First row that is free to be used anew, or `none`. */
  readonly #free: Int32Array;

  constructor(kernel: Kernel, options: PendingReportOptions) {
    this.#options = options;
    this.#rows = kernel.table("reports.rows", reportColumns, {
      rowsInitial: 4096,
      rowsMax: 50_000_000,
    });
    this.#free = kernel.int32Array("reports.free", 1);
    this.#free[0] = none;
  }

  /** To be asked for anew once a row was added: columns that grow are others. */
  get column() {
    return this.#rows.column;
  }

  newRow(): number {
    const row = this.#free[0]!;
    if (row === none) return this.#rows.append();
    this.#free[0] = this.column.next[row]!;
    return row;
  }

  /** The report is with its client. */
  arrive(row: number): void {
    const { column } = this;
    const { trades, toldOfLost } = this.#options;
    const trade = column.trade[row]!;
    if (trade !== none) {
      const isOff = column.message[row] === message.busted;
      trades.tell(trade, column.taker[row] === 1, isOff ? belief.calledOff : belief.traded);
      if (column.message[row] === message.traded && !trades.isBooked(trade)) toldOfLost();
    }
    this.#release(row);
  }

  /** Whether the history holds what a report tells of. A trade that was lost is not that of the command's next execution. */
  stands(row: number): boolean {
    const { column } = this;
    const { positionOf, trades } = this.#options;
    const command = column.command[row]!;
    if (command === none) return true;
    const isLost = column.message[row] === message.traded && trades.isLost(column.trade[row]!);
    return !isLost && positionOf(command) !== none;
  }

  /** A report that will never leave: what it tells of is in no history, and if its command comes again, that is another trade. */
  withdraw(row: number): void {
    const { column } = this;
    if (column.message[row] === message.traded) this.#options.trades.markLost(column.trade[row]!);
    this.#release(row);
  }

  /** Adds the sides of trades that a line of reports tells of, as trade x 2 + 1 for the taker's. */
  collectSides(first: number, found: Set<number>): void {
    const { column } = this;
    for (let row = first; row !== none; row = column.next[row]!) {
      if (column.trade[row] !== none) found.add(column.trade[row]! * 2 + column.taker[row]!);
    }
  }

  #release(row: number): void {
    this.column.next[row] = this.#free[0]!;
    this.#free[0] = row;
  }
}

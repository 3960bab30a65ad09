import { none } from "../../kernel/none.ts";
import type { ClientRows } from "./client-rows.ts";

/**
 * Requests that their clients hold back until another has settled: an order's cancel until they know what became of the
 * order, a request without a session until they are logged in. Those that wait for one request are released in order.
 */
export class WaitingRequests {
  readonly #rows: ClientRows;
  readonly #release: (request: number) => void;

  constructor(rows: ClientRows, release: (request: number) => void) {
    this.#rows = rows;
    this.#release = release;
  }

  /** The client knows, or has given up: what it held back until then is sent, in order. */
  settle(request: number): void {
    const column = this.#rows.column;
    let waiting = column.firstWaiting[request]!;
    column.settled[request] = 1;
    column.firstWaiting[request] = none;
    while (waiting !== none) {
      const next = this.#rows.column.nextWaiting[waiting]!;
      this.#rows.column.nextWaiting[waiting] = none;
      this.#release(waiting);
      waiting = next;
    }
  }

  /** Holds a request back until another has settled; false when that has happened already. */
  holdBack(request: number, until: number): boolean {
    const column = this.#rows.column;
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
}

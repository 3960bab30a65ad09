import { none } from "../../kernel/none.ts";
import { type ClientRows, isMarked, mark, setMark } from "./client-rows.ts";

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
    const { marks, firstWaiting } = this.#rows.column;
    const before = marks[request]!;
    marks[request] = (before | mark.settled) & ~mark.waitedFor;
    if ((before & mark.waitedFor) === 0) return;
    let waiting = firstWaiting[request]!;
    while (waiting !== none) {
      const next = this.#rows.column.nextWaiting[waiting]!;
      this.#rows.column.nextWaiting[waiting] = none;
      this.#release(waiting);
      waiting = next;
    }
  }

  /** Holds a request back until another has settled; false when that has happened already. */
  holdBack(request: number, until: number): boolean {
    if (until === none || isMarked(this.#rows, until, mark.settled)) return false;
    const column = this.#rows.column;
    column.nextWaiting[request] = none;
    if (!isMarked(this.#rows, until, mark.waitedFor)) {
      setMark(this.#rows, until, mark.waitedFor);
      column.firstWaiting[until] = request;
      return true;
    }
    let last = column.firstWaiting[until]!;
    while (column.nextWaiting[last]! !== none) last = column.nextWaiting[last]!;
    column.nextWaiting[last] = request;
    return true;
  }
}

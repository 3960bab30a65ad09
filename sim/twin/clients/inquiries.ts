import type { HandlerId, Kernel, KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { type ClientRows, fate, mark, setMark } from "./client-rows.ts";
import type { ClientReconciliation } from "./workload-types.ts";

export interface InquiryOptions {
  /** Left out where clients never ask. */
  readonly spec: ClientReconciliation | undefined;
  /** What an order-status query answers: whether the venue's history holds a command. */
  readonly isHeld: (request: number) => boolean;
}

/** Commands whose clients had given up, by what they know since: nothing, that they stand, or that they did not. */
export interface Fates {
  readonly unknown: number;
  readonly confirmed: number;
  readonly resubmitted: number;
}

/** What a client does about its inquiries. */
export interface InquiringClient {
  /** Creates the query about a command, by the same user. */
  createQuery(request: number): number;
  /** Sends a request for the first time. */
  send(request: number): void;
  /** Sends a request (again). */
  attempt(request: number): void;
  /** The command stands. */
  confirmed(request: number): void;
}

/**
 * What clients do about commands whose fate they don't know: in a while they ask, and send again, under the same order id,
 * what is not there.
 */
export class Inquiries {
  readonly #kernel: Kernel;
  readonly #rows: ClientRows;
  readonly #luck: KeyedStream;
  readonly #options: InquiryOptions;
  readonly #client: InquiringClient;
  /** Only where clients ask. */
  readonly #ask: HandlerId;

  constructor(
    kernel: Kernel,
    rows: ClientRows,
    luck: KeyedStream,
    options: InquiryOptions,
    client: InquiringClient,
  ) {
    this.#kernel = kernel;
    this.#rows = rows;
    this.#luck = luck;
    this.#options = options;
    this.#client = client;
    this.#ask =
      options.spec === undefined
        ? none
        : kernel.handler("clients.ask", (request) => this.#sendQuery(request));
  }

  /** Where clients ask what became of their commands, this one does in a while, unless it has asked too often. */
  askLater(request: number): void {
    const { spec } = this.#options;
    const column = this.#rows.column;
    if (spec === undefined) return;
    if (column.fate[request] === fate.none) column.fate[request] = fate.unknown;
    const asks = column.asks[request]!;
    if (asks >= spec.asksMax) return;
    column.asks[request] = asks + 1;
    // Spread over as long again, so that those who gave up together don't ask together.
    const luck = this.#luck.uniform(request, 1, asks);
    const afterUs = Math.round(spec.askAfterSeconds * 1_000_000 * (1 + luck));
    this.#kernel.schedule(afterUs, this.#ask, request);
  }

  #sendQuery(request: number): void {
    const query = this.#client.createQuery(request);
    this.#rows.column.about[query] = request;
    setMark(this.#rows, query, mark.asks);
    this.#client.send(query);
  }

  /** The answer is there: the command stands, or it does not, and is sent again under the same client order id. */
  learn(request: number): void {
    const column = this.#rows.column;
    if (this.#options.isHeld(request)) {
      if (column.fate[request] === fate.unknown) column.fate[request] = fate.confirmed;
      this.#client.confirmed(request);
      return;
    }
    column.fate[request] = fate.resubmitted;
    column.attempt[request] = 0;
    column.doubtful[request] = 0;
    this.#client.attempt(request);
  }

  /** How many of those commands there are by now. */
  get fates(): Fates {
    const counts = new Int32Array(Object.keys(fate).length);
    const { fate: fates } = this.#rows.column;
    for (let row = 0; row < this.#rows.rowCount; row += 1) {
      counts[fates[row]!] = counts[fates[row]!]! + 1;
    }
    return {
      unknown: counts[fate.unknown]!,
      confirmed: counts[fate.confirmed]!,
      resubmitted: counts[fate.resubmitted]!,
    };
  }
}

import { type CommandAnswer, parseCommandFile, runDocument } from "../../sim/engine/index.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An operation of a command file, as plain data. */
export type VectorOperation = Fields & { readonly op: string };

/** A resting or entering buy order; limit and GTC unless the fields say otherwise. */
export function buy(id: string, price: number, qty: number, fields: Fields = {}): VectorOperation {
  return { op: "new", id, side: "buy", type: "limit", tif: "GTC", price, qty, ...fields };
}

/** The same for a sell. */
export function sell(id: string, price: number, qty: number, fields: Fields = {}): VectorOperation {
  return { op: "new", id, side: "sell", type: "limit", tif: "GTC", price, qty, ...fields };
}

/** Cancels an order. */
export function cancel(id: string): VectorOperation {
  return { op: "cancel", id };
}

/** Amends an order. */
export function amend(id: string, price: number, leavesQty: number): VectorOperation {
  return { op: "amend", id, price, leavesQty };
}

/** Changes the market state. */
export function phase(name: string, reference?: number): VectorOperation {
  return reference === undefined
    ? { op: "phase", phase: name }
    : { op: "phase", phase: name, reference };
}

/** An answer short enough to be written by hand: trades as "maker taker qty@price", removals as "id qty REASON". */
export interface ShortAnswer {
  readonly trades: readonly string[];
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
  readonly rejects: readonly string[];
  readonly cancels: readonly string[];
  readonly stops: readonly (string | number)[];
}

/**
 * The whole answer to a vector. Every vector is also run with a snapshot and restore at each of its positions: the answer
 * must be the same.
 */
export function answerOf(
  operations: readonly VectorOperation[],
  config: Fields = {},
): CommandAnswer {
  const answer = runOnce(operations, config);
  const wanted = JSON.stringify(answer);
  for (let at = 0; at <= operations.length; at++) {
    const withRestore = [
      ...operations.slice(0, at),
      { op: "snapshotRestore" },
      ...operations.slice(at),
    ];
    const found = JSON.stringify(runOnce(withRestore, config));
    if (found !== wanted) throw new Error(`restored at ${at}: ${found} instead of ${wanted}`);
  }
  return answer;
}

function runOnce(operations: readonly VectorOperation[], config: Fields): CommandAnswer {
  const file = parseCommandFile(JSON.stringify({ config, ops: operations }));
  const [document] = file.documents;
  if (file.mistakes.length > 0 || document === undefined) {
    throw new Error(`vector: ${JSON.stringify(file.mistakes)}`);
  }
  return runDocument(document);
}

/** The short answer to a vector. */
export function run(operations: readonly VectorOperation[], config: Fields = {}): ShortAnswer {
  const answer = answerOf(operations, config);
  return {
    trades: answer.trades.map(
      ({ maker, taker, price, qty }) => `${maker} ${taker} ${qty}@${price}`,
    ),
    bids: answer.book.bids,
    asks: answer.book.asks,
    rejects: answer.rejects.map(({ id, reason }) => `${id} ${reason}`),
    cancels: answer.cancels.map(({ id, qty, reason }) => `${id} ${qty} ${reason}`),
    stops: answer.stops,
  };
}

/** What nothing happening looks like, to be spread into expectations. */
export const nothing: ShortAnswer = {
  trades: [],
  bids: [],
  asks: [],
  rejects: [],
  cancels: [],
  stops: [],
};

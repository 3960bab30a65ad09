import { OrderBook, Side } from "nodejs-order-book";
import { COMMAND_RECORD_WORDS } from "../sim/engine/index.ts";
import type { EngineStream } from "./engine-stream.ts";

/** Commands between two looks at the clock. */
const batch = 256;

/** How far the npm package `nodejs-order-book` comes with a stream. */
export interface PeerRound {
  readonly perSecond: number;
  readonly commandCount: number;
}

/**
 * Runs the stream on `nodejs-order-book` until it ends or `secondsMax` of processor time are used. The package takes ids
 * as strings and one object a command; both are made beforehand, as its own benchmark does.
 */
export function runPeer(stream: EngineStream, secondsMax: number): PeerRound {
  const book = new OrderBook();
  const fill = Array.from({ length: stream.fillCount }, (_, row) => callOf(stream, row));
  for (const call of fill) call(book);
  let commandCount = 0;
  let seconds = 0;
  while (stream.fillCount + commandCount < stream.count && seconds < secondsMax) {
    const from = stream.fillCount + commandCount;
    const length = Math.min(batch, stream.count - from);
    const calls = Array.from({ length }, (_, at) => callOf(stream, from + at));
    const start = process.cpuUsage();
    for (const call of calls) call(book);
    const { user, system } = process.cpuUsage(start);
    seconds += (user + system) / 1e6;
    commandCount += length;
  }
  return { perSecond: commandCount / seconds, commandCount };
}

function callOf({ words }: EngineStream, row: number): (book: OrderBook) => void {
  const at = row * COMMAND_RECORD_WORDS;
  const head = words[at] ?? 0;
  const id = String(words[at + 2]);
  if ((head & 15) === 2) return (book) => void book.cancel(id);
  // The package writes its enumeration down but does not export it.
  const order = {
    id,
    side: (head >> 4) & 1 ? Side.SELL : Side.BUY,
    size: words[at + 4] ?? 0,
    price: words[at + 3] ?? 0,
    timeInForce: (head >> 8) & 7 ? "IOC" : "GTC",
  } as Parameters<OrderBook["limit"]>[0];
  return (book) => void book.limit(order);
}

/** The order book of a watched symbol, from the keyframe that is shown at an instant. */
import { frameAt, type RecordingView, valueAt } from "./recording-view.ts";

export interface BookLevel {
  readonly price: number;
  readonly quantity: number;
}

export interface BookPicture {
  /** Instant of the keyframe. */
  readonly atUs: number;
  /** `absent` while no engine holds this symbol. */
  readonly engine: "running" | "absent";
  /** Orders that rest in the book, over all prices. */
  readonly orders: number;
  readonly levels: readonly {
    readonly bid: BookLevel | undefined;
    readonly ask: BookLevel | undefined;
  }[];
}

const named = /^book (.+) (bid|ask) (\d+) (price|quantity)$/;

/** Symbols whose books the recording holds, in its order. */
export function watchedSymbols(view: RecordingView): readonly string[] {
  const symbols = new Set<string>();
  for (const name of view.runChannels.keys()) {
    const [, symbol] = named.exec(name) ?? [];
    if (symbol !== undefined) symbols.add(symbol);
  }
  return [...symbols];
}

export function bookAt(view: RecordingView, symbol: string, atUs: number): BookPicture {
  const frame = frameAt(view, atUs);
  const get = (name: string) => {
    const channel = view.runChannels.get(`book ${symbol} ${name}`);
    return channel === undefined ? 0 : valueAt(view, channel, frame);
  };
  const level = (side: "bid" | "ask", at: number): BookLevel | undefined => {
    const quantity = get(`${side} ${at} quantity`);
    return quantity > 0 ? { price: get(`${side} ${at} price`), quantity } : undefined;
  };
  const levels: { bid: BookLevel | undefined; ask: BookLevel | undefined }[] = [];
  for (let at = 0; view.runChannels.has(`book ${symbol} bid ${at} price`); at += 1) {
    levels.push({ bid: level("bid", at), ask: level("ask", at) });
  }
  return {
    atUs: Math.floor((frame * view.head.frameStepUs) / 1_000_000) * 1_000_000,
    engine: get("engine") > 0 ? "running" : "absent",
    orders: get("orders"),
    levels,
  };
}

import { Side } from "../codes.ts";
import { ExchangeMirror, type PriorityCounts } from "./exchange-mirror.ts";
import { findImpliedOrders } from "./implied-orders.ts";
import type { LobsterBooks, LobsterMessages } from "./lobster-text.ts";
import { parseLobsterBooks, parseLobsterMessages } from "./lobster-text.ts";
import type { LineMistake } from "./mistake.ts";
import { compareSequences } from "./sequence-comparison.ts";

/** One place where the engine's book and the exchange's differ. */
export interface BookDifference {
  /** Line of the orderbook file, from 1. */
  readonly line: number;
  /** What differs: a level of a side, or the whole best bid and ask. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** What a LOBSTER replay showed. */
export interface LobsterResult {
  /** Rows: message i against book row i. States: the sequences of distinct best prices, for files that don't line up. */
  readonly method: "rows" | "states";
  readonly messageCount: number;
  readonly levelCount: number;
  readonly compared: number;
  readonly reproduced: number;
  /** Rows in which a level came into view whose content no message told. */
  readonly intoView: number;
  readonly priority: PriorityCounts;
  readonly firstDifferences: readonly BookDifference[];
  readonly stateHash: string;
}

const differencesMax = 10;

/** The mistakes of the two files, with the file each is in. */
export interface LobsterMistakes {
  readonly messages: readonly LineMistake[];
  readonly books: readonly LineMistake[];
}

/** Plays a LOBSTER message file through the engine and compares with its orderbook file. Nothing runs after a mistake. */
export function replayLobster(
  messageText: string,
  bookText: string,
): { readonly result: LobsterResult | undefined; readonly mistakes: LobsterMistakes } {
  const { messages, mistakes: messageMistakes } = parseLobsterMessages(messageText);
  const { books, mistakes: bookMistakes } = parseLobsterBooks(bookText);
  const mistakes = { messages: messageMistakes, books: bookMistakes };
  if (messageMistakes.length > 0 || bookMistakes.length > 0) return { result: undefined, mistakes };
  if (books.count === messages.count) return { result: compareRows(messages, books), mistakes };
  if (books.levelCount === 1) return { result: compareStates(messages, books), mistakes };
  const problem = `The file has ${books.count} rows for ${messages.count} messages`;
  const remedy =
    "Give the orderbook file of the same run; a file that was cut must be fetched again";
  const line = books.firstLine + Math.min(books.count, messages.count);
  return {
    result: undefined,
    mistakes: { messages: [], books: [{ code: "lobster.rows", line, problem, remedy }] },
  };
}

/** Row i of the books is the state after message i. */
function compareRows(messages: LobsterMessages, books: LobsterBooks): LobsterResult {
  const mirror = new ExchangeMirror();
  const differences: BookDifference[] = [];
  let reproduced = 0;
  let intoView = 0;
  for (let row = 0; row < messages.count; row++) {
    if (row === 0) seedBefore(mirror, messages, books);
    mirror.apply(messages, row);
    let isSame = true;
    let isInView = false;
    for (const side of [Side.sell, Side.buy]) {
      const outcome = compareSide(mirror, books, row, side, differences);
      isSame &&= outcome.isSame;
      isInView ||= outcome.isInView;
    }
    if (isSame) reproduced++;
    if (isInView) intoView++;
  }
  return {
    method: "rows",
    messageCount: messages.count,
    levelCount: books.levelCount,
    compared: books.count,
    reproduced,
    intoView,
    priority: mirror.counts,
    firstDifferences: differences,
    stateHash: mirror.engine.stateHash(),
  };
}

/** The book before the first message: the first row, as one unknown block for each level, with the message undone. */
function seedBefore(mirror: ExchangeMirror, messages: LobsterMessages, books: LobsterBooks): void {
  const type = messages.type[0]!;
  // What the first message takes away was there before it; it is not in the first row any more.
  // It goes first: an execution takes the head of its price.
  if (type >= 2 && type <= 4) {
    mirror.placeKnown(
      messages.id[0]!,
      messages.side[0]! as Side,
      messages.price[0]!,
      messages.size[0]!,
    );
  }
  for (let level = 0; level < books.levelCount; level++) {
    for (const side of [Side.sell, Side.buy]) {
      const { price, size } = cellAt(books, 0, level, side);
      if (Number.isNaN(price)) continue;
      const isHere = side === messages.side[0] && price === messages.price[0];
      const before = isHere && type === 1 ? size - messages.size[0]! : size;
      if (before > 0) mirror.placeBlock(side, price, before);
    }
  }
}

function cellAt(
  books: LobsterBooks,
  row: number,
  level: number,
  side: Side,
): { price: number; size: number } {
  const at = (row * books.levelCount + level) * 4 + (side === Side.sell ? 0 : 2);
  return { price: books.cells[at]!, size: books.cells[at + 1]! };
}

interface SideOutcome {
  readonly isSame: boolean;
  readonly isInView: boolean;
}

function compareSide(
  mirror: ExchangeMirror,
  books: LobsterBooks,
  row: number,
  side: Side,
  differences: BookDifference[],
): SideOutcome {
  const { levelCount } = books;
  const prices: number[] = [];
  const sizes: number[] = [];
  let count = mirror.engine.levels(0, side, levelCount + 8, prices, sizes);
  while (count > levelCount) mirror.forget(side, prices[--count]!);
  let isSame = true;
  let isInView = false;
  for (let level = 0; level < levelCount; level++) {
    const { price, size } = cellAt(books, row, level, side);
    const isEmpty = Number.isNaN(price);
    if (level >= count) {
      if (isEmpty) break;
      mirror.placeBlock(side, price, size);
      isInView = true;
      continue;
    }
    if (price === prices[level] && size === sizes[level]) continue;
    isSame = false;
    if (differences.length < differencesMax) {
      differences.push({
        line: books.firstLine + row,
        what: `${side === Side.buy ? "bid" : "ask"} level ${level + 1}`,
        expected: isEmpty ? "empty" : `${size} at ${price}`,
        found: `${sizes[level]} at ${prices[level]}`,
      });
    }
  }
  if (!isSame) adopt(mirror, books, row, side, prices, count);
  return { isSame, isInView };
}

/** After a difference the exchange's levels are taken over, so that each message is judged by itself. */
function adopt(
  mirror: ExchangeMirror,
  books: LobsterBooks,
  row: number,
  side: Side,
  prices: readonly number[],
  count: number,
): void {
  const wanted = new Map<number, number>();
  for (let level = 0; level < books.levelCount; level++) {
    const { price, size } = cellAt(books, row, level, side);
    if (!Number.isNaN(price)) wanted.set(price, size);
  }
  for (const price of prices.slice(0, count)) {
    if (mirror.engine.shownAt(0, side, price) !== wanted.get(price)) mirror.forget(side, price);
  }
  for (const [price, size] of wanted) {
    if (mirror.engine.shownAt(0, side, price) === 0) mirror.placeBlock(side, price, size);
  }
}

/** For files that don't line up: the distinct best bids and asks of both, in order. */
function compareStates(messages: LobsterMessages, books: LobsterBooks): LobsterResult {
  const mirror = new ExchangeMirror();
  const implied = findImpliedOrders(messages);
  const found: string[] = [];
  let at = 0;
  for (let row = 0; row < messages.count; row++) {
    for (; at < implied.count && implied.beforeRow[at]! <= row; at++) {
      const side = implied.side[at]! as Side;
      mirror.placeKnown(implied.id[at]!, side, implied.price[at]!, implied.size[at]!);
    }
    mirror.apply(messages, row);
    const state = bestOf(mirror);
    if (found[found.length - 1] !== state) found.push(state);
  }
  const expected: string[] = [];
  const lines: number[] = [];
  for (let row = 0; row < books.count; row++) {
    const ask = cellAt(books, row, 0, Side.sell);
    const bid = cellAt(books, row, 0, Side.buy);
    const state = stateText(ask.price, ask.size, bid.price, bid.size);
    if (expected[expected.length - 1] === state) continue;
    expected.push(state);
    lines.push(books.firstLine + row);
  }
  const comparison = compareSequences(expected, found);
  return {
    method: "states",
    messageCount: messages.count,
    levelCount: 1,
    compared: comparison.compared,
    reproduced: comparison.matched,
    intoView: 0,
    priority: mirror.counts,
    firstDifferences: comparison.gaps.slice(0, differencesMax).map((gap) => ({
      line: lines[gap.expectedAt] ?? books.count,
      what: "ask price,size,bid price,size",
      expected: expected[gap.expectedAt] ?? "end",
      found: found[gap.foundAt] ?? "end",
    })),
    stateHash: mirror.engine.stateHash(),
  };
}

const bestPrice = [0];
const bestSize = [0];

function bestOf(mirror: ExchangeMirror): string {
  const hasAsk = mirror.engine.levels(0, Side.sell, 1, bestPrice, bestSize) > 0;
  const askPrice = hasAsk ? bestPrice[0]! : Number.NaN;
  const askSize = hasAsk ? bestSize[0]! : 0;
  const hasBid = mirror.engine.levels(0, Side.buy, 1, bestPrice, bestSize) > 0;
  const bidPrice = hasBid ? bestPrice[0]! : Number.NaN;
  return stateText(askPrice, askSize, bidPrice, hasBid ? bestSize[0]! : 0);
}

function stateText(askPrice: number, askSize: number, bidPrice: number, bidSize: number): string {
  return `${askPrice},${askSize},${bidPrice},${bidSize}`;
}

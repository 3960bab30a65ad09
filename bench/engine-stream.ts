import { Word } from "../sim/engine/commands.ts";
import {
  COMMAND_RECORD_WORDS,
  encodeCancel,
  encodePlace,
  MatchingEngine,
} from "../sim/engine/index.ts";

/** Words of one command in `calls`: head as in the record, order id, price, quantity. */
export const CALL_WORDS = 4;

/** A seeded stream of commands as records, in which every cancel names an order that is probably open. */
export interface EngineStream {
  /** The commands as records, for what executes and journals records. */
  readonly words: Int32Array;
  /** The same as `CALL_WORDS` whole numbers each, for what calls the engine's methods: only what a call says. */
  readonly calls: Int32Array;
  readonly count: number;
  /** Records at the beginning that fill the book and are not timed. */
  readonly fillCount: number;
}

/**
 * 51 % new, 40 % cancel, 9 % marketable, at a constant depth of `liveOrders`. The mid price wanders; new orders stand
 * within 200 ticks of it, most of them near; marketable ones are immediate-or-cancel and take about one order each. The
 * stream is made with an engine at hand, so that every cancel names an order that is open.
 */
export function engineStream(options: {
  readonly liveOrders: number;
  readonly commands: number;
  readonly seed: number;
}): EngineStream {
  const { liveOrders, commands, seed } = options;
  const random = mulberry32(seed);
  const engine = new MatchingEngine({ symbolCount: 1 });
  const words = new Int32Array((liveOrders * 2 + commands) * COMMAND_RECORD_WORDS);
  const open = new Int32Array(liveOrders * 2 + commands);
  let openCount = 0;
  let nextId = 0;
  let mid = 100_000;
  let row = 0;
  const placeOne = (isMarketable: boolean) => {
    const side = random() < 0.5 ? 0 : 1;
    const away = 1 + Math.floor(200 * random() * random());
    const towards = side === 0 ? 1 : -1;
    const price = isMarketable ? mid + towards * 20 : mid - towards * away;
    const isDeep = engine.openOrderCount > liveOrders;
    const lots = isMarketable ? (isDeep ? 200 : 10) : 100;
    const quantity = 1 + Math.floor(lots * random());
    const tif = isMarketable ? 1 : 0;
    encodePlace(words, row * COMMAND_RECORD_WORDS, 0, nextId, side, 0, tif, price, quantity);
    if (!isMarketable) open[openCount++] = nextId;
    nextId++;
  };
  const cancelOne = () => {
    for (;;) {
      const at = Math.floor(random() * openCount);
      const id = open[at] ?? 0;
      openCount--;
      open[at] = open[openCount] ?? 0;
      if (!engine.isLive(id)) continue;
      encodeCancel(words, row * COMMAND_RECORD_WORDS, 0, id);
      return;
    }
  };
  const execute = () => {
    engine.executeRecord(words, row * COMMAND_RECORD_WORDS);
    row++;
  };
  while (engine.openOrderCount < liveOrders) {
    placeOne(false);
    execute();
  }
  const fillCount = row;
  // The more orders stand at a price, the longer it takes until the price goes on.
  const driftEvery = Math.ceil(liveOrders / 50);
  while (row < fillCount + commands) {
    const roll = random();
    if (row % driftEvery === 0) mid += random() < 0.5 ? 1 : -1;
    if (roll < 0.51) placeOne(false);
    else if (roll < 0.6) placeOne(true);
    else cancelOne();
    execute();
  }
  return { words, calls: callsOf(words, row), count: row, fillCount };
}

/** What a call of the engine's methods says, so that no record of twelve words is read to make it. */
function callsOf(words: Int32Array, count: number): Int32Array {
  const calls = new Int32Array(count * CALL_WORDS);
  for (let row = 0; row < count; row++) {
    const from = row * COMMAND_RECORD_WORDS;
    const to = row * CALL_WORDS;
    calls[to] = words[from + Word.head] ?? 0;
    calls[to + 1] = words[from + Word.orderId] ?? 0;
    calls[to + 2] = words[from + Word.price] ?? 0;
    calls[to + 3] = words[from + Word.quantity] ?? 0;
  }
  return calls;
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

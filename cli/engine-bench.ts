/** How fast the matching engine is here and now, on a flow like a real one: mostly new orders and cancels. */
import seedrandom from "seedrandom";
import {
  COMMAND_RECORD_WORDS,
  EventKind,
  encodeAmend,
  encodeCancel,
  encodePlace,
  MatchingEngine,
  OrderType,
  TimeInForce,
} from "../sim/engine/index.ts";
import { exitCode } from "./exit-code.ts";
import { createProgress, print, printJson, printNote, table } from "./terminal.ts";
import { tuneEngine } from "./tune-engine.ts";

interface BenchOptions {
  readonly commands: number;
  readonly symbols: number;
  readonly rounds: number;
  readonly seed: string;
  readonly json?: true;
}

interface Round {
  readonly seconds: number;
  readonly eventCount: number;
  readonly tradeCount: number;
  readonly openOrderCount: number;
  readonly stateHash: string;
}

export function benchEngine(options: BenchOptions): void {
  tuneEngine();
  const words = recordsOf(options);
  const progress = createProgress();
  const rounds = Array.from({ length: options.rounds }, (_, index) => {
    progress.show(`round ${index + 1} of ${options.rounds}`);
    return runRound(words, options);
  });
  progress.end();

  const rates = rounds.map((round) => Math.round(options.commands / round.seconds));
  rates.sort((a, b) => a - b);
  const [first] = rounds;
  if (first === undefined) return;
  const isRepeated = rounds.every((round) => round.stateHash === first.stateHash);
  const result = {
    ...options,
    commandsPerSecondMedian: rates[rates.length >> 1] ?? 0,
    commandsPerSecondMin: rates[0] ?? 0,
    commandsPerSecondMax: rates.at(-1) ?? 0,
    events: first.eventCount,
    trades: first.tradeCount,
    openOrders: first.openOrderCount,
    stateHash: first.stateHash,
    repeated: isRepeated,
  };
  if (options.json) printJson(result);
  else print(...tableOf(result));
  if (isRepeated) return;
  printNote("the rounds ended in different states: the engine is not deterministic here");
  process.exitCode = exitCode.internal;
}

type Result = { readonly [name: string]: number | string | boolean };

function tableOf(result: Result): readonly string[] {
  const perSecond = (name: string) => `${count(result[`commandsPerSecond${name}`])}/s`;
  return table([
    ["commands", `${count(result["commands"])} on ${count(result["symbols"])} symbols`],
    [
      "speed",
      `${perSecond("Median")} (${perSecond("Min")} to ${perSecond("Max")}, ${result["rounds"]} rounds)`,
    ],
    ["events", `${count(result["events"])}, of them ${count(result["trades"])} trades`],
    ["open orders", count(result["openOrders"])],
    ["state hash", String(result["stateHash"])],
  ]);
}

function runRound(words: Int32Array, { commands, symbols }: BenchOptions): Round {
  const engine = new MatchingEngine({ symbolCount: symbols, orderIdMax: commands });
  const { events } = engine;
  let eventCount = 0;
  let tradeCount = 0;
  const startedMs = performance.now();
  for (let offset = 0; offset < words.length; offset += COMMAND_RECORD_WORDS) {
    engine.executeRecord(words, offset);
    eventCount += events.count;
    for (let row = 0; row < events.count; row += 1) {
      if (events.kind(row) === EventKind.traded) tradeCount += 1;
    }
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const stateHash = engine.stateHash();
  return { seconds, eventCount, tradeCount, openOrderCount: engine.openOrderCount, stateHash };
}

/** Assumption: half new orders around a drifting mid, two in five cancels, the rest takers and amends. */
function recordsOf({ commands, symbols, seed }: BenchOptions): Int32Array {
  const random = seedrandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const words = new Int32Array(commands * COMMAND_RECORD_WORDS);
  const mids = new Int32Array(symbols).fill(10_000);
  const liveIds: number[] = [];
  const symbolOf = new Int32Array(commands);
  for (let id = 0; id < commands; id += 1) {
    const offset = id * COMMAND_RECORD_WORDS;
    const draw = random();
    const symbol = below(symbols);
    const side = below(2) as 0 | 1;
    const away = side === 0 ? -1 : 1;
    const mid = Math.max(1_000, (mids[symbol] ?? 0) + below(3) - 1);
    mids[symbol] = mid;
    symbolOf[id] = symbol;
    const quantity = 1 + below(100);
    if (draw < 0.5 || liveIds.length < 100) {
      const price = mid + away * (1 + below(40));
      encodePlace(
        words,
        offset,
        symbol,
        id,
        side,
        OrderType.limit,
        TimeInForce.gtc,
        price,
        quantity,
      );
      liveIds.push(id);
    } else if (draw < 0.9) {
      const at = below(liveIds.length);
      const old = liveIds[at] ?? 0;
      liveIds[at] = liveIds.at(-1) ?? 0;
      liveIds.pop();
      encodeCancel(words, offset, symbolOf[old] ?? 0, old);
    } else if (draw < 0.97) {
      const price = mid - away * 5;
      encodePlace(
        words,
        offset,
        symbol,
        id,
        side,
        OrderType.limit,
        TimeInForce.ioc,
        price,
        quantity,
      );
    } else {
      const old = liveIds[below(liveIds.length)] ?? 0;
      encodeAmend(words, offset, symbolOf[old] ?? 0, old, Number.NaN, quantity);
    }
  }
  return words;
}

function count(value: number | string | boolean | undefined): string {
  return Number(value).toLocaleString("en-US");
}

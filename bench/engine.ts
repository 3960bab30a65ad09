/**
 * Speed of the matching engine on one core: `npm run bench:engine`. Every figure is the median of several rounds over the
 * same seeded stream, in processor time; the commands are records made beforehand, so that only the engine is timed. The
 * npm package `nodejs-order-book` takes the same stream, in turns with the engine. `-- --only TEXT` measures only the lines
 * whose name holds the text.
 */
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { tuneEngine } from "../cli/tune-engine.ts";
import {
  COMMAND_RECORD_WORDS,
  JournalWriter,
  MarketDataFeed,
  MatchingEngine,
  scanJournal,
} from "../sim/engine/index.ts";
import { runPeer } from "./engine-peer.ts";
import { CALL_WORDS, type EngineStream, engineStream } from "./engine-stream.ts";

const commands = Number(process.env["STORMBELL_BENCH_COMMANDS"] ?? 2_000_000);
const rounds = 5;
const { only = "" } = parseArgs({ options: { only: { type: "string" } } }).values;
/** Commands after which the journal so far counts as written to a disk. */
const storedEvery = 2048;
const peerSecondsMax = 3;
const peerRounds = 3;

interface Round {
  readonly perSecond: number;
  readonly liveOrders: number;
  readonly oldGenerationMb: number;
}

function oldGenerationBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Runs the stream on a new engine through its typed calls. */
function runCalls(stream: EngineStream): Round {
  const engine = new MatchingEngine({ symbolCount: 1 });
  const { calls } = stream;
  let from = 0;
  const run = (to: number) => {
    for (; from < to; from++) {
      const at = from * CALL_WORDS;
      const head = calls[at] ?? 0;
      const orderId = calls[at + 1] ?? 0;
      if ((head & 15) === 2) engine.cancel(0, orderId);
      else {
        const side = ((head >> 4) & 1) as 0 | 1;
        const tif = ((head >> 8) & 7) as 0 | 1;
        engine.place(0, orderId, side, 0, tif, calls[at + 2] ?? 0, calls[at + 3] ?? 0);
      }
    }
  };
  return timed(stream, engine, run);
}

/** The same with every command journalled before the next. */
function runJournalled(stream: EngineStream): Round {
  const engine = new MatchingEngine({ symbolCount: 1 });
  const journal = new JournalWriter();
  const { words } = stream;
  let from = 0;
  const run = (to: number) => {
    for (; from < to; from++) {
      const at = from * COMMAND_RECORD_WORDS;
      journal.append(words, at, engine.executeRecord(words, at));
      if (from % storedEvery === 0) journal.markStored();
    }
  };
  return timed(stream, engine, run);
}

/** The same with the journal and both market data feeds. */
function runPublished(stream: EngineStream): Round {
  const engine = new MatchingEngine({ symbolCount: 1 });
  const journal = new JournalWriter();
  const feed = new MarketDataFeed(engine);
  const { words } = stream;
  let from = 0;
  const run = (to: number) => {
    for (; from < to; from++) {
      const at = from * COMMAND_RECORD_WORDS;
      journal.append(words, at, engine.executeRecord(words, at));
      if (from % storedEvery === 0) journal.markStored();
      feed.publish();
    }
  };
  return timed(stream, engine, run);
}

function timed(stream: EngineStream, engine: MatchingEngine, run: (to: number) => void): Round {
  run(stream.fillCount);
  const before = oldGenerationBytes();
  // Processor time, not wall time: other work on the machine should not count.
  const start = process.cpuUsage();
  run(stream.count);
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  const oldGenerationMb = (oldGenerationBytes() - before) / 2 ** 20;
  const perSecond = ((stream.count - stream.fillCount) / ms) * 1000;
  return { perSecond, liveOrders: engine.openOrderCount, oldGenerationMb };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function report(stream: EngineStream, name: string, run: (stream: EngineStream) => Round): void {
  const all = Array.from({ length: rounds }, () => run(stream));
  const speed = (median(all.map((round) => round.perSecond)) / 1e6).toFixed(2);
  const best = (Math.max(...all.map((round) => round.perSecond)) / 1e6).toFixed(2);
  const growth = median(all.map(({ oldGenerationMb }) => oldGenerationMb)).toFixed(2);
  const live = all[0]?.liveOrders ?? 0;
  console.log(`${name}: ${speed} M commands/s (best ${best}), ${live} live, +${growth} MB heap`);
}

/**
 * Commands per second of a second run: V8 throws away the machine code of what has not run for some collections, so that
 * the first run after another program pays for compiling it again.
 */
function runWarm(stream: EngineStream): number {
  runCalls(stream);
  return runCalls(stream).perSecond;
}

/** Engine, peer, engine, so that what else the machine does meets both; the median of the rounds' ratios. */
function reportPeer(stream: EngineStream, name: string): void {
  const turns = Array.from({ length: peerRounds }, () => {
    const before = runWarm(stream);
    const peer = runPeer(stream, peerSecondsMax);
    const own = (before + runWarm(stream)) / 2;
    return { peer, times: Math.round(own / peer.perSecond) };
  });
  const perSecond = Math.round(median(turns.map(({ peer }) => peer.perSecond)));
  const counts = turns.map(({ peer }) => peer.commandCount).join(", ");
  const times = turns.map((turn) => turn.times);
  console.log(
    `${name}: ${perSecond} commands/s (${counts} of them), ${median(times)} times slower (${times.join(", ")})`,
  );
}

function reportSnapshot(stream: EngineStream, name: string): void {
  const engine = new MatchingEngine({ symbolCount: 1 });
  for (let row = 0; row < stream.fillCount; row++) {
    engine.executeRecord(stream.words, row * COMMAND_RECORD_WORDS);
  }
  const write: number[] = [];
  const read: number[] = [];
  const hash: number[] = [];
  for (let round = 0; round < 9; round++) {
    const start = performance.now();
    const view = new DataView(new ArrayBuffer(engine.byteLength()));
    engine.write(view, 0);
    const written = performance.now();
    const copy = new MatchingEngine({ symbolCount: 1 });
    copy.read(view, 0, view.byteLength);
    const rebuilt = performance.now();
    engine.stateHash();
    write.push(written - start);
    read.push(rebuilt - written);
    hash.push(performance.now() - rebuilt);
  }
  const [w, r, h] = [write, read, hash].map((all) => median(all).toFixed(1));
  console.log(`${name} of ${engine.openOrderCount} orders: ${w} ms, rebuild ${r} ms, hash ${h} ms`);
}

/** Recovery without input and output: every record of a journal in memory is checked, decoded and executed. */
function reportReplay(stream: EngineStream, name: string): void {
  const journal = new JournalWriter();
  for (let row = 0; row < stream.count; row++) {
    journal.append(stream.words, row * COMMAND_RECORD_WORDS, row + 1);
  }
  const perSecond = Array.from({ length: rounds }, () => {
    const engine = new MatchingEngine({ symbolCount: 1 });
    const start = process.cpuUsage();
    const { recordCount } = scanJournal(journal.bytes(), (_, record) => {
      engine.executeRecord(record, 0);
    });
    const { user, system } = process.cpuUsage(start);
    return (recordCount / (user + system)) * 1e6;
  });
  console.log(`${name}: ${(median(perSecond) / 1e6).toFixed(2)} M commands/s`);
}

tuneEngine();
for (const [depth, liveOrders] of [
  ["shallow book", 5_000],
  ["deep book", 100_000],
] as const) {
  const measures: [string, (stream: EngineStream, name: string) => void][] = [
    [depth, (stream, name) => report(stream, name, runCalls)],
    [`${depth}, journal`, (stream, name) => report(stream, name, runJournalled)],
    [`${depth}, journal, L2 and L3`, (stream, name) => report(stream, name, runPublished)],
    [`${depth}, replay of the journal`, reportReplay],
    [`${depth}, nodejs-order-book`, reportPeer],
    [`${depth}, snapshot`, reportSnapshot],
  ];
  const wanted = measures.filter(([name]) => name.includes(only));
  if (wanted.length === 0) continue;
  const stream = engineStream({ liveOrders, commands, seed: 1 });
  for (const [name, measure] of wanted) measure(stream, name);
}

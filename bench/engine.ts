/**
 * Speed of the matching engine on one core: `node --expose-gc --import tsx bench/engine.ts`. Every figure is the median of
 * several rounds over the same seeded stream, in processor time; the commands are records made beforehand, so that only the engine is timed.
 */
import { performance } from "node:perf_hooks";
import {
  COMMAND_RECORD_WORDS,
  JournalWriter,
  MarketDataFeed,
  MatchingEngine,
} from "../sim/engine/index.ts";
import { type EngineStream, engineStream } from "./engine-stream.ts";

const commands = Number(process.env["STORMBELL_BENCH_COMMANDS"] ?? 2_000_000);
const rounds = 5;

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
  const { words } = stream;
  let from = 0;
  const run = (to: number) => {
    for (; from < to; from++) {
      const at = from * COMMAND_RECORD_WORDS;
      const head = words[at] ?? 0;
      if ((head & 15) === 2) engine.cancel(0, words[at + 2] ?? 0);
      else {
        const side = ((head >> 4) & 1) as 0 | 1;
        const tif = ((head >> 8) & 7) as 0 | 1;
        engine.place(0, words[at + 2] ?? 0, side, 0, tif, words[at + 3] ?? 0, words[at + 4] ?? 0);
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

function report(name: string, stream: EngineStream, once: (stream: EngineStream) => Round): void {
  const all = Array.from({ length: rounds }, () => once(stream));
  const speed = (median(all.map(({ perSecond }) => perSecond)) / 1e6).toFixed(2);
  const best = (Math.max(...all.map(({ perSecond }) => perSecond)) / 1e6).toFixed(2);
  const growth = median(all.map(({ oldGenerationMb }) => oldGenerationMb)).toFixed(2);
  const live = all[0]?.liveOrders ?? 0;
  console.log(`${name}: ${speed} M commands/s (best ${best}), ${live} live, +${growth} MB heap`);
}

function reportSnapshot(stream: EngineStream): void {
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
  console.log(
    `snapshot of ${engine.openOrderCount} orders: ${w} ms, rebuild ${r} ms, hash ${h} ms`,
  );
}

const shallow = engineStream({ liveOrders: 5_000, commands, seed: 1 });
report("shallow book", shallow, runCalls);
report("shallow book, journal", shallow, runJournalled);
report("shallow book, journal, L2 and L3", shallow, runPublished);
const deep = engineStream({ liveOrders: 100_000, commands, seed: 1 });
report("deep book", deep, runCalls);
report("deep book, journal", deep, runJournalled);
report("deep book, journal, L2 and L3", deep, runPublished);
reportSnapshot(deep);

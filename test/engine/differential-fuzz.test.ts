import { expect, test } from "vitest";
import {
  COMMAND_RECORD_WORDS,
  EventKind,
  JournalWriter,
  LevelFeedBook,
  MarketDataFeed,
  type MatchingEngine,
  OrderFeedBook,
  recover,
  takeVenueSnapshot,
} from "../../sim/engine/index.ts";
import {
  encodeCommand,
  engineBook,
  engineFor,
  engineLog,
  referenceBook,
  runOnEngine,
  runOnReference,
} from "./engine-driver.ts";
import { RandomCommands, seededRandom } from "./random-commands.ts";
import { type Config, ReferenceEngine } from "./reference-engine.ts";

/**
 * Commands in all; CI asks for a million. A failure names its seed; to repeat it alone:
 * STORMBELL_FUZZ_SEED=<seed> STORMBELL_FUZZ_COMMANDS=1 npx vitest run test/engine/differential-fuzz.test.ts
 */
const commandsWanted = Number(process.env["STORMBELL_FUZZ_COMMANDS"] ?? 30_000);
const firstSeed = Number(process.env["STORMBELL_FUZZ_SEED"] ?? 1);
const commandsPerSeed = 300;

/** As `expect(found).toEqual(wanted)`, which is slow where it holds; `where` is only built where it does not. */
function same(found: unknown, wanted: unknown, where: () => string): void {
  if (found === wanted || JSON.stringify(found) === JSON.stringify(wanted)) return;
  expect(found, where()).toEqual(wanted);
}

function copyOf(engine: MatchingEngine, config: Config): MatchingEngine {
  const bytes = engine.byteLength();
  const view = new DataView(new ArrayBuffer(bytes + 3));
  engine.write(view, 3);
  const copy = engineFor(config);
  copy.read(view, 3, bytes);
  expect(copy.stateHash()).toBe(engine.stateHash());
  expect(copy.byteLength()).toBe(bytes);
  return copy;
}

/** Nothing is created or lost: what came in is open, was filled, or was taken away. */
function checkConservation(reference: ReferenceEngine, where: () => string): void {
  const open = reference.state.orders.reduce((sum, order) => sum + order.leaves, 0);
  const { accepted, amendedUp, filled, cancelled, amendedDown } = reference;
  same(accepted + amendedUp, open + filled + cancelled + amendedDown, where);
}

/** In continuous trading the best bid is below the best ask, save for waiting all-or-none orders. */
function checkNotCrossed(reference: ReferenceEngine, where: () => string): void {
  if (reference.state.phase !== "continuous") return;
  const bid = reference.line("buy").find((order) => !order.aon);
  const ask = reference.line("sell").find((order) => !order.aon);
  if (bid && ask) same(bid.price < ask.price, true, where);
}

/** Level totals are the sums of the shown orders. */
function checkLevels(engine: MatchingEngine): void {
  for (const side of [0, 1] as const) {
    const sums = new Map<number, number>();
    engine.forEachOpenOrder(0, (_id, orderSide, price, _leaves, shown) => {
      if (orderSide === side && shown > 0 && price > 0) {
        sums.set(price, (sums.get(price) ?? 0) + shown);
      }
    });
    const prices: number[] = [];
    const quantities: number[] = [];
    const count = engine.levels(0, side, 1000, prices, quantities);
    expect(prices.slice(0, count)).toEqual([...sums.keys()]);
    expect(quantities.slice(0, count)).toEqual([...sums.values()]);
  }
}

/** Both feeds rebuild what the engine shows. */
class Subscriber {
  private readonly feed: MarketDataFeed;
  private readonly orders = new OrderFeedBook(0);
  private readonly levels = new LevelFeedBook(0);

  constructor(engine: MatchingEngine) {
    this.feed = new MarketDataFeed(engine);
    this.orders.load(this.feed.orderSnapshot(0));
    this.levels.load(this.feed.levelSnapshot(0));
  }

  follow(where: () => string): void {
    const { feed, orders, levels } = this;
    feed.publish();
    for (let row = 0; row < feed.orders.count; row++) {
      same(orders.apply(feed.orders, row), "applied", where);
    }
    for (let row = 0; row < feed.levels.count; row++) {
      same(levels.apply(feed.levels, row), "applied", where);
    }
  }

  compare(where: () => string): void {
    const { feed, orders, levels } = this;
    const ordersNow = feed.orderSnapshot(0).orders;
    for (const side of [0, 1] as const) {
      const wanted = ordersNow.filter((order) => order.side === side);
      same(orders.line(side), wanted, where);
    }
    const { bids, asks } = feed.levelSnapshot(0);
    same(levels.levels(0), bids, where);
    same(levels.levels(1), asks, where);
  }
}

/** A venue that journals records, gets every tenth command twice, and is recovered at the end. */
class Venue {
  readonly engine: MatchingEngine;
  private readonly config: Config;
  private readonly journal = new JournalWriter();
  private readonly snapshots: Uint8Array[] = [];
  private readonly words = new Float64Array(COMMAND_RECORD_WORDS);

  constructor(config: Config) {
    this.config = config;
    this.engine = engineFor(config);
  }

  execute(command: Parameters<typeof encodeCommand>[1], reqId: number): string[] {
    const { engine, words } = this;
    encodeCommand(words, command, reqId);
    const sequence = engine.executeRecord(words, 0);
    this.journal.append(words, 0, sequence);
    const log = engineLog(engine);
    if (reqId % 10 === 0) {
      const hash = engine.stateHash();
      expect(engine.executeRecord(words, 0)).toBe(sequence);
      expect(engine.events.kind(0)).toBe(EventKind.repeated);
      expect(engine.stateHash()).toBe(hash);
    }
    if (reqId % 64 === 0) this.snapshots.push(takeVenueSnapshot(engine));
    return log;
  }

  checkRecovery(): void {
    const engine = engineFor(this.config);
    const journal = this.journal.bytes();
    recover(engine, { snapshots: this.snapshots, journal });
    expect(engine.stateHash()).toBe(this.engine.stateHash());
    expect(engine.sequence).toBe(this.engine.sequence);
    const replayed = engineFor(this.config);
    recover(replayed, { snapshots: [], journal });
    expect(replayed.stateHash()).toBe(this.engine.stateHash());
  }
}

function runSeed(seed: number): void {
  const random = seededRandom(seed);
  const config = RandomCommands.config(random);
  const commands = new RandomCommands(random, config.phase);
  const reference = new ReferenceEngine(config);
  const venue = new Venue(config);
  let engine = engineFor(config);
  let subscriber = new Subscriber(engine);
  for (let i = 0; i < commandsPerSeed; i++) {
    const command = commands.next(reference.state.orders.map(({ id }) => id));
    runOnReference(reference, command);
    runOnEngine(engine, command);
    const where = () => `seed ${seed}, command ${i}: ${JSON.stringify(command)}`;
    same(engineLog(engine), reference.log, where);
    same(engineBook(engine), referenceBook(reference), where);
    same(venue.execute(command, i), reference.log, where);
    subscriber.follow(where);
    checkNotCrossed(reference, where);
    checkConservation(reference, where);
    if (i % 8 === 0) {
      checkLevels(engine);
      subscriber.compare(where);
    }
    if (i % 32 === 0) {
      engine = copyOf(engine, config);
      subscriber = new Subscriber(engine);
    }
  }
  expect(venue.engine.stateHash()).toBe(engine.stateHash());
  venue.checkRecovery();
}

test(`the engine and the slow reference agree on ${commandsWanted} random commands`, () => {
  for (let done = 0, seed = firstSeed; done < commandsWanted; done += commandsPerSeed, seed++) {
    runSeed(seed);
  }
}, 1_200_000);

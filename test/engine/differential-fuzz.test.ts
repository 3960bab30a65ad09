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
const commandsWanted = Number(process.env["STORMBELL_FUZZ_COMMANDS"] ?? 60_000);
const firstSeed = Number(process.env["STORMBELL_FUZZ_SEED"] ?? 1);
const commandsPerSeed = 300;

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
function checkConservation(reference: ReferenceEngine): void {
  const open = reference.state.orders.reduce((sum, order) => sum + order.leaves, 0);
  const { accepted, amendedUp, filled, cancelled, amendedDown } = reference;
  expect(accepted + amendedUp).toBe(open + filled + cancelled + amendedDown);
}

/** In continuous trading the best bid is below the best ask, save for waiting all-or-none orders. */
function checkNotCrossed(reference: ReferenceEngine): void {
  if (reference.state.phase !== "continuous") return;
  const bid = reference.line("buy").find((order) => !order.aon);
  const ask = reference.line("sell").find((order) => !order.aon);
  if (bid && ask) expect(bid.price).toBeLessThan(ask.price);
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

  follow(where: string): void {
    const { feed, orders, levels } = this;
    feed.publish();
    for (let row = 0; row < feed.orders.count; row++) {
      expect(orders.apply(feed.orders, row)).toBe("applied");
    }
    for (let row = 0; row < feed.levels.count; row++) {
      expect(levels.apply(feed.levels, row)).toBe("applied");
    }
    const ordersNow = feed.orderSnapshot(0).orders;
    for (const side of [0, 1] as const) {
      const line = orders.line(side);
      expect(line, where).toEqual(ordersNow.filter((order) => order.side === side));
    }
    const { bids, asks } = feed.levelSnapshot(0);
    expect(levels.levels(0), where).toEqual(bids);
    expect(levels.levels(1), where).toEqual(asks);
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
      expect(engine.events.kind[0]).toBe(EventKind.repeated);
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
    const where = `seed ${seed}, command ${i}: ${JSON.stringify(command)}`;
    expect(engineLog(engine), where).toEqual(reference.log);
    expect(engineBook(engine), where).toBe(referenceBook(reference));
    expect(venue.execute(command, i), where).toEqual(reference.log);
    subscriber.follow(where);
    checkNotCrossed(reference);
    checkConservation(reference);
    if (i % 16 === 0) checkLevels(engine);
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

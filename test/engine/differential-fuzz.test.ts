import { expect, test } from "vitest";
import type { MatchingEngine } from "../../sim/engine/index.ts";
import {
  engineBook,
  engineFor,
  engineLog,
  referenceBook,
  runOnEngine,
  runOnReference,
} from "./engine-driver.ts";
import { type Command, RandomCommands, seededRandom } from "./random-commands.ts";
import { type Config, ReferenceEngine } from "./reference-engine.ts";

/**
 * Commands in all; CI asks for a million. A failure prints its seed: STORMBELL_FUZZ_SEED=<seed> STORMBELL_FUZZ_COMMANDS=300
 * npx vitest run test/engine/differential-fuzz.test.ts
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

function runSeed(seed: number): void {
  const random = seededRandom(seed);
  const config = RandomCommands.config(random);
  const commands = new RandomCommands(random, config.phase);
  const reference = new ReferenceEngine(config);
  let engine = engineFor(config);
  const history: Command[] = [];
  for (let i = 0; i < commandsPerSeed; i++) {
    const command = commands.next(reference.state.orders.map(({ id }) => id));
    history.push(command);
    runOnReference(reference, command);
    runOnEngine(engine, command);
    const where = `seed ${seed}, command ${i}: ${JSON.stringify(command)}`;
    expect(engineLog(engine), where).toEqual(reference.log);
    expect(engineBook(engine), where).toBe(referenceBook(reference));
    checkNotCrossed(reference);
    checkConservation(reference);
    if (i % 16 === 0) checkLevels(engine);
    if (i % 32 === 0) engine = copyOf(engine, config);
  }
}

test(`the engine and the slow reference agree on ${commandsWanted} random commands`, () => {
  for (let done = 0, seed = firstSeed; done < commandsWanted; done += commandsPerSeed, seed++) {
    runSeed(seed);
  }
}, 1_200_000);

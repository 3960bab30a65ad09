import { expect, test } from "vitest";
import { Phase, Side } from "../../engine/codes.ts";
import { isMarketStep } from "../fabric/requests.ts";
import { MatchingBed } from "./matching-bed.ts";

const times = {
  reopenHaltedSeconds: 5,
  reopenCancelOnlySeconds: 20,
  reopenAuctionSeconds: 30,
  reopenDirectBelowSeconds: 15,
};

function bedThatReopens(changes: Partial<typeof times> = {}): MatchingBed {
  const bed = new MatchingBed({ matching: { parameters: { ...times, ...changes } } });
  bed.bed.runSeconds(1);
  return bed;
}

/** States in force, as the event log has them: `[name, second]`, from an instant on. */
function states(bed: MatchingBed, fromUs = 0): [string, number][] {
  const prefix = "matching.market-";
  return ["halted", "cancel-only", "auction", "continuous"]
    .flatMap((name) => bed.bed.events(`${prefix}${name}`))
    .filter(({ atUs }) => atUs > fromUs)
    .sort((a, b) => a.seq - b.seq)
    .map(({ kind, atUs }) => [kind.slice(prefix.length), atUs / 1_000_000]);
}

/** Kills the task and runs until a new one has the market in a state. */
function killUntil(bed: MatchingBed, phase: Phase): void {
  bed.bed.fail(bed.matching.active, "crash");
  runUntil(bed, phase);
}

function runUntil(bed: MatchingBed, phase: Phase): void {
  for (let tenths = 0; tenths < 6000; tenths += 1) {
    bed.bed.runSeconds(0.1);
    if (bed.matching.isRunning && bed.matching.engine.phaseOf(0) === phase) return;
  }
  throw new Error(`the market never came to phase ${phase}`);
}

test("the market opens with the run, and after an outage goes through its states, each for its time", () => {
  const bed = bedThatReopens();
  expect(states(bed).map(([name]) => name)).toEqual(["continuous"]);
  const failedUs = bed.bed.kernel.nowUs;
  killUntil(bed, Phase.auction);
  runUntil(bed, Phase.continuous);
  bed.bed.runSeconds(1);
  const passed = states(bed, failedUs);
  expect(passed.map(([name]) => name)).toEqual(["halted", "cancel-only", "auction", "continuous"]);
  const seconds = passed.map(([, second]) => second);
  // A step takes the engine milliseconds and the journal some more.
  expect(seconds[1]! - seconds[0]!).toBeCloseTo(5, 1);
  expect(seconds[2]! - seconds[1]!).toBeCloseTo(20, 1);
  expect(seconds[3]! - seconds[2]!).toBeCloseTo(30, 1);
  const [continuous] = bed.bed.events("matching.market-continuous").slice(-1);
  expect(bed.bed.causes(continuous!.seq)[0]).toBe("instance.failed-by-crash");
});

test("a state is in the journal, for every symbol, before its time begins to count", () => {
  const bed = bedThatReopens();
  killUntil(bed, Phase.continuous);
  bed.bed.runSeconds(1);
  const { requests } = bed.bed.fabric;
  const steps = bed.durable.filter(isMarketStep);
  expect(steps.map((step) => [requests.symbolOf(step), requests.phaseOf(step)])).toEqual(
    [Phase.halted, Phase.cancelOnly, Phase.auction, Phase.continuous].flatMap((phase) =>
      [0, 1, 2, 3].map((symbol) => [symbol, phase]),
    ),
  );
  const recovered = bed.matching.engine.stateHash();
  expect(bed.matching.isRunning).toBe(true);
  // Whoever replays the journal passes through the same states.
  bed.bed.fail(bed.matching.active, "crash");
  expect(bed.matching.heldBooks()!.stateHash()).toBe(recovered);
});

test("the engine answers by the state of its market: cancels always, orders from the auction on, trades at its end", () => {
  const bed = bedThatReopens();
  const stale = bed.send({ side: Side.buy, priceTicks: 90 });
  bed.bed.runSeconds(2);
  const { engine } = bed.matching;
  expect(engine.leavesOf(stale)).toBe(10);
  killUntil(bed, Phase.cancelOnly);
  const turnedAway = bed.send({ side: Side.buy, priceTicks: 95 });
  bed.cancel(stale);
  bed.bed.runSeconds(3);
  expect(bed.durable).toContain(turnedAway);
  expect(engine.leavesOf(turnedAway)).toBe(0);
  expect(engine.leavesOf(stale)).toBe(0);
  runUntil(bed, Phase.auction);
  const seller = bed.send({ side: Side.sell, priceTicks: 100, quantity: 5 });
  const buyer = bed.send({ side: Side.buy, priceTicks: 102, quantity: 8 });
  bed.bed.runSeconds(3);
  expect([engine.leavesOf(seller), engine.leavesOf(buyer)]).toEqual([5, 8]);
  runUntil(bed, Phase.continuous);
  expect([engine.leavesOf(seller), engine.leavesOf(buyer)]).toEqual([0, 3]);
});

test("a state of no seconds is left out", () => {
  const bed = bedThatReopens({ reopenHaltedSeconds: 0, reopenAuctionSeconds: 0 });
  const failedUs = bed.bed.kernel.nowUs;
  killUntil(bed, Phase.cancelOnly);
  runUntil(bed, Phase.continuous);
  bed.bed.runSeconds(1);
  expect(states(bed, failedUs).map(([name]) => name)).toEqual(["cancel-only", "continuous"]);
});

test("after an outage shorter than the threshold, trading goes on at once", () => {
  const long = bedThatReopens();
  const short = bedThatReopens({ reopenDirectBelowSeconds: 300 });
  for (const bed of [long, short]) killUntil(bed, bed === long ? Phase.halted : Phase.continuous);
  short.bed.runSeconds(1);
  expect(states(short).map(([name]) => name)).toEqual(["continuous", "continuous"]);
  expect(short.durable.filter(isMarketStep)).toEqual([]);
});

test.each([Phase.halted, Phase.cancelOnly, Phase.auction])(
  "an owner that dies in phase %i leaves the procedure to its successor, which begins it anew however short the outage",
  (phase) => {
    const bed = bedThatReopens({ reopenDirectBelowSeconds: 400 });
    // A long outage first; the second is short enough for trading to go on at once, had the market been open.
    bed.matching.setControlPlaneFrozen(true);
    bed.bed.fail(bed.matching.active, "crash");
    bed.bed.runSeconds(400);
    bed.matching.setControlPlaneFrozen(false);
    runUntil(bed, phase);
    bed.bed.runSeconds(1);
    const diedUs = bed.bed.kernel.nowUs;
    killUntil(bed, Phase.continuous);
    bed.bed.runSeconds(1);
    expect(states(bed, diedUs).map(([name]) => name)).toEqual([
      "halted",
      "cancel-only",
      "auction",
      "continuous",
    ]);
    expect(bed.matching.isRunning).toBe(true);
  },
);

test.each([Phase.halted, Phase.cancelOnly, Phase.auction])(
  "a simulation restored in phase %i goes on as if it had not been interrupted",
  (phase) => {
    const whole = bedThatReopens();
    whole.send({ side: Side.sell, priceTicks: 100 });
    killUntil(whole, phase);
    const snapshot = whole.bed.kernel.snapshot();
    const restored = new MatchingBed({ matching: { parameters: times } });
    restored.bed.kernel.restore(snapshot, { random: "same" });
    for (const bed of [whole, restored]) bed.bed.runSeconds(120);
    expect(restored.matching.engine.phaseOf(0)).toBe(Phase.continuous);
    expect(restored.bed.kernel.digest()).toBe(whole.bed.kernel.digest());
    expect(restored.matching.engine.stateHash()).toBe(whole.matching.engine.stateHash());
    expect(states(restored)).toEqual(states(whole));
  },
);

/** An owner whose market trades, halted from outside; the halt is the cause of what follows. */
function halted() {
  const bed = bedThatReopens();
  bed.bed.runSeconds(1);
  const cause = bed.bed.fabric.log.append(bed.bed.fabric.log.kind("test.halt", "fault"), {}, -1);
  bed.matching.haltMarket(cause);
  bed.bed.runSeconds(1);
  return { bed, cause, fromUs: 1_500_000 };
}

test("a market that is halted from outside stays halted, turns orders away, and reopens step by step when the halt is over", () => {
  const { bed, cause, fromUs } = halted();
  bed.bed.runSeconds(100);
  expect(states(bed, fromUs).map(([name]) => name)).toEqual(["halted"]);
  const turnedAway = bed.send({ side: Side.buy, priceTicks: 95 });
  bed.bed.runSeconds(2);
  expect(bed.durable).toContain(turnedAway);
  expect(bed.matching.engine.leavesOf(turnedAway)).toBe(0);

  const overUs = bed.bed.kernel.nowUs;
  bed.matching.endHalt(cause);
  bed.bed.runSeconds(60);
  const passed = states(bed, overUs);
  expect(passed.map(([name]) => name)).toEqual(["cancel-only", "auction", "continuous"]);
  expect(passed[2]![1] - passed[0]![1]).toBeCloseTo(50, 0);
  const [continuous] = bed.bed.events("matching.market-continuous").slice(-1);
  expect(bed.bed.causes(continuous!.seq)[0]).toBe("test.halt");
});

test("an owner that recovers the books during a halt halts the market and waits for the end of the halt", () => {
  const { bed, cause } = halted();
  const failedUs = bed.bed.kernel.nowUs;
  bed.bed.fail(bed.matching.active, "crash");
  bed.bed.runSeconds(400);
  expect(bed.matching.isRunning).toBe(true);
  expect(states(bed, failedUs).map(([name]) => name)).toEqual(["halted"]);
  bed.matching.endHalt(cause);
  bed.bed.runSeconds(60);
  expect(states(bed, failedUs).at(-1)![0]).toBe("continuous");
});

test("a halt that begins while there is no engine is in force when one has its books, and one that ends meanwhile is not", () => {
  for (const ends of [false, true]) {
    const bed = bedThatReopens();
    bed.bed.fail(bed.matching.active, "crash");
    bed.matching.haltMarket(-1);
    if (ends) bed.matching.endHalt(-1);
    bed.bed.runSeconds(400);
    expect(bed.matching.isMarketIn("halted")).toBe(!ends);
    expect(bed.matching.isMarketIn("continuous")).toBe(ends);
  }
});

test.each([0, 0.002, 0.01, 0.05, 0.2, 1, 10, 24, 26, 40, 55, 56])(
  "a halt %d s into a reopening holds until it is over, and the reopening then begins after it",
  (seconds) => {
    const bed = bedThatReopens();
    killUntil(bed, Phase.halted);
    bed.bed.runSeconds(seconds);
    bed.matching.haltMarket(-1);
    bed.bed.runSeconds(200);
    expect(bed.matching.isMarketIn("halted")).toBe(true);
    const overUs = bed.bed.kernel.nowUs;
    bed.matching.endHalt(-1);
    bed.bed.runSeconds(200);
    expect(states(bed, overUs).map(([name]) => name)).toEqual([
      "cancel-only",
      "auction",
      "continuous",
    ]);
  },
);

test("a halt that comes while the journal does not have the next state yet begins once it has", () => {
  const bed = bedThatReopens();
  killUntil(bed, Phase.halted);
  while (bed.matching.engine.phaseOf(0) !== Phase.cancelOnly) bed.bed.runSeconds(0.0005);
  expect(bed.matching.isMarketIn("cancel-only")).toBe(false);
  bed.matching.haltMarket(-1);
  bed.bed.runSeconds(1);
  expect(
    states(bed)
      .slice(-2)
      .map(([name]) => name),
  ).toEqual(["cancel-only", "halted"]);
});

test("people who lead the market take it over from a halt, whose end then changes nothing", () => {
  const { bed, cause } = halted();
  expect(bed.matching.leadMarket("auction", cause)).toBe(true);
  bed.bed.runSeconds(1);
  bed.matching.endHalt(cause);
  bed.bed.runSeconds(100);
  expect(bed.matching.isMarketIn("auction")).toBe(true);
});

test("what was to end a state that people have led the market out of does not stir it later", () => {
  const bed = bedThatReopens();
  killUntil(bed, Phase.cancelOnly);
  bed.bed.runSeconds(1);
  const ledUs = bed.bed.kernel.nowUs;
  for (const state of ["halted", "continuous"] as const) {
    expect(bed.matching.leadMarket(state, -1)).toBe(true);
    bed.bed.runSeconds(1);
    expect(bed.matching.isMarketIn(state)).toBe(true);
  }
  bed.bed.runSeconds(200);
  expect(states(bed, ledUs).map(([name]) => name)).toEqual(["halted", "continuous"]);
});

test("a simulation restored during a halt goes on as if it had not been interrupted", () => {
  const { bed } = halted();
  const restored = new MatchingBed({ matching: { parameters: times } });
  restored.bed.fabric.log.kind("test.halt", "fault");
  restored.bed.kernel.restore(bed.bed.kernel.snapshot(), { random: "same" });
  for (const each of [bed, restored]) {
    each.bed.runSeconds(30);
    each.matching.endHalt(-1);
    each.bed.runSeconds(100);
  }
  expect(restored.matching.isMarketIn("continuous")).toBe(true);
  expect(restored.bed.kernel.digest()).toBe(bed.bed.kernel.digest());
});
